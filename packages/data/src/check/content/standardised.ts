// Number columns on one scale: the column with the largest numbers would decide alone which rows are near.
import type { Matrix } from '@vallum/stats';

/** Mean 0 and standard deviation 1; a column that never changes becomes 0. */
export function standardised({ rows, columns, values }: Matrix): Matrix {
  const scaled = new Float64Array(values.length);
  for (let column = 0; column < columns; column += 1) {
    // Halved scales keep sums of the largest doubles finite.
    let largest = 0;
    for (let row = 0; row < rows; row += 1) largest = Math.max(largest, Math.abs(values[row * columns + column] ?? 0));
    const unit = largest || 1;
    let mean = 0;
    for (let row = 0; row < rows; row += 1) mean += (values[row * columns + column] ?? 0) / unit / rows;
    let variance = 0;
    for (let row = 0; row < rows; row += 1)
      variance += ((values[row * columns + column] ?? 0) / unit - mean) ** 2 / rows;
    const deviation = Math.sqrt(variance) || 1;
    for (let row = 0; row < rows; row += 1)
      scaled[row * columns + column] = ((values[row * columns + column] ?? 0) / unit - mean) / deviation;
  }
  return { rows, columns, values: scaled };
}
