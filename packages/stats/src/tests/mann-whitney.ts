// Mann-Whitney U test (Wilcoxon's rank sum test): do values of one sample tend to exceed those of the other?
import type { TestResult } from '../result.js';
import { checkSample } from '../samples.js';
import { normalTail } from '../special/normal.js';
import { pooledTies } from './ranks.js';

/** Without ties, exact when one side has at most this many values, as SciPy's `auto`... */
const SMALL_SIDE = 8;
/** ...and the sum of counts below stays affordable; beyond it the normal limit is close. */
const LARGEST_EXACT_WORK = 4e6;

/**
 * Two-sided; the statistic is U of x: pairs in which x is larger, ties counting half. The normal limit carries the corrections
 * for ties and continuity.
 * @throws VallumError STATS_INPUT on NaN or an empty sample
 */
export function mannWhitney(x: Float64Array, y: Float64Array): TestResult {
  checkSample(x);
  checkSample(y);
  const [n, m] = [x.length, y.length];
  let statistic = 0;
  let tieTerm = 0;
  for (const { inX, inY, beforeY } of pooledTies(x, y)) {
    statistic += inX * (beforeY + inY / 2);
    const count = inX + inY;
    tieTerm += count * (count * count - 1);
  }
  const smaller = Math.min(statistic, n * m - statistic);
  const fewer = Math.min(n, m);
  if (fewer <= SMALL_SIDE && tieTerm === 0 && fewer * n * m <= LARGEST_EXACT_WORK)
    return { statistic, p: Math.min(1, 2 * exactLowerTail(fewer, Math.max(n, m), smaller)) };
  const total = n + m;
  const spread = Math.sqrt(((n * m) / 12) * (total + 1 - tieTerm / (total * (total - 1))));
  // All values equal: no spread, and no evidence of anything.
  if (spread === 0) return { statistic, p: 1 };
  const z = ((n * m) / 2 - smaller - 0.5) / spread;
  return { statistic, p: Math.min(1, 2 * normalTail(z)) };
}

/**
 * P(U <= u) over all C(k + m, k) orders. The counts are the coefficients of a Gaussian binomial, built factor by factor in
 * whole numbers: floating point would cancel.
 */
function exactLowerTail(k: number, m: number, u: number): number {
  const counts = new Array<bigint>(u + 1).fill(0n);
  counts[0] = 1n;
  let orders = 1n;
  for (let factor = 1; factor <= k; factor += 1) {
    const a = m + factor;
    for (let i = u; i >= a; i -= 1) counts[i] = (counts[i] as bigint) - (counts[i - a] as bigint);
    for (let i = factor; i <= u; i += 1) counts[i] = (counts[i] as bigint) + (counts[i - factor] as bigint);
    orders = (orders * BigInt(a)) / BigInt(factor);
  }
  const below = counts.reduce((sum, count) => sum + count, 0n);
  return Number(below) / Number(orders);
}
