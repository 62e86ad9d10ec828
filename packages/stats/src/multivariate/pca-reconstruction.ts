// Drift as rows that principal components of the reference no longer describe: a change of how columns move together,
// which no test of single columns sees. The components are fitted on one half of the reference and judged on the other:
// on its own rows a fit is always a little too good, and every clean window would look drifted.
import { checkMatrix, statsInput } from '../matrix-input.js';
import type { Matrix } from '../matrix.js';
import { mulberry32, shuffle } from '../random.js';
import { permutationTest } from '../resampling/permutation.js';
import { takeRows } from './folds.js';
import { PCA_BOUNDS, principalComponents } from './principal-components.js';

export interface PcaReconstructionOptions {
  readonly seed: number;
  /** Share of the variance that the components keep; default 0.65. */
  readonly share?: number;
  /** Default 999. */
  readonly permutations?: number;
}

export interface PcaReconstructionResult {
  /** Mean error of held-out reference rows, and of current rows, in standard deviations of a column. */
  readonly referenceError: number;
  readonly currentError: number;
  readonly components: number;
  /** Two-sided permutation p of the difference of the means. */
  readonly p: number;
}

export const PCA_MIN_ROWS = 30;

/** @throws VallumError STATS_INPUT on NaN, different columns, fewer than 30 current or 60 reference rows */
export function pcaReconstruction(
  reference: Matrix,
  current: Matrix,
  { seed, share = 0.65, permutations = 999 }: PcaReconstructionOptions,
): PcaReconstructionResult {
  checkMatrix(reference, PCA_BOUNDS);
  checkMatrix(current, PCA_BOUNDS);
  if (reference.rows < 2 * PCA_MIN_ROWS || current.rows < PCA_MIN_ROWS)
    throw statsInput(`principal components need ${2 * PCA_MIN_ROWS} reference rows and ${PCA_MIN_ROWS} current ones`);
  const order = shuffle([...Array(reference.rows).keys()], mulberry32(seed));
  const half = Math.floor(reference.rows / 2);
  const { errors, components } = principalComponents(takeRows(reference, order.slice(0, half)), share);
  const held = errors(takeRows(reference, order.slice(half)));
  const now = errors(current);
  const { p } = permutationTest(held, now, (a, b) => Math.abs(mean(a) - mean(b)), { seed, permutations });
  return { referenceError: mean(held), currentError: mean(now), components: components.rows, p };
}

function mean(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
