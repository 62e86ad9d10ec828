// What every function on a matrix asks first: the shape is true, the values are numbers, the size is bearable.
import { VallumError } from '@vallum/core';
import type { Matrix } from './matrix.js';

export interface MatrixBounds {
  readonly maxRows: number;
  readonly maxColumns: number;
}

/** @throws VallumError `STATS_INPUT` on an empty matrix, a false shape, NaN, infinities, or more than the bounds */
export function checkMatrix({ rows, columns, values }: Matrix, { maxRows, maxColumns }: MatrixBounds): void {
  if (!Number.isInteger(rows) || !Number.isInteger(columns) || rows < 1 || columns < 1)
    throw statsInput(`a matrix of ${rows} rows and ${columns} columns holds nothing`);
  if (values.length !== rows * columns)
    throw statsInput(`the matrix says ${rows} x ${columns} and holds ${values.length} values`);
  if (rows > maxRows || columns > maxColumns)
    throw statsInput(`the matrix is ${rows} x ${columns}, and at most ${maxRows} x ${maxColumns} is computed`);
  for (const value of values) if (!Number.isFinite(value)) throw statsInput('the matrix holds NaN or an infinity');
}

export function statsInput(message: string): VallumError {
  return new VallumError('STATS_INPUT', message, { fix: 'check the numbers that are handed in' });
}
