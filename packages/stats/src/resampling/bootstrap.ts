// Bootstrap intervals for any statistic of one sample (B. Efron and R. J. Tibshirani, "An Introduction to the Bootstrap",
// 1993, chapters 13 and 14).
import type { Bounds } from '../intervals.js';
import { quantile } from '../quantile.js';
import { mulberry32 } from '../random.js';
import { checkSample, refuseInput } from '../samples.js';
import { normalCdf, normalQuantile } from '../special/normal.js';

/** Draws of one value in a whole run; about ten seconds. */
const MOST_DRAWS = 1e9;

export interface BootstrapOptions {
  readonly seed: number;
  /** 2,000 are usual for an interval. */
  readonly resamples: number;
  /** Between 0 and 1; default 0.95. */
  readonly level?: number;
  /** `bca` corrects for bias and skewness, at the price of one more statistic per value; the default. */
  readonly method?: 'percentile' | 'bca';
}

/**
 * Approximate coverage; too narrow for small samples, and wrong for extremes such as a maximum. A run is bounded by
 * (resamples + values) x values <= 1e9.
 * @throws VallumError STATS_INPUT on NaN, fewer than two values, impossible options, or a statistic that gives NaN
 */
export function bootstrapInterval(
  sample: Float64Array,
  statistic: (resample: Float64Array) => number,
  options: BootstrapOptions,
): Bounds {
  const { seed, resamples, level = 0.95, method = 'bca' } = options;
  const n = sample.length;
  checkSample(sample, 2);
  if (!(level > 0 && level < 0.999999)) throw refuseInput(`a level lies between 0 and 1, not at ${level}`);
  if (!(Number.isSafeInteger(resamples) && resamples >= 10))
    throw refuseInput('a bootstrap needs at least 10 resamples');
  if ((resamples + (method === 'bca' ? n : 0)) * n > MOST_DRAWS)
    throw refuseInput(
      'the sample is too large for so many resamples',
      'Take fewer resamples, or a random part of the sample.',
    );
  const measured = (values: Float64Array): number => {
    const value = statistic(values);
    if (Number.isNaN(value))
      throw refuseInput('the statistic is NaN for a resample', 'Use a statistic that always has a value.');
    return value;
  };
  const random = mulberry32(seed);
  const drawn = new Float64Array(n);
  const values = Array.from({ length: resamples }, () => {
    for (let i = 0; i < n; i += 1) drawn[i] = sample[Math.floor(random() * n)] as number;
    return measured(drawn);
  });
  const tails = [(1 - level) / 2, (1 + level) / 2] as const;
  const [low, high] = method === 'bca' ? corrected(tails, sample, values, measured) : tails;
  return { low: quantile(values, low), high: quantile(values, high) };
}

/** The two levels at which the bias-corrected and accelerated interval reads the bootstrap distribution. */
function corrected(
  tails: readonly [number, number],
  sample: Float64Array,
  values: readonly number[],
  statistic: (values: Float64Array) => number,
): readonly [number, number] {
  const observed = statistic(sample);
  const below = values.filter((value) => value < observed).length;
  const equal = values.filter((value) => value === observed).length;
  const share = (below + equal / 2) / values.length;
  // The observed value lies outside everything that was drawn: there is no correction to compute.
  if (share === 0 || share === 1) return tails;
  const bias = normalQuantile(share);
  const acceleration = skewOfJackknife(sample, statistic);
  const shift = (tail: number): number => {
    const z = bias + normalQuantile(tail);
    return normalCdf(bias + z / (1 - acceleration * z));
  };
  return [shift(tails[0]), shift(tails[1])];
}

function skewOfJackknife(sample: Float64Array, statistic: (values: Float64Array) => number): number {
  const n = sample.length;
  const left = sample.slice(1);
  const values = Array.from({ length: n }, (_, out) => {
    if (out > 0) left[out - 1] = sample[out - 1] as number;
    return statistic(left);
  });
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const second = values.reduce((sum, value) => sum + (mean - value) ** 2, 0);
  const third = values.reduce((sum, value) => sum + (mean - value) ** 3, 0);
  return second === 0 ? 0 : third / (6 * second ** 1.5);
}
