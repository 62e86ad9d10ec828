// Distances between two samples through their empirical distribution functions F and G.
import { radixSort } from '../radix-sort.js';
import { refuseInput } from '../samples.js';

/**
 * First Wasserstein (earth mover's) distance, the integral of |F - G|, in the unit of the values.
 * @throws VallumError STATS_INPUT on NaN, infinities or an empty sample
 */
export function wasserstein(x: Float64Array, y: Float64Array): number {
  return integrate(x, y, Math.abs);
}

/**
 * Energy distance, the root of twice the integral of (F - G)^2 (Szekely 2002), in the root of the unit of the values.
 * @throws VallumError STATS_INPUT on NaN, infinities or an empty sample
 */
export function energyDistance(x: Float64Array, y: Float64Array): number {
  return Math.sqrt(2 * integrate(x, y, (difference) => difference * difference));
}

function integrate(x: Float64Array, y: Float64Array, weigh: (difference: number) => number): number {
  const [xs, ys] = [sortedFinite(x), sortedFinite(y)];
  const [n, m] = [xs.length, ys.length];
  let i = 0;
  let j = 0;
  let sum = 0;
  let previous = Math.min(xs[0] as number, ys[0] as number);
  while (i < n || j < m) {
    const fromX = j === m || (i < n && (xs[i] as number) <= (ys[j] as number));
    const value = (fromX ? xs[i] : ys[j]) as number;
    if (value > previous) {
      // In units of 1 / (n m), whole numbers up to 2^53: no cancellation between nearly equal shares.
      sum += weigh((i * m - j * n) / (n * m)) * (value - previous);
      previous = value;
    }
    if (fromX) i += 1;
    else j += 1;
  }
  return sum;
}

/** NaN is refused by the sort, and infinities stand at the ends. */
function sortedFinite(values: Float64Array): Float64Array {
  const sorted = radixSort(values);
  if (!Number.isFinite(sorted[0]) || !Number.isFinite(sorted.at(-1)))
    throw refuseInput('a distance in the unit of the values needs at least one value and no infinity');
  return sorted;
}
