// How well a row's given label fits its out-of-fold probabilities: 0 looks wrong, 1 looks right.
// Definitions: Kuan and Mueller, "Model-agnostic label quality scoring to detect real-world label errors", 2022.
import type { Labelled } from './labelled.js';

export const QUALITY_SCORES = ['self_confidence', 'normalized_margin', 'confidence_weighted_entropy'] as const;
export type QualityScore = (typeof QUALITY_SCORES)[number];

/** Keeps quotients finite where the label has probability 0, or the entropy is 0. */
const FLOOR = 1e-6;

export function labelQuality(data: Labelled, score: QualityScore): Float64Array {
  const { rows, classes, labels, values } = data;
  const scores = new Float64Array(rows);
  for (let row = 0; row < rows; row += 1) {
    const start = row * classes;
    const own = values[start + (labels[row] as number)] as number;
    scores[row] =
      score === 'self_confidence'
        ? own
        : score === 'normalized_margin'
          ? (own - likeliestOther(data, row)) / 2 + 0.5
          : weightedEntropy(values, start, classes, own);
  }
  return scores;
}

function likeliestOther({ classes, labels, values }: Labelled, row: number): number {
  let best = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < classes; k += 1)
    if (k !== labels[row]) best = Math.max(best, values[row * classes + k] as number);
  return best;
}

/**
 * Normalised entropy over self-confidence, brought from 0..infinity to 1..0 by ln(1 + x) / x. Below an entropy of about
 * one millionth the divisor is held, as in cleanlab, so that all but certain rows score towards 0 whatever their label:
 * this score is not for hard votes, the two others are.
 */
function weightedEntropy(values: Float64Array | Float32Array, start: number, classes: number, own: number): number {
  let entropy = 0;
  for (let k = 0; k < classes; k += 1) {
    const p = values[start + k] as number;
    if (p > 0) entropy -= p * Math.log(p);
  }
  const x = entropy / Math.log(classes) / Math.max(own, FLOOR);
  return Math.log(1 + x) / Math.max(x, FLOOR);
}
