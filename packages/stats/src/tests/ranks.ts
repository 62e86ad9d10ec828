// Two samples laid out in one order: what every rank test starts from.
import { radixSort } from '../radix-sort.js';

/** One distinct value of the pooled samples. */
export interface Tie {
  /** Copies of it in x and in y. */
  readonly inX: number;
  readonly inY: number;
  /** Values of x, of y, that lie before it. */
  readonly beforeX: number;
  readonly beforeY: number;
}

/** Walks the distinct values of both samples in ascending order. The samples are free of NaN. */
export function* pooledTies(x: Float64Array, y: Float64Array): Generator<Tie> {
  const [xs, ys] = [radixSort(x), radixSort(y)];
  let i = 0;
  let j = 0;
  while (i < xs.length || j < ys.length) {
    const value = Math.min(xs[i] ?? Infinity, ys[j] ?? Infinity);
    const [beforeX, beforeY] = [i, j];
    while (i < xs.length && xs[i] === value) i += 1;
    while (j < ys.length && ys[j] === value) j += 1;
    yield { inX: i - beforeX, inY: j - beforeY, beforeX, beforeY };
  }
}
