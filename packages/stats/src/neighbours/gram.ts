// The inner loop of all distances: dot products of two small blocks of rows, eight at a time so that every loaded number
// is used more than once. Blocks are copied to doubles first: sums of products of 32-bit floats are then exact to 1e-16.
import type { Matrix } from '../matrix.js';

/** Rows of a block; two blocks of 1,000 columns stay within a second-level cache. */
export const BLOCK = 32;

/** Copies rows `from` to `to` (exclusive) as doubles. */
export function loadBlock({ columns, values }: Matrix, from: number, to: number, into: Float64Array): void {
  const start = from * columns;
  const count = (to - from) * columns;
  for (let i = 0; i < count; i += 1) into[i] = values[start + i] as number;
}

/**
 * out[i * BLOCK + j] = a_i . b_j; both blocks are row-major with `columns` columns and room for BLOCK rows: what lies
 * beyond the rows in use is multiplied too and means nothing.
 */
export function gram(a: Float64Array, b: Float64Array, columns: number, out: Float64Array): void {
  for (let i = 0; i < BLOCK; i += 2)
    for (let j = 0; j < BLOCK; j += 4) {
      let x = i * columns;
      let u = j * columns;
      const end = x + columns;
      let s00 = 0;
      let s01 = 0;
      let s02 = 0;
      let s03 = 0;
      let s10 = 0;
      let s11 = 0;
      let s12 = 0;
      let s13 = 0;
      for (; x < end; x += 1, u += 1) {
        const p = a[x] as number;
        const q = a[x + columns] as number;
        const b0 = b[u] as number;
        const b1 = b[u + columns] as number;
        const b2 = b[u + 2 * columns] as number;
        const b3 = b[u + 3 * columns] as number;
        s00 += p * b0;
        s01 += p * b1;
        s02 += p * b2;
        s03 += p * b3;
        s10 += q * b0;
        s11 += q * b1;
        s12 += q * b2;
        s13 += q * b3;
      }
      const at = i * BLOCK + j;
      out[at] = s00;
      out[at + 1] = s01;
      out[at + 2] = s02;
      out[at + 3] = s03;
      out[at + BLOCK] = s10;
      out[at + BLOCK + 1] = s11;
      out[at + BLOCK + 2] = s12;
      out[at + BLOCK + 3] = s13;
    }
}
