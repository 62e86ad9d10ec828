// What a model said about rows, beside what became of them. Everything here arrives from systems that others can write to,
// so shapes, ranges and sizes are checked before anything is computed.
import { VallumError } from '@vallum/core';
import type { Matrix } from '@vallum/stats';

export interface Scored {
  /** rows x classes; of two classes, class 1 is the positive one. */
  readonly probabilities: Matrix;
  /** Class that the model decided for, in each row. */
  readonly predicted: Int32Array;
}

export interface Labelled extends Scored {
  /** True class of each row. */
  readonly labels: Int32Array;
}

export const MAX_ROWS = 1_000_000;
const MAX_CLASSES = 100;

/** @throws VallumError PERFORMANCE_INPUT on shapes that differ, classes out of range, numbers that are no probabilities */
export function checkScored({ probabilities, predicted }: Scored): void {
  const { rows, columns, values } = probabilities;
  if (!Number.isSafeInteger(rows) || rows < 0 || rows > MAX_ROWS || values.length !== rows * columns)
    throw performanceInput(`${rows} rows of probabilities cannot be read`, `give at most ${MAX_ROWS} rows at a time`);
  if (!(columns >= 2 && columns <= MAX_CLASSES))
    throw performanceInput(`${columns} classes cannot be judged`, `give between 2 and ${MAX_CLASSES} columns`);
  checkClasses(predicted, rows, columns);
  for (const value of values)
    if (!(value >= 0 && value <= 1))
      throw performanceInput('a number is no probability', 'give numbers between 0 and 1, one for each row and class');
}

/** @throws VallumError PERFORMANCE_INPUT */
export function checkLabelled(rows: Labelled): void {
  checkScored(rows);
  checkClasses(rows.labels, rows.probabilities.rows, rows.probabilities.columns);
}

function checkClasses(of: Int32Array, rows: number, classes: number): void {
  if (of.length !== rows)
    throw performanceInput(`${of.length} classes for ${rows} rows`, 'give one class for each row');
  for (const value of of)
    if (!(value >= 0 && value < classes))
      throw performanceInput(`${value} is no class`, `number the classes 0 to ${classes - 1}`);
}

export function performanceInput(message: string, fix: string): VallumError {
  return new VallumError('PERFORMANCE_INPUT', message, { fix });
}
