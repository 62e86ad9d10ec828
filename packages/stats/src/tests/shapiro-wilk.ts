// Shapiro-Wilk test of normality: how well do sorted values lie on the line that a normal sample would give?
// P. Royston, "Remark AS R94: a remark on algorithm AS 181", Applied Statistics 44, 1995; quantiles after M. J. Wichura, AS 241, 1988.
import { radixSort } from '../radix-sort.js';
import type { TestResult } from '../result.js';
import { checkFinite, refuseInput } from '../samples.js';
import { normalTail } from '../special/normal.js';

/** Royston's approximations were fitted up to here. */
const MOST_VALUES = 5_000;
/** Polynomials of AS R94, lowest power first. */
const LAST_WEIGHT = [0, 0.221157, -0.147981, -2.07119, 4.434685, -2.706056];
const SECOND_WEIGHT = [0, 0.042981, -0.293762, -1.752461, 5.682633, -3.582633];
const SMALL_MEAN = [0.544, -0.39978, 0.025054, -6.714e-4];
const SMALL_SPREAD = [1.3822, -0.77857, 0.062767, -0.0020322];
const LARGE_MEAN = [-1.5861, -0.31082, -0.083751, 0.0038915];
const LARGE_SPREAD = [-0.4803, -0.082676, 0.0030302];
const SMALL_SHIFT = [-2.273, 0.459];

/**
 * W near 1 for normal values, and p of a W at most as large; equal halves of ties are not corrected for, as in SciPy.
 * @throws VallumError STATS_INPUT on NaN or infinities, fewer than 3 or more than 5,000 values, or values that are all equal
 */
export function shapiroWilk(values: Float64Array): TestResult {
  checkFinite(values, 3);
  const n = values.length;
  if (n > MOST_VALUES)
    throw refuseInput(`${n} values; this test is known up to ${MOST_VALUES}`, 'Draw a sample of the values.');
  const sorted = radixSort(values);
  const range = (sorted[n - 1] as number) - (sorted[0] as number);
  if (!(range > 0 && range < Infinity))
    throw refuseInput('all values are equal, or too far apart to subtract', 'Give values that differ.');
  const lack = lackOfFit(sorted, range);
  return { statistic: 1 - lack, p: tail(lack, n) };
}

/** 1 - W, worked out as such so that it keeps its digits where W is near 1. */
function lackOfFit(sorted: Float64Array, range: number): number {
  const n = sorted.length;
  const weights = upperWeights(n);
  const weightOf = (i: number): number => {
    const mirror = n - 1 - i;
    if (i === mirror) return 0;
    return i < mirror ? -(weights[i] as number) : (weights[mirror] as number);
  };
  let mean = 0;
  for (const value of sorted) mean += value / range / n;
  let [weightSquares, squares, products] = [0, 0, 0];
  for (let i = 0; i < n; i += 1) {
    const weight = weightOf(i);
    const apart = (sorted[i] as number) / range - mean;
    weightSquares += weight * weight;
    squares += apart * apart;
    products += weight * apart;
  }
  const most = Math.sqrt(weightSquares * squares);
  return Math.max(0, ((most - products) * (most + products)) / (weightSquares * squares));
}

/** Weights of the larger half, largest value first. */
function upperWeights(n: number): Float64Array {
  const half = Math.floor(n / 2);
  if (n === 3) return Float64Array.of(Math.SQRT1_2);
  const expected = Float64Array.from({ length: half }, (_, i) => -quantile((i + 1 - 0.375) / (n + 0.25)));
  const total = 2 * expected.reduce((sum, m) => sum + m * m, 0);
  const root = Math.sqrt(total);
  const small = 1 / Math.sqrt(n);
  const [first, second] = [expected[0] as number, expected[1] as number];
  const last = polynomial(LAST_WEIGHT, small) + first / root;
  if (n <= 5) {
    const scale = Math.sqrt((total - 2 * first * first) / (1 - 2 * last * last));
    return expected.map((m, i) => (i === 0 ? last : m / scale));
  }
  const next = polynomial(SECOND_WEIGHT, small) + second / root;
  const left = total - 2 * first * first - 2 * second * second;
  const scale = Math.sqrt(left / (1 - 2 * last * last - 2 * next * next));
  return expected.map((m, i) => (i === 0 ? last : i === 1 ? next : m / scale));
}

function tail(lack: number, n: number): number {
  if (n === 3) {
    const p = (6 / Math.PI) * (Math.asin(Math.sqrt(1 - lack)) - Math.asin(Math.sqrt(0.75)));
    return Math.min(1, Math.max(0, p));
  }
  const log = Math.log(lack);
  if (n <= 11) {
    const shift = polynomial(SMALL_SHIFT, n);
    if (log >= shift) return 0;
    const z = (-Math.log(shift - log) - polynomial(SMALL_MEAN, n)) / Math.exp(polynomial(SMALL_SPREAD, n));
    return normalTail(z);
  }
  const size = Math.log(n);
  return normalTail((log - polynomial(LARGE_MEAN, size)) / Math.exp(polynomial(LARGE_SPREAD, size)));
}

function polynomial(coefficients: readonly number[], x: number): number {
  return coefficients.reduceRight((sum, coefficient) => sum * x + coefficient, 0);
}

const CENTRE_ABOVE = [
  3.387132872796366608, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125, 45921.953931549871457,
  67265.770927008700853, 33430.575583588128105, 2509.0809287301226727,
];
const CENTRE_BELOW = [
  1, 42.313330701600911252, 687.1870074920579083, 5394.1960214247511077, 21213.794301586595867, 39307.89580009271061,
  28729.085735721942674, 5226.495278852854561,
];
const SIDE_ABOVE = [
  1.42343711074968357734, 4.6303378461565452959, 5.7694972214606914055, 3.64784832476320460504, 1.27045825245236838258,
  0.24178072517745061177, 0.0227238449892691845833, 7.7454501427834140764e-4,
];
const SIDE_BELOW = [
  1, 2.05319162663775882187, 1.6763848301838038494, 0.68976733498510000455, 0.14810397642748007459,
  0.0151986665636164571966, 5.475938084995344946e-4, 1.05075007164441684324e-9,
];

/** AS 241 between 1e-10 and one half, which is where 5,000 expected values lie: bisection would take milliseconds. */
function quantile(p: number): number {
  const centred = p - 0.5;
  if (Math.abs(centred) <= 0.425) {
    const r = 0.180625 - centred * centred;
    return (centred * polynomial(CENTRE_ABOVE, r)) / polynomial(CENTRE_BELOW, r);
  }
  const r = Math.sqrt(-Math.log(p)) - 1.6;
  return -polynomial(SIDE_ABOVE, r) / polynomial(SIDE_BELOW, r);
}
