// Permutation test for any two-sample statistic: valid at every sample size, for whatever distribution the values have.
import { mulberry32 } from '../random.js';
import type { TestResult } from '../result.js';
import { checkSample, refuseInput } from '../samples.js';

/** Values moved in a whole run; about ten seconds. */
const MOST_MOVES = 1e9;
/** Relative room for rounding: a statistic that sums in another order is the same statistic. */
const SAME = 1e-12;

export interface PermutationOptions {
  readonly seed: number;
  /** The smallest p that can come out is 1 / (permutations + 1). */
  readonly permutations: number;
}

/**
 * p = (1 + permutations at least as large as observed) / (1 + permutations), which never understates (Phipson and Smyth 2010).
 * @param statistic large when the samples differ; it must not keep or change the arrays, which are reused
 * @throws VallumError STATS_INPUT on NaN, an empty sample, impossible options, or a statistic that gives NaN
 */
export function permutationTest(
  x: Float64Array,
  y: Float64Array,
  statistic: (x: Float64Array, y: Float64Array) => number,
  { seed, permutations }: PermutationOptions,
): TestResult {
  checkSample(x);
  checkSample(y);
  const total = x.length + y.length;
  if (!(Number.isSafeInteger(permutations) && permutations >= 1))
    throw refuseInput('a permutation test needs permutations');
  if (permutations * total > MOST_MOVES)
    throw refuseInput(
      'the samples are too large for so many permutations',
      'Take fewer permutations, or parts of the samples.',
    );
  const pool = new Float64Array(total);
  pool.set(x);
  pool.set(y, x.length);
  const [first, second] = [pool.subarray(0, x.length), pool.subarray(x.length)];
  const measure = (): number => {
    const value = statistic(first, second);
    if (Number.isNaN(value)) throw refuseInput('the statistic is NaN', 'Use a statistic that always has a value.');
    return value;
  };
  const observed = measure();
  const least = Number.isFinite(observed) ? observed - SAME * Math.abs(observed) : observed;
  const random = mulberry32(seed);
  let atLeast = 0;
  for (let k = 0; k < permutations; k += 1) {
    // Which values land on the first side decides; the order within a side does not.
    for (let i = 0; i < x.length; i += 1) {
      const other = i + Math.floor(random() * (total - i));
      const held = pool[i] as number;
      pool[i] = pool[other] as number;
      pool[other] = held;
    }
    if (measure() >= least) atLeast += 1;
  }
  return { statistic: observed, p: (1 + atLeast) / (1 + permutations) };
}
