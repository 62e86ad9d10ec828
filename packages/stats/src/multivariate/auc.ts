// Area under the ROC curve with its interval: DeLong, DeLong and Clarke-Pearson (Biometrics 44, 1988), by midranks in
// O(n log n) (Sun and Xu, IEEE Signal Processing Letters 21, 2014).
import type { Bounds } from '../intervals.js';
import { checkFinite, refuseInput } from '../samples.js';
import { normalQuantile } from '../special/normal.js';

export interface Auc extends Bounds {
  /** Probability that a positive scores above a negative, ties counting one half. */
  readonly auc: number;
  /** Standard error by DeLong; 0 when the classes are told apart without a fault. */
  readonly standardError: number;
  readonly positives: number;
  readonly negatives: number;
}

/**
 * The interval is DeLong's on the logit scale, which stays between 0 and 1. Where the classes are told apart without a
 * fault it is exact for the min(m, n) disjoint pairs of a positive and a negative, of which none is in the wrong order;
 * with a single positive or negative, or all scores equal, it says next to nothing.
 * @param labels 1 for a positive, 0 for a negative
 * @throws VallumError STATS_INPUT on NaN or infinities, on other labels, or without a positive and a negative
 */
export function auc(scores: Float64Array, labels: ArrayLike<number>, level = 0.95): Auc {
  checkFinite(scores);
  if (labels.length !== scores.length) throw refuseInput(`${labels.length} labels for ${scores.length} scores`);
  const parts: [number[], number[]] = [[], []];
  for (let i = 0; i < scores.length; i += 1) {
    const part = parts[labels[i] as number];
    if (part === undefined)
      throw refuseInput('a label is neither 0 nor 1', 'Give 1 for positives and 0 for negatives.');
    part.push(scores[i] as number);
  }
  const negatives = Float64Array.from(parts[0]).sort();
  const positives = Float64Array.from(parts[1]).sort();
  const [m, n] = [positives.length, negatives.length];
  if (m === 0 || n === 0) throw refuseInput('a ROC curve needs a positive and a negative', 'Take more rows.');
  const above = placements(positives, negatives);
  const area = mean(above);
  const variance = spread(above, area) / m + spread(placements(negatives, positives), 1 - area) / n;
  const standardError = Math.sqrt(variance);
  return {
    auc: area,
    standardError,
    positives: m,
    negatives: n,
    ...bounds(area, standardError, Math.min(m, n), level),
  };
}

/** For each value its share of `others` that lies below, ties counting one half; both ascending. */
function placements(values: Float64Array, others: Float64Array): Float64Array {
  const out = new Float64Array(values.length);
  let below = 0;
  let upTo = 0;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i] as number;
    while (below < others.length && (others[below] as number) < value) below += 1;
    while (upTo < others.length && (others[upTo] as number) <= value) upTo += 1;
    out[i] = (below + upTo) / 2 / others.length;
  }
  return out;
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function spread(values: Float64Array, centre: number): number {
  if (values.length < 2) return 0;
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1);
}

function bounds(area: number, error: number, pairs: number, level: number): Bounds {
  const tail = (1 - level) / 2;
  if (pairs < 2 || error === 0) {
    const reach = tail ** (1 / pairs);
    return { low: area === 1 ? reach : 0, high: area === 0 ? 1 - reach : 1 };
  }
  const logit = Math.log(area / (1 - area));
  const half = (normalQuantile(1 - tail) * error) / (area * (1 - area));
  const back = (value: number): number => 1 / (1 + Math.exp(-value));
  return { low: back(logit - half), high: back(logit + half) };
}
