// The leading singular vectors of a centred matrix: of few columns by the eigenvectors of their covariance, of more by block
// power iteration (Halko, Martinsson and Tropp, SIAM Review 53,
// 2011, algorithm 4.4, with iterations until the subspace rests instead of a fixed number). Deterministic by seed.
import type { Matrix } from '../matrix.js';
import { checkMatrix, statsInput } from '../matrix-input.js';
import { mulberry32 } from '../random.js';
import { symmetricEigen } from './symmetric-eigen.js';

export interface TruncatedSvd {
  readonly rank: number;
  /** Column means that were taken out. */
  readonly mean: Float64Array;
  /** Descending. */
  readonly singular: Float64Array;
  /** rank x columns, row-major: right singular vectors, the largest entry of each positive. */
  readonly components: Float64Array;
  /** rows x rank, row-major: the centred rows in these directions. */
  readonly scores: Float64Array;
}

export interface SvdOptions {
  readonly rank: number;
  readonly seed: number;
  /** Default 100. */
  readonly iterations?: number;
}

export const SVD_BOUNDS = { maxRows: 200_000, maxColumns: 4096 };
const MAX_RANK = 64;
/** Directions carried along beyond the rank: they make the last wanted one converge. */
const SPARE = 8;
const REST = 1e-10;
const FEW_COLUMNS = 128;

/**
 * @param matrix rows x columns; the rank is cut to what the shape allows
 * @throws VallumError `STATS_INPUT`
 */
export function truncatedSvd(matrix: Matrix, { rank, seed, iterations = 100 }: SvdOptions): TruncatedSvd {
  checkMatrix(matrix, SVD_BOUNDS);
  if (!Number.isInteger(rank) || rank < 1 || rank > MAX_RANK)
    throw statsInput(`the rank is 1 to ${MAX_RANK}, not ${rank}`);
  const { rows, columns } = matrix;
  const wanted = Math.min(rank, rows, columns);
  const width = Math.min(wanted + SPARE, rows, columns);
  const { mean, values } = centre(matrix);
  if (columns <= FEW_COLUMNS) {
    const basis = symmetricEigen(gramOfColumns(values, rows, columns), columns).vectors.slice(0, width * columns);
    return turnToAxes({ values, rows, columns, basis, width, wanted, mean });
  }
  const random = mulberry32(seed);
  const basis = orthonormal(
    Float64Array.from({ length: width * columns }, () => random() - 0.5),
    width,
    columns,
  );
  let before: Float64Array = new Float64Array(width);
  for (let i = 0; i < iterations; i += 1) {
    const projected = project(values, rows, columns, basis, width);
    const next = orthonormal(back(values, rows, columns, projected, width), width, columns);
    const lengths = energies(projected, rows, width);
    basis.set(next);
    const change = lengths.reduce((worst, value, at) => Math.max(worst, Math.abs(value - (before[at] as number))), 0);
    before = lengths;
    if (change <= REST * (lengths[0] || 1)) break;
  }
  return turnToAxes({ values, rows, columns, basis, width, wanted, mean });
}

interface Found {
  readonly values: Float64Array;
  readonly rows: number;
  readonly columns: number;
  readonly basis: Float64Array;
  readonly width: number;
  readonly wanted: number;
  readonly mean: Float64Array;
}

/** Within the subspace found, the directions of largest variance. */
function turnToAxes({ values, rows, columns, basis, width, wanted, mean }: Found): TruncatedSvd {
  const projected = project(values, rows, columns, basis, width);
  const small = new Float64Array(width * width);
  for (let r = 0; r < rows; r += 1)
    for (let i = 0; i < width; i += 1)
      for (let j = 0; j < width; j += 1)
        small[i * width + j] =
          (small[i * width + j] as number) +
          (projected[r * width + i] as number) * (projected[r * width + j] as number);
  const eigen = symmetricEigen(small, width);
  const components = new Float64Array(wanted * columns);
  for (let d = 0; d < wanted; d += 1) {
    const row = components.subarray(d * columns, (d + 1) * columns);
    for (let i = 0; i < width; i += 1) {
      const weight = eigen.vectors[d * width + i] as number;
      for (let c = 0; c < columns; c += 1) row[c] = (row[c] as number) + weight * (basis[i * columns + c] as number);
    }
    let peak = 0;
    for (const value of row) if (Math.abs(value) > Math.abs(peak)) peak = value;
    if (peak < 0) for (let c = 0; c < columns; c += 1) row[c] = -(row[c] as number);
  }
  const singular = Float64Array.from({ length: wanted }, (_, d) => Math.sqrt(Math.max(0, eigen.values[d] as number)));
  return { rank: wanted, mean, singular, components, scores: project(values, rows, columns, components, wanted) };
}

