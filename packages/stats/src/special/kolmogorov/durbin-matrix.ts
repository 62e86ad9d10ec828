// The exact Kolmogorov distribution as an entry of a matrix power (Durbin 1973; G. Marsaglia, W. W. Tsang and J. Wang,
// "Evaluating Kolmogorov's distribution", Journal of Statistical Software 8(18), 2003). All entries stay non-negative but
// one pair per column, so nothing cancels; a power of ten is carried apart against overflow.

const LARGE = 1e140;

interface Scaled {
  readonly values: Float64Array;
  readonly exponent: number;
}

/** P(D_n <= d); the matrix has 2 ceil(n d) - 1 rows, so callers keep n d small. */
export function durbinMatrix(n: number, d: number): number {
  const k = Math.ceil(n * d);
  const size = 2 * k - 1;
  const power = raise({ values: stepMatrix(k, k - n * d), exponent: 0 }, n, size);
  let value = power.values[(k - 1) * size + (k - 1)] as number;
  let exponent = power.exponent;
  for (let i = 1; i <= n; i += 1) {
    value *= i / n;
    if (value < 1 / LARGE) {
      value *= LARGE;
      exponent -= 140;
    }
  }
  return value * 10 ** exponent;
}

function stepMatrix(k: number, h: number): Float64Array {
  const size = 2 * k - 1;
  const matrix = new Float64Array(size * size);
  const at = (row: number, column: number): number => row * size + column;
  for (let row = 0; row < size; row += 1)
    for (let column = 0; column <= Math.min(row + 1, size - 1); column += 1) matrix[at(row, column)] = 1;
  const subtract = (index: number, amount: number): void => {
    matrix[index] = (matrix[index] as number) - amount;
  };
  for (let i = 0; i < size; i += 1) {
    subtract(at(i, 0), h ** (i + 1));
    subtract(at(size - 1, i), h ** (size - i));
  }
  if (2 * h > 1) subtract(at(size - 1, 0), -((2 * h - 1) ** size));
  for (let row = 0; row < size; row += 1) {
    let factorial = 1;
    // Entry (row, column) is divided by (row - column + 1)!.
    for (let column = row; column >= 0; column -= 1) {
      factorial *= row - column + 1;
      matrix[at(row, column)] = (matrix[at(row, column)] as number) / factorial;
    }
  }
  return matrix;
}

function raise(base: Scaled, n: number, size: number): Scaled {
  if (n === 1) return base;
  const half = raise(base, Math.floor(n / 2), size);
  const squared = rescale({ values: multiply(half.values, half.values, size), exponent: 2 * half.exponent }, size);
  if (n % 2 === 0) return squared;
  const values = multiply(base.values, squared.values, size);
  return rescale({ values, exponent: base.exponent + squared.exponent }, size);
}

function rescale(matrix: Scaled, size: number): Scaled {
  const middle = matrix.values[((size - 1) / 2) * (size + 1)] as number;
  if (middle <= LARGE) return matrix;
  return { values: matrix.values.map((value) => value / LARGE), exponent: matrix.exponent + 140 };
}

function multiply(a: Float64Array, b: Float64Array, size: number): Float64Array {
  const product = new Float64Array(size * size);
  for (let row = 0; row < size; row += 1)
    for (let inner = 0; inner < size; inner += 1) {
      const factor = a[row * size + inner] as number;
      if (factor === 0) continue;
      for (let column = 0; column < size; column += 1) {
        const index = row * size + column;
        product[index] = (product[index] as number) + factor * (b[inner * size + column] as number);
      }
    }
  return product;
}
