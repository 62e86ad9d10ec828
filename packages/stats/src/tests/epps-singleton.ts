// Epps-Singleton test: distance between empirical characteristic functions at two points; also for discrete data.
// T. W. Epps and K. J. Singleton, Journal of Statistical Computation and Simulation 26, 1986.
import { quantile } from '../quantile.js';
import type { TestResult } from '../result.js';
import { checkFinite, refuseInput } from '../samples.js';
import { chiSquareTail } from '../special/gamma.js';
import { symmetricEigen } from './symmetric-eigen.js';

/** Points of the characteristic function in units of the pooled semi-interquartile range, as the paper advises. */
const POINTS = [0.4, 0.8] as const;
const FEATURES = 2 * POINTS.length;
/** Eigenvalues of discrete data with few values are 0 up to rounding; those of other data lie far above this share of the largest. */
const SINGULAR = 1e-12;
/** Cosines and sines lie in [-1, 1]: a variance below this is rounding. */
const NO_SPREAD = 1e-24;
/** Below it the paper's small-sample correction applies. */
const SMALL = 25;

/**
 * W against chi-square with as many degrees as the covariance has rank: 4, or fewer when there are fewer than five distinct
 * values. A difference in a direction in which neither sample varies is certain: infinity and p = 0.
 * @throws VallumError STATS_INPUT on NaN, infinities, fewer than five values on a side, an interquartile range of 0,
 *   or constants on both sides
 */
export function eppsSingleton(x: Float64Array, y: Float64Array): TestResult {
  checkFinite(x, 5);
  checkFinite(y, 5);
  const pool = [...x, ...y];
  const scale = (quantile(pool, 0.75) - quantile(pool, 0.25)) / 2;
  if (!(scale > 0 && scale < Infinity))
    throw refuseInput(
      'the Epps-Singleton test needs an interquartile range above 0',
      'Use the chi-square test on counts.',
    );
  const points = POINTS.map((point) => point / scale);
  const [ofX, ofY] = [moments(x, points), moments(y, points)];
  const total = x.length + y.length;
  const covariance = ofX.covariance.map(
    (value, i) => (total / x.length) * value + (total / y.length) * (ofY.covariance[i] as number),
  );
  const difference = ofX.mean.map((value, i) => value - (ofY.mean[i] as number));
  const { values, vectors } = symmetricEigen(covariance, FEATURES);
  const largest = Math.max(...values);
  if (largest < NO_SPREAD) throw refuseInput('both samples are constant', 'Use the chi-square test on counts.');
  const cut = SINGULAR * largest;
  let [form, rank] = [0, 0];
  values.forEach((value, k) => {
    const along = difference.reduce((sum, d, i) => sum + d * (vectors[i * FEATURES + k] as number), 0);
    if (value > cut) {
      rank += 1;
      form += (along * along) / value;
    } else if (along * along > cut) form = Infinity;
  });
  const statistic = total * form * smallSampleFactor(x.length, y.length);
  return { statistic, p: chiSquareTail(statistic, rank) };
}

function smallSampleFactor(n: number, m: number): number {
  if (Math.max(n, m) >= SMALL) return 1;
  return 1 / (1 + (n + m) ** -0.45 + 10.1 * (n ** -1.7 + m ** -1.7));
}

/** Mean and (biased) covariance of cos and sin at each point. */
function moments(sample: Float64Array, points: readonly number[]) {
  const rows = [
    ...points.map((t) => sample.map((v) => Math.cos(t * v))),
    ...points.map((t) => sample.map((v) => Math.sin(t * v))),
  ];
  const mean = rows.map((row) => row.reduce((sum, value) => sum + value, 0) / row.length);
  const covariance = rows.flatMap((a, i) =>
    rows.map((b, j) => {
      let sum = 0;
      for (let k = 0; k < a.length; k += 1)
        sum += ((a[k] as number) - (mean[i] as number)) * ((b[k] as number) - (mean[j] as number));
      return sum / a.length;
    }),
  );
  return { mean, covariance };
}