function centre({ rows, columns, values }: Matrix): { readonly mean: Float64Array; readonly values: Float64Array } {
  const mean = new Float64Array(columns);
  for (let i = 0; i < values.length; i += 1)
    mean[i % columns] = (mean[i % columns] as number) + (values[i] as number) / rows;
  return { mean, values: Float64Array.from(values, (value, i) => value - (mean[i % columns] as number)) };
}

/** values (rows x columns) times the transpose of basis (width x columns). */
function project(
  values: Float64Array,
  rows: number,
  columns: number,
  basis: Float64Array,
  width: number,
): Float64Array {
  const out = new Float64Array(rows * width);
  for (let r = 0; r < rows; r += 1)
    for (let d = 0; d < width; d += 1) {
      let sum = 0;
      for (let c = 0; c < columns; c += 1)
        sum += (values[r * columns + c] as number) * (basis[d * columns + c] as number);
      out[r * width + d] = sum;
    }
  return out;
}

/** Transpose of projected (rows x width) times values (rows x columns). */
function back(
  values: Float64Array,
  rows: number,
  columns: number,
  projected: Float64Array,
  width: number,
): Float64Array {
  const out = new Float64Array(width * columns);
  for (let r = 0; r < rows; r += 1)
    for (let d = 0; d < width; d += 1) {
      const weight = projected[r * width + d] as number;
      for (let c = 0; c < columns; c += 1)
        out[d * columns + c] = (out[d * columns + c] as number) + weight * (values[r * columns + c] as number);
    }
  return out;
}

function gramOfColumns(values: Float64Array, rows: number, columns: number): Float64Array {
  const square = new Float64Array(columns * columns);
  for (let r = 0; r < rows; r += 1)
    for (let i = 0; i < columns; i += 1) {
      const value = values[r * columns + i] as number;
      if (value === 0) continue;
      for (let j = i; j < columns; j += 1)
        square[i * columns + j] = (square[i * columns + j] as number) + value * (values[r * columns + j] as number);
    }
  for (let i = 0; i < columns; i += 1)
    for (let j = 0; j < i; j += 1) square[i * columns + j] = square[j * columns + i] as number;
  return square;
}

function energies(projected: Float64Array, rows: number, width: number): Float64Array {
  const sums = new Float64Array(width);
  for (let r = 0; r < rows; r += 1)
    for (let d = 0; d < width; d += 1) sums[d] = (sums[d] as number) + (projected[r * width + d] as number) ** 2;
  return sums.map(Math.sqrt);
}

/** Gram and Schmidt, twice over for accuracy; a row that is nothing but the others becomes zeros. */
function orthonormal(vectors: Float64Array, width: number, columns: number): Float64Array {
  for (let d = 0; d < width; d += 1) {
    const row = vectors.subarray(d * columns, (d + 1) * columns);
    const start = norm(row);
    for (let pass = 0; pass < 2; pass += 1)
      for (let e = 0; e < d; e += 1) {
        const other = vectors.subarray(e * columns, (e + 1) * columns);
        let dot = 0;
        for (let c = 0; c < columns; c += 1) dot += (row[c] as number) * (other[c] as number);
        for (let c = 0; c < columns; c += 1) row[c] = (row[c] as number) - dot * (other[c] as number);
      }
    const length = norm(row);
    const scale = length > start * 1e-12 ? 1 / length : 0;
    for (let c = 0; c < columns; c += 1) row[c] = (row[c] as number) * scale;
  }
  return vectors;
}

function norm(row: Float64Array): number {
  let sum = 0;
  for (const value of row) sum += value * value;
  return Math.sqrt(sum);
}
