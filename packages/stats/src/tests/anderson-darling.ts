// k-sample Anderson-Darling test, mid-rank form A^2_akN, which weighs the tails more than Kolmogorov-Smirnov does.
// F. W. Scholz and M. A. Stephens, "K-sample Anderson-Darling tests", JASA 82, 1987.
import { radixSort } from '../radix-sort.js';
import type { TestResult } from '../result.js';
import { checkSample, refuseInput } from '../samples.js';

/** Their table of critical points: level, then the coefficients of 1, 1/sqrt(k - 1) and 1/(k - 1). */
const POINTS = [
  [0.25, 0.675, -0.245, -0.105],
  [0.1, 1.281, 0.25, -0.305],
  [0.05, 1.645, 0.678, -0.362],
  [0.025, 1.96, 1.149, -0.391],
  [0.01, 2.326, 1.822, -0.396],
  [0.005, 2.573, 2.364, -0.345],
  [0.001, 3.085, 3.615, -0.154],
] as const;

/**
 * The standardised statistic; p is interpolated between the tabled points and says no more than "at least 0.25" or "at most
 * 0.001" outside them: it stops at these values.
 * @throws VallumError STATS_INPUT on NaN, fewer than two samples, an empty one, fewer than four values in all (the variance has a
 *   pole there), or a pool with a single distinct value
 */
export function andersonDarling(samples: readonly Float64Array[]): TestResult {
  if (samples.length < 2) throw refuseInput('the k-sample test needs at least two samples');
  for (const sample of samples) checkSample(sample);
  const sorted = samples.map((sample) => radixSort(sample));
  const pool = radixSort(concatenate(sorted));
  if (pool.length < 4) throw refuseInput('the k-sample test needs at least four values in all');
  if (pool[0] === pool[pool.length - 1]) throw refuseInput('all values are equal: there is nothing to rank');
  const degrees = samples.length - 1;
  const sizes = samples.map((sample) => sample.length);
  const statistic = (criterion(sorted, pool) - degrees) / Math.sqrt(variance(sizes));
  return { statistic, p: interpolatedP(statistic, degrees) };
}

function concatenate(samples: readonly Float64Array[]): Float64Array {
  const pool = new Float64Array(samples.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const sample of samples) {
    pool.set(sample, at);
    at += sample.length;
  }
  return pool;
}

/** Formula 7 of the paper. */
function criterion(samples: readonly Float64Array[], pool: Float64Array): number {
  const total = pool.length;
  const passed = samples.map(() => 0);
  const sums = samples.map(() => 0);
  for (let start = 0; start < total;) {
    const value = pool[start] as number;
    let end = start;
    while (end < total && pool[end] === value) end += 1;
    const ties = end - start;
    const midPool = start + ties / 2;
    const weight = ties / total / (midPool * (total - midPool) - (total * ties) / 4);
    samples.forEach((sample, index) => {
      const before = passed[index] as number;
      let after = before;
      while (after < sample.length && sample[after] === value) after += 1;
      passed[index] = after;
      const midSample = (before + after) / 2;
      sums[index] = (sums[index] as number) + weight * (total * midSample - sample.length * midPool) ** 2;
    });
    start = end;
  }
  const scaled = samples.reduce((sum, sample, index) => sum + (sums[index] as number) / sample.length, 0);
  return (scaled * (total - 1)) / total;
}

/** Variance of the criterion under no difference, formula 4 of the paper. */
function variance(sizes: readonly number[]): number {
  const k = sizes.length;
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const inverse = sizes.reduce((sum, size) => sum + 1 / size, 0);
  let h = 0;
  for (let i = 1; i < total; i += 1) h += 1 / i;
  // g = sum over i < j of 1 / ((total - i) j), in one pass: the inner sum grows as j falls.
  let g = 0;
  let inner = 0;
  for (let j = 2; j < total; j += 1) {
    inner += 1 / (total - j + 1);
    g += inner / j;
  }
  const a = (4 * g - 6) * (k - 1) + (10 - 6 * g) * inverse;
  const b = (2 * g - 4) * k ** 2 + 8 * h * k + (2 * g - 14 * h - 4) * inverse - 8 * h + 4 * g - 6;
  const c = (6 * h + 2 * g - 2) * k ** 2 + (4 * h - 4 * g + 6) * k + (2 * h - 6) * inverse + 4 * h;
  const d = (2 * h + 6) * k ** 2 - 4 * h * k;
  return (a * total ** 3 + b * total ** 2 + c * total + d) / ((total - 1) * (total - 2) * (total - 3));
}

/** log p as a least-squares parabola through the tabled points for this number of samples. */
function interpolatedP(statistic: number, degrees: number): number {
  const critical = POINTS.map(([, b0, b1, b2]) => b0 + b1 / Math.sqrt(degrees) + b2 / degrees);
  const levels = POINTS.map(([level]) => level);
  if (statistic < Math.min(...critical)) return Math.max(...levels);
  if (statistic > Math.max(...critical)) return Math.min(...levels);
  const centre = critical.reduce((sum, point) => sum + point, 0) / critical.length;
  const basis = orthogonalPowers(critical.map((point) => point - centre));
  const at = statistic - centre;
  let log = 0;
  for (const { values, evaluate } of basis) {
    const norm = values.reduce((sum, value) => sum + value * value, 0);
    const weight = values.reduce((sum, value, i) => sum + value * Math.log(levels[i] as number), 0) / norm;
    log += weight * evaluate(at);
  }
  return Math.exp(log);
}

/** 1, t and a parabola that are orthogonal over centred points: the fit needs no system of equations. */
function orthogonalPowers(points: readonly number[]) {
  const mean = (power: number): number => points.reduce((sum, point) => sum + point ** power, 0) / points.length;
  const slope = mean(3) / mean(2);
  const level = mean(2);
  const functions = [() => 1, (t: number) => t, (t: number) => t * t - slope * t - level];
  return functions.map((evaluate) => ({ evaluate, values: points.map(evaluate) }));
}
