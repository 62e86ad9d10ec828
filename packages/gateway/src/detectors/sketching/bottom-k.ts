// Keeps the k smallest distinct hashes: two inputs share about as many of them as they share windows (Broder, 1997).

export class BottomK {
  readonly #kept: Uint32Array;
  #size = 0;
  /** Only smaller hashes can enter. */
  bound = 2 ** 32;

  constructor(most: number) {
    this.#kept = new Uint32Array(most);
  }

  add(hash: number): void {
    const kept = this.#kept;
    const isFull = this.#size === kept.length;
    if (hash >= this.bound) return;
    let low = 0;
    let high = this.#size;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((kept[middle] as number) < hash) low = middle + 1;
      else high = middle;
    }
    if (low < this.#size && kept[low] === hash) return;
    const end = isFull ? this.#size - 1 : this.#size;
    kept.copyWithin(low + 1, low, end);
    kept[low] = hash;
    if (!isFull) this.#size += 1;
    if (this.#size === kept.length) this.bound = kept[this.#size - 1] as number;
  }

  /** Ascending; begins anew. */
  take(): Uint32Array {
    const taken = this.#kept.slice(0, this.#size);
    this.#size = 0;
    this.bound = 2 ** 32;
    return taken;
  }
}

/** How many hashes two ascending lists share. */
export function sharedHashes(a: Uint32Array, b: Uint32Array): number {
  let [i, j, shared] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    const [left, right] = [a[i] as number, b[j] as number];
    if (left === right) shared += 1;
    if (left <= right) i += 1;
    if (right <= left) j += 1;
  }
  return shared;
}
