// Eigenvalues and eigenvectors of a small symmetric matrix by Jacobi rotations (Golub and Van Loan, Matrix Computations,
// section 8.5): slow above a few hundred rows, and accurate to the last digits below.
import { statsInput } from '../matrix-input.js';

export interface SymmetricEigen {
  /** Descending. */
  readonly values: Float64Array;
  /** Row i is the eigenvector of value i, of length one. */
  readonly vectors: Float64Array;
}

const MAX_SIZE = 256;
const MAX_SWEEPS = 60;

/**
 * @param matrix size x size, row-major; only its symmetric part counts
 * @throws VallumError `STATS_INPUT` on another shape, NaN or infinities
 */
export function symmetricEigen(matrix: Float64Array, size: number): SymmetricEigen {
  if (!Number.isInteger(size) || size < 1 || size > MAX_SIZE || matrix.length !== size * size)
    throw statsInput(`eigenvalues need a square matrix of at most ${MAX_SIZE} rows`);
  if (matrix.some((value) => !Number.isFinite(value))) throw statsInput('the matrix holds NaN or an infinity');
  const a = new Float64Array(size * size);
  for (let i = 0; i < size; i += 1)
    for (let j = 0; j < size; j += 1)
      a[i * size + j] = ((matrix[i * size + j] as number) + (matrix[j * size + i] as number)) / 2;
  const v = new Float64Array(size * size);
  for (let i = 0; i < size; i += 1) v[i * size + i] = 1;
  for (let sweep = 0; sweep < MAX_SWEEPS && offDiagonal(a, size) > 0; sweep += 1)
    for (let p = 0; p < size - 1; p += 1) for (let q = p + 1; q < size; q += 1) rotate(a, v, size, p, q);
  const order = Array.from({ length: size }, (_, i) => i).sort(
    (i, j) => (a[j * size + j] as number) - (a[i * size + i] as number) || i - j,
  );
  const vectors = new Float64Array(size * size);
  for (const [to, from] of order.entries()) vectors.set(v.subarray(from * size, (from + 1) * size), to * size);
  return { values: Float64Array.from(order, (i) => a[i * size + i] as number), vectors };
}

/** Sum of squares off the diagonal, 0 when it is lost beside the diagonal. */
function offDiagonal(a: Float64Array, size: number): number {
  let off = 0;
  let all = 0;
  for (let i = 0; i < size; i += 1)
    for (let j = 0; j < size; j += 1) {
      const square = (a[i * size + j] as number) ** 2;
      all += square;
      if (i !== j) off += square;
    }
  return off <= all * 1e-30 ? 0 : off;
}

function rotate(a: Float64Array, v: Float64Array, size: number, p: number, q: number): void {
  const apq = a[p * size + q] as number;
  if (apq === 0) return;
  const theta = ((a[q * size + q] as number) - (a[p * size + p] as number)) / (2 * apq);
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.hypot(theta, 1));
  const c = 1 / Math.hypot(t, 1);
  const s = t * c;
  for (let k = 0; k < size; k += 1) turn(a, k * size + p, k * size + q, c, s);
  for (let k = 0; k < size; k += 1) turn(a, p * size + k, q * size + k, c, s);
  for (let k = 0; k < size; k += 1) turn(v, p * size + k, q * size + k, c, s);
}

function turn(x: Float64Array, i: number, j: number, c: number, s: number): void {
  const xi = x[i] as number;
  const xj = x[j] as number;
  x[i] = c * xi - s * xj;
  x[j] = s * xi + c * xj;
}
