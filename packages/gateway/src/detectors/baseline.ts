// What inputs of a route look like: sketches of training rows, and how far apart neighbours among them lie. Everything that a
// detector calls near or far is measured by it.
import { quantile } from '@vallum/stats';
import { squaredTo } from './distance.js';

/** Rows kept: a query is held against each of them. */
export const BASELINE_ROWS = 512;
const LEAST_ROWS = 50;
/** Of the typical distance to the nearest neighbour. */
const NEAR = 0.4;

export class Baseline {
  readonly #rows: Float32Array;
  readonly #count: number;
  readonly #width: number;
  /** Typical distance from a row to its nearest neighbour. */
  readonly cell: number;
  /** Closer than training rows are to one another: a changed copy. */
  readonly near: number;
  /** Farther from all rows than all but one in a hundred training rows are from the others. */
  readonly far: number;

  private constructor(rows: Float32Array, count: number, width: number) {
    this.#rows = rows;
    this.#count = count;
    this.#width = width;
    const apart = Array.from({ length: count }, (_, row) =>
      this.#nearest(rows.subarray(row * width, (row + 1) * width), row),
    );
    this.cell = quantile(apart, 0.5);
    this.near = NEAR * this.cell;
    this.far = quantile(apart, 0.99);
  }

  /**
   * @param sketches means of training rows, in random order; the first 512 are kept
   * @returns undefined for fewer than 50, or when they are all alike: then nothing can be called near or far
   */
  static of(sketches: readonly Float32Array[]): Baseline | undefined {
    const kept = sketches.slice(0, BASELINE_ROWS);
    const width = kept[0]?.length ?? 0;
    if (kept.length < LEAST_ROWS || width === 0 || kept.some((means) => means.length !== width)) return undefined;
    const rows = new Float32Array(kept.length * width);
    kept.forEach((means, row) => rows.set(means, row * width));
    const made = new Baseline(rows, kept.length, width);
    return made.cell > 0 ? made : undefined;
  }

  /** Distance to the nearest row. */
  nearest(means: Float32Array): number {
    return this.#nearest(means, -1);
  }

  #nearest(means: Float32Array, except: number): number {
    let least = Infinity;
    for (let row = 0; row < this.#count; row += 1) {
      if (row === except) continue;
      const squared = squaredTo(means, this.#rows, row * this.#width, least);
      if (squared < least) least = squared;
    }
    return Math.sqrt(least);
  }
}
