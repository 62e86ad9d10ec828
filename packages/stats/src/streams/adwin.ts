// ADWIN: a window that grows while the mean stays; drift is when some cut leaves two parts that differ by more than chance
// (Bifet and Gavalda 2007, the second algorithm with the variance bound). The window is an exponential histogram: row i has up
// to `maxBuckets` buckets of 2^i values, so memory is logarithmic. After drift it begins anew, as River does (the paper keeps
// the newer part, which alarms several times for one change).
import type { JsonObject, JsonValue } from '@vallum/core';
import { doubleOf, writtenObject } from '../profile/fields.js';
import type { Fields } from '../profile/fields.js';
import { requireFinite, requireRange } from './detector.js';
import type { StreamDetector, StreamStatus } from './detector.js';

export interface AdwinOptions {
  readonly kind: 'adwin';
  /** Confidence of one cut; default 0.002. */
  readonly delta?: number;
  /** Values between two checks; default 32. */
  readonly clock?: number;
  /** Default 5. */
  readonly maxBuckets?: number;
  /** Values that each part of a cut has at least; default 5. */
  readonly minWindow?: number;
  /** No check up to this width; default 10. */
  readonly grace?: number;
}

interface Bucket {
  readonly total: number;
  /** Sum of squared distances from the mean of the bucket. */
  readonly squares: number;
}

const MOST_ROWS = 52;

export class Adwin implements StreamDetector {
  readonly #options: Required<AdwinOptions>;
  /** Row i: buckets of 2^i values, oldest first. */
  #rows: Bucket[][] = [[]];
  #width = 0;
  #total = 0;
  #squares = 0;
  #tick = 0;
  #score = -Infinity;

  constructor(options: AdwinOptions) {
    this.#options = { delta: 0.002, clock: 32, maxBuckets: 5, minWindow: 5, grace: 10, ...options };
    requireRange('delta', this.#options.delta, Number.MIN_VALUE, 1);
    requireRange('clock', this.#options.clock, 1, 1e6);
    requireRange('maxBuckets', this.#options.maxBuckets, 2, 1000);
    requireRange('minWindow', this.#options.minWindow, 1, 1e6);
    requireRange('grace', this.#options.grace, 1, 1e9);
  }

  get score(): number {
    return this.#score;
  }

  /** Values in the window. */
  get width(): number {
    return this.#width;
  }

  get mean(): number {
    return this.#width === 0 ? 0 : this.#total / this.#width;
  }

  update(value: number): StreamStatus {
    requireFinite(value);
    this.#insert(value);
    this.#tick += 1;
    if (this.#tick % this.#options.clock !== 0 || this.#width <= this.#options.grace) {
      this.#score = -Infinity;
      return 'stable';
    }
    this.#score = this.#evidence();
    if (!(this.#score > -Math.log(this.#options.delta))) return 'stable';
    [this.#rows, this.#width, this.#total, this.#squares, this.#tick] = [[[]], 0, 0, 0, 0];
    return 'drift';
  }

  #insert(value: number): void {
    if (this.#width > 0) this.#squares += spread(this.#width, this.#total / this.#width, 1, value);
    this.#width += 1;
    this.#total += value;
    (this.#rows[0] as Bucket[]).push({ total: value, squares: 0 });
    for (let i = 0; (this.#rows[i] as Bucket[]).length > this.#options.maxBuckets && i < MOST_ROWS; i += 1) {
      const [a, b] = (this.#rows[i] as Bucket[]).splice(0, 2) as [Bucket, Bucket];
      const size = 2 ** i;
      const squares = a.squares + b.squares + spread(size, a.total / size, size, b.total / size);
      if (this.#rows.length === i + 1) this.#rows.push([]);
      (this.#rows[i + 1] as Bucket[]).push({ total: a.total + b.total, squares });
    }
  }

  /**
   * The largest evidence of all cuts. The paper cuts where the means differ by more than
   * sqrt(2 v d / m) + 2 d / (3 m), d = ln(2 ln(n) / delta); solved for -ln(delta), so that the threshold stands alone.
   */
  #evidence(): number {
    const { minWindow } = this.#options;
    const variance = this.#squares / this.#width;
    const base = Math.log(2 * Math.log(this.#width));
    let largest = -Infinity;
    let [n, total] = [0, 0];
    for (let row = this.#rows.length - 1; row >= 0; row -= 1) {
      for (const bucket of this.#rows[row] as Bucket[]) {
        n += 2 ** row;
        total += bucket.total;
        const rest = this.#width - n;
        if (n < minWindow || rest < minWindow || rest === 0) continue;
        const difference = Math.abs(total / n - (this.#total - total) / rest);
        const inverse = 1 / (n - minWindow + 1) + 1 / (rest - minWindow + 1);
        const linear = Math.sqrt(2 * inverse * variance);
        const root = (-linear + Math.sqrt(linear * linear + (8 / 3) * inverse * difference)) / ((4 / 3) * inverse);
        largest = Math.max(largest, root * root - base);
      }
    }
    return largest;
  }

  state(): JsonObject {
    const rows = this.#rows.map((row) => row.map(({ total, squares }) => [total, squares]));
    const { delta, clock, maxBuckets, minWindow, grace } = this.#options;
    const options = { delta, clock, maxBuckets, minWindow, grace };
    return writtenObject({
      kind: 'adwin',
      ...options,
      tick: this.#tick,
      total: this.#total,
      squares: this.#squares,
      rows,
    });
  }

  static from(fields: Fields): Adwin {
    const detector = new Adwin({
      kind: 'adwin',
      delta: fields.number('delta'),
      clock: fields.count('clock'),
      maxBuckets: fields.count('maxBuckets'),
      minWindow: fields.count('minWindow'),
      grace: fields.count('grace'),
    });
    const rows = fields.list('rows', MOST_ROWS + 1);
    if (rows.length === 0) throw fields.wrong('rows', 'at least one row');
    detector.#rows = rows.map((row) => {
      if (!Array.isArray(row) || row.length > detector.#options.maxBuckets)
        throw fields.wrong('rows', 'lists of buckets');
      return row.map((bucket: unknown): Bucket => {
        const [total, squares] = Array.isArray(bucket) ? (bucket as readonly JsonValue[]).map(doubleOf) : [];
        if (total === undefined || squares === undefined || squares < 0) throw fields.wrong('rows', 'lists of buckets');
        return { total, squares };
      });
    });
    detector.#width = detector.#rows.reduce((sum, row, i) => sum + row.length * 2 ** i, 0);
    detector.#tick = fields.count('tick');
    detector.#total = fields.number('total');
    detector.#squares = fields.number('squares');
    if (detector.#squares < 0) throw fields.wrong('squares', 'at least 0');
    return detector;
  }
}

/** What two groups with these sizes and means add to the sum of squares when they become one. */
function spread(n: number, mean: number, m: number, other: number): number {
  return (n * m * (mean - other) ** 2) / (n + m);
}
