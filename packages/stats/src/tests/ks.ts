// Two-sample Kolmogorov-Smirnov test: the largest distance between two empirical distribution functions.
import { radixSort } from '../radix-sort.js';
import type { TestResult } from '../result.js';
import { refuseInput } from '../samples.js';
import { kolmogorovTail } from '../special/kolmogorov/tail.js';
import { gcd } from './gcd.js';
import { isExactPossible, ksExactTail } from './ks-exact.js';

/** `auto` is exact up to this size of the larger sample, as SciPy's. */
const LARGEST_AUTO_EXACT = 10_000;

export type Method = 'auto' | 'exact' | 'asymptotic';

export interface KsResult extends TestResult {
  /** How p was computed: `exact` falls back when the lattice of the two sizes is too large. */
  readonly method: 'exact' | 'asymptotic';
}

/**
 * Two-sided; infinities are allowed, ties make p conservative. Sorts both sides; a side that is sorted already costs one scan.
 * @throws VallumError STATS_INPUT on NaN or an empty sample
 */
export function ksTest(x: Float64Array, y: Float64Array, options: { readonly method?: Method } = {}): KsResult {
  const [n, m] = [x.length, y.length];
  if (n === 0 || m === 0) throw refuseInput('the Kolmogorov-Smirnov test needs a value on each side');
  const statistic = ksStatisticSorted(radixSort(x), radixSort(y));
  const { method = 'auto' } = options;
  const wanted = method === 'auto' ? Math.max(n, m) <= LARGEST_AUTO_EXACT : method === 'exact';
  if (wanted && isExactPossible(n, m)) {
    const steps = Math.round(statistic * (n / gcd(n, m)) * m);
    return { statistic, p: ksExactTail(n, m, steps), method: 'exact' };
  }
  const p = kolmogorovTail(Math.max(1, roundHalfEven((n * m) / (n + m))), statistic);
  return { statistic, p, method: 'asymptotic' };
}

/** The statistic alone, of two samples that the caller keeps sorted ascending and free of NaN; in [0, 1]. */
export function ksStatisticSorted(xs: Float64Array, ys: Float64Array): number {
  const [n, m] = [xs.length, ys.length];
  let i = 0;
  let j = 0;
  let largest = 0;
  while (i < n && j < m) {
    const x = xs[i] as number;
    const y = ys[j] as number;
    // All copies of the smaller value are passed before the functions are compared: the middle of a tie is not a point.
    if (x <= y) {
      i += 1;
      while (i < n && xs[i] === x) i += 1;
    }
    if (y <= x) {
      j += 1;
      while (j < m && ys[j] === y) j += 1;
    }
    // In units of 1 / (n m), whole numbers: exact up to 2^53.
    const difference = i * m - j * n;
    if (difference > largest) largest = difference;
    else if (-difference > largest) largest = -difference;
  }
  return largest / (n * m);
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
