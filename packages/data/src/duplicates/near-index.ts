// Finds rows that are much alike without comparing every pair: MinHash signatures in bands (Broder 1997; Indyk and Motwani
// 1998; Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, ch. 3). Two rows of likeness s share a band of r values
// with probability s^r, so that a pair is missed with probability (1 - s^r)^b: that is the stated error. What the bands
// bring together is then compared mark by mark, so that no pair is named that is not alike.
// The seed must not be one that the maker of the rows could know: whoever knows it can change the few marks that decide.
import { mulberry32 } from '@vallum/stats';
import { likeness, mixed } from './shingles.js';

export interface NearOptions {
  readonly bands: number;
  /** Values in a band. */
  readonly width: number;
  readonly seed: number;
  /** Rows with more in common than that are told, 0 to 1. */
  readonly threshold: number;
  /** Marks that are held in all: four bytes each. */
  readonly maxMarks: number;
  readonly maxRows: number;
}

export interface NearPair {
  /** Numbers as `add` gave them; the earlier one first. */
  readonly a: number;
  readonly b: number;
  readonly likeness: number;
}

/** Rows of one bucket that are compared all with all; of more, each with the first and the one before it. */
const CROWD = 40;

/** Probability that a pair of so much likeness is not found. */
export function missProbability(likeness: number, { bands, width }: Pick<NearOptions, 'bands' | 'width'>): number {
  return (1 - likeness ** width) ** bands;
}

export class NearIndex {
  readonly #options: NearOptions;
  readonly #salts: Uint32Array;
  readonly #marks: Uint32Array[] = [];
  #keys: Uint32Array;
  #held = 0;
  #left = 0;
  #crowds = 0;

  constructor(options: NearOptions) {
    this.#options = options;
    const random = mulberry32(options.seed);
    this.#salts = Uint32Array.from({ length: options.bands * options.width }, () => Math.floor(random() * 2 ** 32));
    this.#keys = new Uint32Array(1024 * options.bands);
  }

  /** @returns its number, or -1 where there was no room or nothing to compare */
  add(marks: Uint32Array): number {
    if (marks.length === 0) return -1;
    const { maxMarks, maxRows, bands } = this.#options;
    if (this.#held + marks.length > maxMarks || this.#marks.length >= maxRows) {
      this.#left += 1;
      return -1;
    }
    const number = this.#marks.push(marks) - 1;
    this.#held += marks.length;
    if ((number + 1) * bands > this.#keys.length) {
      const larger = new Uint32Array(this.#keys.length * 2);
      larger.set(this.#keys);
      this.#keys = larger;
    }
    this.#sign(marks, number * bands);
    return number;
  }

  /** Rows that were not taken in, because memory is bounded. */
  get left(): number {
    return this.#left;
  }

  get rows(): number {
    return this.#marks.length;
  }

  /** Buckets with so many rows that not every pair of them was compared. */
  get crowds(): number {
    return this.#crowds;
  }

  #sign(marks: Uint32Array, at: number): void {
    const { bands, width } = this.#options;
    for (let band = 0; band < bands; band += 1) {
      let key = band;
      for (let value = 0; value < width; value += 1) {
        const salt = this.#salts[band * width + value] ?? 0;
        let least = 0xffffffff;
        for (const mark of marks) {
          // Twice multiplied: one multiplication keeps too much of the order of the marks.
          let hash = Math.imul(mark ^ salt, 0x9e3779b1);
          hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca77);
          hash = (hash ^ (hash >>> 13)) >>> 0;
          if (hash < least) least = hash;
        }
        key = mixed(Math.imul(key, 31) ^ least);
      }
      this.#keys[at + band] = key;
    }
  }

  /** Every pair once; one band at a time, so that the caller can give others a turn between them. */
  *pairs(): Generator<readonly NearPair[], void, undefined> {
    const { bands } = this.#options;
    const count = this.#marks.length;
    const seen = new Set<number>();
    const packed = new Float64Array(count);
    for (let band = 0; band < bands; band += 1) {
      for (let row = 0; row < count; row += 1) packed[row] = (this.#keys[row * bands + band] ?? 0) * 2 ** 21 + row;
      packed.sort();
      const found: NearPair[] = [];
      for (let start = 0; start < count;) {
        const key = Math.floor((packed[start] ?? 0) / 2 ** 21);
        let end = start + 1;
        while (end < count && Math.floor((packed[end] ?? 0) / 2 ** 21) === key) end += 1;
        if (end - start > 1) this.#bucket(packed.subarray(start, end), seen, found);
        start = end;
      }
      yield found;
    }
  }

  #bucket(packed: Float64Array, seen: Set<number>, found: NearPair[]): void {
    const crowd = packed.length > CROWD;
    if (crowd) this.#crowds += 1;
    for (let j = 1; j < packed.length; j += 1)
      for (let i = crowd ? j - 1 : 0; i < j; i += 1) {
        this.#compare(packed[i] ?? 0, packed[j] ?? 0, seen, found);
        if (crowd && i > 0) this.#compare(packed[0] ?? 0, packed[j] ?? 0, seen, found);
      }
  }

  #compare(left: number, right: number, seen: Set<number>, found: NearPair[]): void {
    const [a, b] = [left % 2 ** 21, right % 2 ** 21];
    const pair = a * 2 ** 21 + b;
    // The set is bounded by memory; a pair that fell out of it is compared again and told twice, which callers allow for.
    if (seen.has(pair)) return;
    if (seen.size >= MAX_SEEN) seen.clear();
    seen.add(pair);
    const alike = likeness(this.#marks[a] ?? new Uint32Array(), this.#marks[b] ?? new Uint32Array());
    if (alike >= this.#options.threshold) found.push({ a, b, likeness: alike });
  }
}

const MAX_SEEN = 4_000_000;
/** What fits beside a 32-bit key into a double. */
export const MAX_NEAR_ROWS = 2 ** 21;
