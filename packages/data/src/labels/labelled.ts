// Labels beside out-of-fold class probabilities: what every estimate of this folder reads, checked once. Whoever made the
// rows chooses the labels, and whoever trained the model the probabilities: neither is believed to be well-formed.
import { VallumError } from '@vallum/core';
import type { Matrix } from '@vallum/stats';

export interface Labelled {
  readonly rows: number;
  readonly classes: number;
  /** Class number of each row, 0 to classes - 1. */
  readonly labels: Int32Array;
  /** Row-major, rows x classes. */
  readonly values: Float64Array | Float32Array;
  /** Rows given each class. */
  readonly counts: Int32Array;
}

/** Most classes: the joint distribution has classes^2 cells. */
const MAX_CLASSES = 5_000;
/** How far a row may be from summing to 1: rounded exports of four decimals and float32 pass. */
const SUM_SLACK = 0.01;

/**
 * @param labels class number of each row
 * @param probabilities rows x classes; row i holds what a model that never saw row i thinks of it
 * @throws VallumError LABELS_INPUT on sizes that differ, labels that are no class, numbers that are no probabilities
 * @throws VallumError LABELS_ONE_CLASS when fewer than two classes are given: nothing can be confused
 */
export function readLabelled(labels: ArrayLike<number>, probabilities: Matrix): Labelled {
  const { rows, columns: classes, values } = probabilities;
  if (!Number.isSafeInteger(rows) || !Number.isSafeInteger(classes) || values.length !== rows * classes)
    throw input('the probabilities are not a rows x classes matrix', 'give one number for each row and class');
  if (labels.length !== rows)
    throw input(`there are ${labels.length} labels and ${rows} rows of probabilities`, 'give both for the same rows');
  if (classes < 2 || classes > MAX_CLASSES)
    throw input(`${classes} classes cannot be judged`, `give between 2 and ${MAX_CLASSES} classes`);
  const known = Int32Array.from(labels);
  const counts = new Int32Array(classes);
  for (let row = 0; row < rows; row += 1) {
    const label = known[row] as number;
    if (label !== labels[row] || label < 0 || label >= classes)
      throw input(`the label of row ${row} is not a class number`, `number the classes 0 to ${classes - 1}`);
    counts[label] = (counts[label] as number) + 1;
  }
  checkProbabilities(values, rows, classes);
  if (counts.filter((count) => count > 0).length < 2)
    throw new VallumError(
      'LABELS_ONE_CLASS',
      'all rows have the same label, so no label can be compared with another',
      {
        fix: 'give rows of at least two classes',
      },
    );
  return { rows, classes, labels: known, values, counts };
}

function checkProbabilities(values: Float64Array | Float32Array, rows: number, classes: number): void {
  for (let row = 0, at = 0; row < rows; row += 1) {
    let sum = 0;
    for (let k = 0; k < classes; k += 1, at += 1) {
      const value = values[at] as number;
      // Written so that NaN fails too.
      if (!(value >= 0 && value <= 1))
        throw input(`row ${row} has a number that is no probability`, 'give numbers between 0 and 1');
      sum += value;
    }
    if (Math.abs(sum - 1) > SUM_SLACK)
      throw input(`the probabilities of row ${row} sum to ${sum}`, 'let each row sum to 1');
  }
}

function input(message: string, fix: string): VallumError {
  return new VallumError('LABELS_INPUT', message, { fix });
}
