// Matrices that somebody hands in beside a table: class probabilities, features, activations. One row of a matrix is one row
// of the table, in its order; a file that does not fit is refused, because shifted rows give figures that look right.
import { VallumError } from '@vallum/core';
import type { Matrix } from '@vallum/stats';
import type { ImageShape } from '../../poison/ensemble/views.js';

export interface NamedMatrix {
  /** As people call the file. */
  readonly name: string;
  readonly matrix: Matrix;
}

export interface Beside {
  /** Rows x classes: what a model that never saw a row thinks of it. */
  readonly probabilities?: NamedMatrix;
  /** Order of the columns of `probabilities`; by default the labels of the table, sorted. */
  readonly classes?: readonly string[];
  /** What rows are compared by; by default the number columns of the table. */
  readonly features?: NamedMatrix;
  /** Last hidden layer of the model that was trained on these rows. */
  readonly activations?: NamedMatrix;
  /** Set when the features are pixels, row by row from the top. */
  readonly image?: ImageShape;
}

/** Squares of larger numbers are no longer doubles. */
const LARGEST = 1e100;

/** @throws VallumError `DATA_MATRIX` for a matrix with other rows than the table, NaN or an infinity */
export function checkFit({ probabilities, features, activations }: Beside, rows: number): void {
  for (const given of [probabilities, features, activations]) {
    if (given === undefined) continue;
    const { name, matrix } = given;
    if (matrix.rows !== rows)
      throw refused(
        `${name} has ${matrix.rows} rows, and the table has ${rows}`,
        'write one row of the matrix for each row of the table, in its order',
      );
    if (matrix.columns === 0) throw refused(`${name} has no columns`, 'write a matrix of rows x columns');
    const at = matrix.values.findIndex((value: number) => !(Math.abs(value) <= LARGEST));
    if (at >= 0)
      throw refused(
        `${name}: row ${Math.floor(at / matrix.columns) + 1}, column ${(at % matrix.columns) + 1} is NaN, infinite or beyond ${LARGEST}`,
        'write finite numbers only',
      );
  }
}

/** @throws VallumError `DATA_MATRIX` for what is only understood beside a label */
export function checkAsked({ probabilities, classes, activations, image }: Beside, label: string | undefined): void {
  if (label === undefined && (probabilities !== undefined || activations !== undefined || image !== undefined))
    throw refused('probabilities, activations and images are compared with labels', 'name the label with --label');
  if (classes !== undefined && probabilities === undefined)
    throw refused('an order of classes belongs to probabilities', 'give --probabilities, or leave --classes out');
  if (classes !== undefined && new Set(classes).size !== classes.length)
    throw refused('a class is named twice', 'name each class once, in the order of the columns of the probabilities');
}

export function refused(message: string, fix: string): VallumError {
  return new VallumError('DATA_MATRIX', message, { fix });
}
