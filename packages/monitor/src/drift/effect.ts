// How large a change is, apart from how sure it is. For ordered values: the shift in standard deviations (of normal scores, so that
// one wild value does not make the unit), the ratio of the spreads, and the share of rows that moved: the largest difference between the two cumulative
// distributions. For categories: the share of rows that changed category at least, which is the total variation distance.
import { normalQuantile } from '@vallum/stats';
import type { Order } from './rank-statistics.js';
import { normalScores } from './rank-statistics.js';

export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export interface Effect {
  /** Mean of the current minus mean of the reference, in standard deviations; only for ordered values. */
  readonly shift?: Estimate;
  /** Standard deviation of the current over that of the reference, of normal scores; only for ordered values that vary. */
  readonly spread?: Estimate;
  /** Share of rows, 0 to 1. */
  readonly moved: Estimate;
}

/**
 * @param reference rows by bin, from index 1; at least one row. @param current likewise
 * @param level of the intervals. That of `shift` is the normal one; that of `moved` holds for every distribution and every size
 * (Dvoretzky-Kiefer-Wolfowitz with Massart's constant; Weissman et al. 2003 for categories) and is wide therefore.
 */
export function effectOf(reference: Float64Array, current: Float64Array, order: Order, level: number): Effect {
  const n = total(reference);
  const m = total(current);
  if (order === 'nominal') {
    let distance = 0;
    let bins = 0;
    for (let bin = 1; bin < reference.length; bin += 1) {
      distance += Math.abs((current[bin] as number) / m - (reference[bin] as number) / n) / 2;
      if ((current[bin] as number) + (reference[bin] as number) > 0) bins += 1;
    }
    const error = (rows: number): number => Math.sqrt((bins * Math.LN2 + Math.log(2 / (1 - level))) / (2 * rows));
    return { moved: around(distance, Math.min(1, error(n) + error(m))) };
  }
  let distance = 0;
  let difference = 0;
  for (let bin = 1; bin < reference.length; bin += 1) {
    difference += (current[bin] as number) / m - (reference[bin] as number) / n;
    distance = Math.max(distance, Math.abs(difference));
  }
  const error = (rows: number): number => Math.sqrt(Math.log(4 / (1 - level)) / (2 * rows));
  return { ...scored(reference, current, level), moved: around(distance, error(n) + error(m)) };
}

function scored(reference: Float64Array, current: Float64Array, level: number): Pick<Effect, 'shift' | 'spread'> {
  const scores = normalScores(reference.map((count, bin) => count + (current[bin] as number))).shift;
  const a = momentsOf(reference, scores);
  const b = momentsOf(current, scores);
  const n = total(reference);
  const m = total(current);
  const within = (a.squares + b.squares) / Math.max(1, n + m - 2);
  const unit = Math.sqrt(within);
  if (!(unit > 1e-9)) {
    // Two constants: no spread to measure in. The share that moved says everything.
    return { shift: { value: 0, low: 0, high: 0 } };
  }
  const z = normalQuantile((1 + level) / 2);
  const error = z * Math.sqrt(1 / n + 1 / m);
  const value = (b.mean - a.mean) / unit;
  const shift = { value, low: value - error, high: value + error };
  const ratio = Math.sqrt(b.squares / m / (a.squares / n));
  if (!(ratio > 0 && Number.isFinite(ratio))) return { shift };
  // Of the logarithm, on normal data.
  const factor = Math.exp(z * Math.sqrt(1 / (2 * n) + 1 / (2 * m)));
  return { shift, spread: { value: ratio, low: ratio / factor, high: ratio * factor } };
}

function momentsOf(counts: Float64Array, scores: Float64Array): { readonly mean: number; readonly squares: number } {
  let rows = 0;
  let sum = 0;
  let squares = 0;
  for (let bin = 1; bin < counts.length; bin += 1) {
    const count = counts[bin] as number;
    const score = scores[bin] as number;
    rows += count;
    sum += count * score;
    squares += count * score * score;
  }
  return { mean: sum / rows, squares: squares - (sum * sum) / rows };
}

function total(counts: Float64Array): number {
  let sum = 0;
  for (let bin = 1; bin < counts.length; bin += 1) sum += counts[bin] as number;
  return sum;
}

function around(value: number, error: number): Estimate {
  return { value: Math.min(1, value), low: Math.max(0, value - error), high: Math.min(1, value + error) };
}
