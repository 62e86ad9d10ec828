// Columns brought to mean 0 and standard deviation 1, by figures learnt once and applied to later rows.
import { statsInput } from '../matrix-input.js';
import type { Matrix } from '../matrix.js';

export interface Scaler {
  readonly mean: Float64Array;
  /** Population standard deviation; 1 for a constant column, which so becomes all zeros. */
  readonly deviation: Float64Array;
}

export function learnScale({ rows, columns, values }: Matrix): Scaler {
  const mean = new Float64Array(columns);
  const deviation = new Float64Array(columns);
  for (let i = 0; i < values.length; i += columns)
    for (let j = 0; j < columns; j += 1) mean[j] = (mean[j] as number) + (values[i + j] as number) / rows;
  for (let i = 0; i < values.length; i += columns)
    for (let j = 0; j < columns; j += 1)
      deviation[j] = (deviation[j] as number) + ((values[i + j] as number) - (mean[j] as number)) ** 2 / rows;
  for (let j = 0; j < columns; j += 1) {
    const sd = Math.sqrt(deviation[j] as number);
    // What rounding of the mean alone could leave of a constant column is no spread.
    deviation[j] = sd > 1e-12 * Math.abs(mean[j] as number) ? sd : 1;
  }
  return { mean, deviation };
}

/** @throws VallumError STATS_INPUT when the columns are not those that were learnt */
export function applyScale({ rows, columns, values }: Matrix, { mean, deviation }: Scaler): Float64Array {
  if (columns !== mean.length) throw statsInput(`${columns} columns, and ${mean.length} were learnt`);
  const scaled = new Float64Array(rows * columns);
  for (let i = 0; i < scaled.length; i += columns)
    for (let j = 0; j < columns; j += 1)
      scaled[i + j] = ((values[i + j] as number) - (mean[j] as number)) / (deviation[j] as number);
  return scaled;
}
