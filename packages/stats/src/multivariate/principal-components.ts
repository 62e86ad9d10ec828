// Principal components of standardised columns: the directions in which rows differ most, of the correlation matrix.
import { symmetricEigen } from '../decomposition/symmetric-eigen.js';
import { checkMatrix, statsInput } from '../matrix-input.js';
import type { Matrix } from '../matrix.js';
import { applyScale, learnScale } from './standardise.js';
import type { Scaler } from './standardise.js';

export interface PrincipalComponents {
  readonly scaler: Scaler;
  /** kept x columns; rows of length one, the largest share of variance first; the largest entry of each is positive. */
  readonly components: Matrix;
  /** Share of the variance of the standardised columns that each kept component has. */
  readonly shares: Float64Array;
  /** Distance of each row from its projection, in standard deviations of a column. */
  readonly errors: (matrix: Matrix) => Float64Array;
}

/** Jacobi rotations are cubic in the columns. */
export const PCA_BOUNDS = { maxRows: 2_000_000, maxColumns: 256 };

/**
 * @param share keeps the fewest components that together have this share of the variance; above 0 and up to 1
 * @throws VallumError STATS_INPUT on NaN, false shapes, fewer than two rows, an impossible share
 */
export function principalComponents(matrix: Matrix, share = 0.65): PrincipalComponents {
  checkMatrix(matrix, PCA_BOUNDS);
  if (!(share > 0 && share <= 1)) throw statsInput(`a share of variance lies above 0 and up to 1, not at ${share}`);
  if (matrix.rows < 2) throw statsInput('principal components need at least two rows');
  const { columns } = matrix;
  const scaler = learnScale(matrix);
  const { values, vectors } = symmetricEigen(products(applyScale(matrix, scaler), matrix.rows, columns), columns);
  const total = values.reduce((sum, value) => sum + Math.max(0, value), 0);
  const shares: number[] = [];
  // Rounding leaves the sum of all shares a little below 1.
  for (let kept = 0; shares.length < columns && kept < share - 1e-12; kept += shares.at(-1) ?? 0)
    shares.push(total === 0 ? 1 : Math.max(0, values[shares.length] as number) / total);
  const components = { rows: shares.length, columns, values: vectors.slice(0, shares.length * columns) };
  for (let k = 0; k < components.rows; k += 1) orient(components.values.subarray(k * columns, (k + 1) * columns));
  return { scaler, components, shares: Float64Array.from(shares), errors: (of) => errors(of, scaler, components) };
}

function products(x: Float64Array, rows: number, columns: number): Float64Array {
  const out = new Float64Array(columns * columns);
  for (let start = 0; start < x.length; start += columns)
    for (let i = 0; i < columns; i += 1) {
      const xi = (x[start + i] as number) / rows;
      for (let j = i; j < columns; j += 1)
        out[i * columns + j] = (out[i * columns + j] as number) + xi * (x[start + j] as number);
    }
  for (let i = 0; i < columns; i += 1)
    for (let j = 0; j < i; j += 1) out[i * columns + j] = out[j * columns + i] as number;
  return out;
}

/** An eigenvector has no sign of its own. */
function orient(vector: Float64Array): void {
  const most = vector.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0);
  if (most < 0) for (let i = 0; i < vector.length; i += 1) vector[i] = -(vector[i] as number);
}

function errors(matrix: Matrix, scaler: Scaler, { rows: kept, columns, values: basis }: Matrix): Float64Array {
  checkMatrix(matrix, PCA_BOUNDS);
  const x = applyScale(matrix, scaler);
  const rest = new Float64Array(columns);
  return Float64Array.from({ length: matrix.rows }, (_, row) => {
    rest.set(x.subarray(row * columns, (row + 1) * columns));
    for (let k = 0; k < kept; k += 1) {
      let along = 0;
      for (let j = 0; j < columns; j += 1) along += (rest[j] as number) * (basis[k * columns + j] as number);
      for (let j = 0; j < columns; j += 1) rest[j] = (rest[j] as number) - along * (basis[k * columns + j] as number);
    }
    return Math.sqrt(rest.reduce((sum, value) => sum + value * value, 0));
  });
}
