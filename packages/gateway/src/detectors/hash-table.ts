// Which family had a fingerprint last, in 12 MiB however many there are: sets of four places, of which the one that was used
// longest ago makes room. A map of as many entries costs ten times the memory and the time.

const SETS = 2 ** 18;
const WAYS = 4;

export class HashTable {
  readonly #keys = new Uint32Array(SETS * WAYS);
  readonly #values = new Uint32Array(SETS * WAYS);
  readonly #used = new Uint32Array(SETS * WAYS);
  #clock = 0;

  /** @returns 0 for what is not there */
  get(key: number): number {
    const from = setOf(key);
    for (let at = from; at < from + WAYS; at += 1)
      if (this.#keys[at] === key && this.#used[at] !== 0) return this.#values[at] as number;
    return 0;
  }

  /** @param value a whole number from 1 below 2^32 */
  set(key: number, value: number): void {
    const from = setOf(key);
    let place = from;
    for (let at = from; at < from + WAYS; at += 1) {
      if (this.#keys[at] === key && this.#used[at] !== 0) {
        place = at;
        break;
      }
      if ((this.#used[at] as number) < (this.#used[place] as number)) place = at;
    }
    // After 2^32 uses the order begins anew; until all were used again, the wrong ones are forgotten.
    this.#clock = (this.#clock + 1) >>> 0 || 1;
    this.#keys[place] = key;
    this.#values[place] = value;
    this.#used[place] = this.#clock;
  }
}

/** The smallest hashes are kept, so their upper bits are all alike: multiplied first. */
function setOf(key: number): number {
  return (Math.imul(key, 0x9e3779b1) >>> 14) * WAYS;
}
