// Performance without labels under covariate shift by PAPE (probabilistic adaptive performance estimation; Bialek, Kuberski
// and Perrakis, arXiv 2401.08348): a domain classifier says how much more often each kind of reference row occurs in the
// chunk, and the calibration is learnt with these weights, so that it holds for the rows at hand.
import { domainClassifier } from '@vallum/stats';
import type { Matrix } from '@vallum/stats';
import { calibrationRows } from './calibration.js';
import { checkChunk, expectedFigures, fitResampled, tooSmall, tooThin } from './estimate.js';
import type { Estimate, EstimateOptions } from './estimate.js';
import { checkLabelled, performanceInput } from './scored.js';
import type { Labelled, Scored } from './scored.js';

export const PAPE_CANNOT_SEE =
  'it assumes that the same inputs still get the same labels: concept drift is invisible, and so are inputs that the reference has no like of; the uncertainty of the weights themselves is not in the interval';

/** Rows that the weighted reference must be worth (Kish 1965). */
export const MIN_EFFECTIVE_ROWS = 200;
/**
 * The weights of reference rows have the mean 1 where the reference has rows like all those of the chunk; a mean below
 * this says that the chunk lies elsewhere (then all weights are alike and tiny, which looks harmless once scaled).
 */
export const MIN_COVERED = 0.5;
/** A reference row counts at most this many times: one row must not be the calibration. */
const MAX_WEIGHT = 50;

export interface Features {
  /** What the model was given, as numbers; rows in the order of the scores. */
  readonly reference: Matrix;
  readonly chunk: Matrix;
}

/** @throws VallumError PERFORMANCE_INPUT on broken input, STATS_INPUT on NaN among the features */
export async function estimateShifted(
  reference: Labelled,
  chunk: Scored,
  features: Features,
  options: EstimateOptions,
): Promise<Estimate> {
  checkLabelled(reference);
  checkChunk(chunk, reference);
  const { rows } = chunk.probabilities;
  if (features.reference.rows !== reference.labels.length || features.chunk.rows !== rows)
    throw performanceInput('features and scores are not of the same rows', 'give both for the same rows, in one order');
  const refuse = (why: string): Estimate => ({ kind: 'not-enough-data', method: 'pape', rows, why });
  const why = tooThin(reference) ?? tooSmall(chunk, options);
  if (why !== undefined) return refuse(why);
  const weights = importanceWeights(features, options.seed);
  const covered = weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
  if (covered < MIN_COVERED)
    return refuse(`the reference has rows like only about ${(100 * covered).toFixed(0)} % of the chunk`);
  const worth = effectiveRows(weights);
  if (worth < MIN_EFFECTIVE_ROWS)
    return refuse(
      `only ${Math.floor(worth)} rows of the reference speak for the chunk, and ${MIN_EFFECTIVE_ROWS} are needed`,
    );
  await options.turn?.();
  const fits = await fitResampled(calibrationRows(reference), weights, options);
  const figures = await expectedFigures(chunk, fits, options);
  return { kind: 'estimate', method: 'pape', rows, figures, cannotSee: PAPE_CANNOT_SEE };
}

/** Density of the chunk over density of the reference at each reference row, by out-of-fold odds. */
export function importanceWeights({ reference, chunk }: Features, seed: number): Float64Array {
  const { scores } = domainClassifier(reference, chunk, { seed, folds: 5 });
  const scale = reference.rows / chunk.rows;
  return scores.subarray(0, reference.rows).map((p) => Math.min((p / Math.max(1 - p, 1e-9)) * scale, MAX_WEIGHT));
}

function effectiveRows(weights: Float64Array): number {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return sum ** 2 / weights.reduce((total, weight) => total + weight * weight, 0);
}
