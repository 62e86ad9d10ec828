// Class probabilities where only features are given: logistic regression, each row judged by a model that never saw it.
import { pause } from '@vallum/core';
import { logisticRegression, stratifiedFolds, takeRows } from '@vallum/stats';
import type { Matrix } from '@vallum/stats';

export interface OutOfFoldOptions {
  /** Default 5. */
  readonly folds?: number;
  readonly seed: number;
  readonly signal?: AbortSignal;
}

export interface OutOfFold {
  /** rows x classes */
  readonly probabilities: Matrix;
  /** Classes with fewer rows than folds: for some of their rows the model never saw the class, so those look wrong. */
  readonly thinClasses: readonly number[];
}

/**
 * @param labels class number of each row, 0 to classes - 1
 * @throws VallumError STATS_INPUT on NaN, false shapes, labels that are no class, too few rows, too much work
 */
export async function outOfFoldProbabilities(
  features: Matrix,
  labels: ArrayLike<number>,
  classes: number,
  { folds = 5, seed, signal }: OutOfFoldOptions,
): Promise<OutOfFold> {
  const fold = stratifiedFolds(labels, folds, seed);
  const values = new Float64Array(features.rows * classes);
  for (let held = 0; held < folds; held += 1) {
    await pause(signal);
    const seen: number[] = [];
    const unseen: number[] = [];
    for (let row = 0; row < labels.length; row += 1) (fold[row] === held ? unseen : seen).push(row);
    const model = logisticRegression(
      takeRows(features, seen),
      seen.map((row) => labels[row] as number),
      classes,
    );
    const given = model.probabilities(takeRows(features, unseen)).values;
    for (const [i, row] of unseen.entries()) values.set(given.subarray(i * classes, (i + 1) * classes), row * classes);
  }
  const counts = new Int32Array(classes);
  for (let row = 0; row < labels.length; row += 1) {
    const label = labels[row] as number;
    counts[label] = (counts[label] as number) + 1;
  }
  const thinClasses = [...counts.keys()].filter((k) => (counts[k] as number) > 0 && (counts[k] as number) < folds);
  return { probabilities: { rows: features.rows, columns: classes, values }, thinClasses };
}
