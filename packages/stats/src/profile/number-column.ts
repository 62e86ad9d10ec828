// One numeric column while its rows come in. Values are taken in blocks: first those that are no finite numbers are counted
// and left out, then each summary runs over the clean block, so that every loop is small and stays in the cache.
import { CdfBuilder } from './cdf-builder.js';
import type { CdfOptions } from './cdf-builder.js';
import { HIGH } from './float-order.js';
import { HyperLogLog } from './hyper-log-log.js';
import { Kll } from './kll.js';
import { centralSums, mergeSums, NO_VALUES } from './moments.js';
import type { CentralSums } from './moments.js';
import type { NumberProfile, ProfileNumbers } from './profile.js';

/** Values in a block: 128 KiB. */
export const BLOCK = 16_384;

export interface NumberColumnOptions extends CdfOptions {
  readonly k: number;
  readonly seed: number;
  /** Scratch of `BLOCK` values, shared by all columns. */
  readonly clean: Float64Array;
}

export class NumberColumn {
  readonly #clean: Float64Array;
  /** The same memory. */
  readonly #words: Int32Array;
  readonly #cdf: CdfBuilder;
  readonly #quantiles: Kll;
  readonly #distinct = new HyperLogLog();
  #missing = 0;
  #nan = 0;
  #positiveInfinity = 0;
  #negativeInfinity = 0;
  #zeros = 0;
  #negative = 0;
  #min = Infinity;
  #max = -Infinity;
  #moments: CentralSums = NO_VALUES;

  constructor(options: NumberColumnOptions) {
    this.#clean = options.clean;
    this.#words = new Int32Array(options.clean.buffer, options.clean.byteOffset, 2 * options.clean.length);
    this.#cdf = new CdfBuilder(options);
    this.#quantiles = new Kll(options);
  }

  add({ values, missing }: ProfileNumbers, rows: number): void {
    for (let start = 0; start < rows; start += BLOCK)
      this.#block(values, missing, start, Math.min(rows, start + BLOCK));
  }

  #block(values: Float64Array, missing: Uint8Array | undefined, start: number, end: number): void {
    const clean = this.#clean;
    let n = 0;
    let absent = 0;
    let zeros = 0;
    let negative = 0;
    let sum = 0;
    let min = Infinity;
    let max = -Infinity;
    for (let i = start; i < end; i += 1) {
      if (missing !== undefined && missing[i] !== 0) {
        absent += 1;
        continue;
      }
      // Adding zero leaves one sign of zero.
      const value = (values[i] as number) + 0;
      if (value - value !== 0) {
        this.#notFinite(value);
        continue;
      }
      clean[n] = value;
      n += 1;
      sum += value;
      if (value < min) min = value;
      if (value > max) max = value;
      if (value === 0) zeros += 1;
    }
    // By the sign bit: a branch on the sign of ordinary data is mispredicted every second time.
    for (let i = 0; i < n; i += 1) negative += (this.#words[2 * i + HIGH] as number) >>> 31;
    this.#missing += absent;
    this.#zeros += zeros;
    this.#negative += negative;
    if (min < this.#min) this.#min = min;
    if (max > this.#max) this.#max = max;
    this.#moments = mergeSums(this.#moments, centralSums(clean, n, sum));
    this.#distinct.addNumbers(clean, n);
    this.#quantiles.add(clean, n);
    this.#cdf.add(clean, n, min, max);
  }

  #notFinite(value: number): void {
    if (Number.isNaN(value)) this.#nan += 1;
    else if (value > 0) this.#positiveInfinity += 1;
    else this.#negativeInfinity += 1;
  }

  value(name: string, type: 'number' | 'time'): NumberProfile {
    const cdf = this.#cdf.value();
    return {
      name,
      type,
      missing: this.#missing,
      nan: this.#nan,
      positiveInfinity: this.#positiveInfinity,
      negativeInfinity: this.#negativeInfinity,
      zeros: this.#zeros,
      negative: this.#negative,
      min: cdf.n === 0 ? null : this.#min,
      max: cdf.n === 0 ? null : this.#max,
      moments: finiteSums(this.#moments),
      cdf,
      quantiles: this.#quantiles.toJson(),
      distinct: this.#distinct.toJson(),
    };
  }
}

/** Fourth powers of large values leave the range of doubles: then there is no figure, rather than a wrong one. */
export function finiteSums(sums: CentralSums): CentralSums | null {
  return Object.values(sums).every(Number.isFinite) ? sums : null;
}
