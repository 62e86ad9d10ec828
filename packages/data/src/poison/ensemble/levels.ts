// Values as a few levels, so that "has the same value here" can be counted. The most frequent value of a column is a level
// of its own, however close others come to it: a faint mark on a plain background is still not the background.
import type { Matrix } from '@vallum/stats';

/** Level 0 is the column's most frequent value; the others cut its range into equal parts. */
export function levelsOf({ rows, columns, values }: Matrix, levels: number): Uint8Array {
  const out = new Uint8Array(rows * columns);
  const column = new Float64Array(rows);
  for (let c = 0; c < columns; c += 1) {
    for (let row = 0; row < rows; row += 1) column[row] = values[row * columns + c] as number;
    const sorted = column.slice().sort();
    const usual = mostFrequent(sorted);
    // One wild value must not push all others into one level.
    const low = sorted[Math.floor(rows * TRIM)] as number;
    const high = sorted[rows - 1 - Math.floor(rows * TRIM)] as number;
    const width = high > low ? (high - low) / levels : 1;
    for (let row = 0; row < rows; row += 1) {
      const value = column[row] as number;
      const level = Math.min(levels - 1, Math.max(0, Math.floor((value - low) / width)));
      out[row * columns + c] = value === usual ? 0 : 1 + level;
    }
  }
  return out;
}

const TRIM = 0.0002;

/** Of a sorted list, the first of equals. */
function mostFrequent(sorted: Float64Array): number {
  let best = sorted[0] as number;
  let most = 0;
  let start = 0;
  for (let i = 1; i <= sorted.length; i += 1) {
    if (i < sorted.length && sorted[i] === sorted[start]) continue;
    if (i - start > most) {
      most = i - start;
      best = sorted[start] as number;
    }
    start = i;
  }
  return best;
}
