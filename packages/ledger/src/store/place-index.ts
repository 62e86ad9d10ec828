// Where in the packs each id lies, in 28 bytes a record and no objects: whoever can write packs decides how many records
// there are. Ids are told apart by two salted sums modulo a prime (Carter and Wegman 1979): without the salt nobody can
// choose ids that meet, and by chance two do with a probability of 2^-64.
import { randomBytes } from 'node:crypto';

export interface Place {
  /** Number of the pack. */
  readonly pack: number;
  /** First byte in the pack. */
  readonly from: number;
  readonly length: number;
}

const PRIME = 4_294_967_291;
/** An id is 16 words of 16 bits: a sum of their products with factors below 2^32 is exact. */
const WORDS = 16;
const FIELDS = 6;
const [NEXT, LOW, HIGH, PACK, FROM, LENGTH] = [0, 1, 2, 3, 4, 5];
const PER_CHUNK = 16_384;
const FEWEST_CHAINS = 1024;

/** Ids are 32 bytes. */
export class PlaceIndex {
  readonly #factors = Array.from({ length: 2 * WORDS }, () => randomBytes(6).readUIntBE(0, 6) % PRIME);
  /** Rows of `FIELDS` numbers; NEXT is the row before it in its chain plus one, or zero. */
  readonly #chunks: Uint32Array[] = [];
  #chains = new Uint32Array(FEWEST_CHAINS);
  #size = 0;

  add(id: Uint8Array, { pack, from, length }: Place): void {
    if (this.#size === this.#chains.length) this.#widen();
    if (this.#size % PER_CHUNK === 0) this.#chunks.push(new Uint32Array(FIELDS * PER_CHUNK));
    const [low, high] = this.#sums(id);
    const [chunk, at] = this.#row(this.#size);
    chunk.set([0, low, high, pack, from, length], at);
    this.#chain(this.#size);
    this.#size += 1;
  }

  /** In the order in which they were added. */
  find(id: Uint8Array): readonly Place[] {
    const [low, high] = this.#sums(id);
    const found: Place[] = [];
    for (let row = this.#chains[low % this.#chains.length] ?? 0; row > 0;) {
      const [chunk, at] = this.#row(row - 1);
      const field = (which: number): number => chunk[at + which] ?? 0;
      if (field(LOW) === low && field(HIGH) === high)
        found.push({ pack: field(PACK), from: field(FROM), length: field(LENGTH) });
      row = field(NEXT);
    }
    return found.reverse();
  }

  #row(row: number): readonly [Uint32Array, number] {
    return [this.#chunks[Math.floor(row / PER_CHUNK)] as Uint32Array, FIELDS * (row % PER_CHUNK)];
  }

  #chain(row: number): void {
    const [chunk, at] = this.#row(row);
    const chain = (chunk[at + LOW] ?? 0) % this.#chains.length;
    chunk[at + NEXT] = this.#chains[chain] ?? 0;
    this.#chains[chain] = row + 1;
  }

  #widen(): void {
    this.#chains = new Uint32Array(2 * this.#chains.length);
    for (let row = 0; row < this.#size; row += 1) this.#chain(row);
  }

  #sums(id: Uint8Array): readonly [number, number] {
    let [low, high] = [0, 0];
    for (let word = 0; word < WORDS; word += 1) {
      const value = ((id[2 * word] ?? 0) << 8) | (id[2 * word + 1] ?? 0);
      low += value * (this.#factors[word] ?? 0);
      high += value * (this.#factors[WORDS + word] ?? 0);
    }
    return [low % PRIME, high % PRIME];
  }
}
