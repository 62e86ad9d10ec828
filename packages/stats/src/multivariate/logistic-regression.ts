// Multinomial logistic regression with an L2 penalty, on standardised columns: convex, so the answer does not depend on a
// seed. Penalty as in scikit-learn's `C = 1 / l2`: half l2 times the squared weights, beside the summed log-loss.
import { checkMatrix, statsInput } from '../matrix-input.js';
import type { Matrix } from '../matrix.js';
import { minimise } from './lbfgs.js';
import { applyScale, learnScale } from './standardise.js';

export interface LogisticOptions {
  /** Default 1. */
  readonly l2?: number;
  /** Default 200. */
  readonly maxIterations?: number;
}

export interface LogisticModel {
  readonly classes: number;
  /** For each class the weights of the standardised columns, then the intercept. */
  readonly weights: Float64Array;
  /** rows x classes */
  readonly probabilities: (matrix: Matrix) => Matrix;
}

export const LOGISTIC_BOUNDS = { maxRows: 1_000_000, maxColumns: 5_000 };
const MAX_CLASSES = 1_000;
/** Numbers of the matrix times classes; with 200 iterations about a minute. */
const MOST_WORK = 2e8;

/**
 * @param labels class number of each row, 0 to classes - 1; classes without a row get a probability near 0
 * @throws VallumError STATS_INPUT on NaN, false shapes, labels that are no class, more work than is bearable
 */
export function logisticRegression(
  matrix: Matrix,
  labels: ArrayLike<number>,
  classes: number,
  { l2 = 1, maxIterations = 200 }: LogisticOptions = {},
): LogisticModel {
  checkMatrix(matrix, LOGISTIC_BOUNDS);
  checkLabels(labels, matrix.rows, classes);
  if (matrix.values.length * classes > MOST_WORK) throw statsInput('the rows, columns and classes are too many to fit');
  if (!(l2 > 0 && l2 < Infinity)) throw statsInput(`a penalty is a number above 0, not ${l2}`);
  const { rows, columns } = matrix;
  const scaler = learnScale(matrix);
  const x = applyScale(matrix, scaler);
  const width = columns + 1;
  const scores = new Float64Array(classes);
  const evaluate = (weights: Float64Array, gradient: Float64Array): number => {
    gradient.fill(0);
    let loss = 0;
    for (let row = 0; row < rows; row += 1) {
      const label = labels[row] as number;
      const total = softmax(x, row * columns, columns, weights, scores);
      loss -= Math.log(Math.max((scores[label] as number) / total, 1e-300));
      for (let k = 0; k < classes; k += 1) {
        const excess = (scores[k] as number) / total - (k === label ? 1 : 0);
        const at = k * width;
        for (let j = 0; j < columns; j += 1)
          gradient[at + j] = (gradient[at + j] as number) + excess * (x[row * columns + j] as number);
        gradient[at + columns] = (gradient[at + columns] as number) + excess;
      }
    }
    for (let i = 0; i < weights.length; i += 1) {
      if (i % width === columns) continue;
      const weight = weights[i] as number;
      loss += (l2 / 2) * weight * weight;
      gradient[i] = (gradient[i] as number) + l2 * weight;
    }
    return loss;
  };
  const { at: weights } = minimise(new Float64Array(classes * width), evaluate, {
    maxIterations,
    tolerance: 1e-6 * rows,
  });
  const probabilities = (of: Matrix): Matrix => {
    checkMatrix(of, LOGISTIC_BOUNDS);
    const scaled = applyScale(of, scaler);
    const out = new Float64Array(of.rows * classes);
    for (let row = 0; row < of.rows; row += 1) {
      const total = softmax(scaled, row * columns, columns, weights, scores);
      for (let k = 0; k < classes; k += 1) out[row * classes + k] = (scores[k] as number) / total;
    }
    return { rows: of.rows, columns: classes, values: out };
  };
  return { classes, weights, probabilities };
}

/** Exponentials of the scores of one row, the largest being 1; gives their sum. */
function softmax(x: Float64Array, start: number, columns: number, weights: Float64Array, scores: Float64Array): number {
  const width = columns + 1;
  let most = -Infinity;
  for (let k = 0; k < scores.length; k += 1) {
    let score = weights[k * width + columns] as number;
    for (let j = 0; j < columns; j += 1) score += (weights[k * width + j] as number) * (x[start + j] as number);
    scores[k] = score;
    most = Math.max(most, score);
  }
  let total = 0;
  for (let k = 0; k < scores.length; k += 1) {
    const grown = Math.exp((scores[k] as number) - most);
    scores[k] = grown;
    total += grown;
  }
  return total;
}

function checkLabels(labels: ArrayLike<number>, rows: number, classes: number): void {
  if (!Number.isSafeInteger(classes) || classes < 2 || classes > MAX_CLASSES)
    throw statsInput(`between 2 and ${MAX_CLASSES} classes can be told apart, not ${classes}`);
  if (labels.length !== rows) throw statsInput(`${labels.length} labels for ${rows} rows`);
  for (let row = 0; row < rows; row += 1) {
    const label = labels[row] as number;
    if (!(Number.isInteger(label) && label >= 0 && label < classes))
      throw statsInput(`the label of row ${row} is no class`);
  }
}
