// Eigenvalues of a small symmetric matrix by cyclic Jacobi rotations: slow for large ones, accurate for small ones.
// G. H. Golub and C. F. Van Loan, "Matrix Computations", section 8.5.

const SWEEPS = 50;

/** @param matrix row-major, size x size; column k of `vectors` belongs to `values[k]`; no order. */
export function symmetricEigen(
  matrix: readonly number[],
  size: number,
): { readonly values: number[]; readonly vectors: number[] } {
  const a = [...matrix];
  const v = Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0));
  const get = (m: readonly number[], row: number, column: number): number => m[row * size + column] as number;
  const scale = Math.max(...a.map(Math.abs));
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    let rotated = false;
    for (let p = 0; p < size; p += 1)
      for (let q = p + 1; q < size; q += 1) {
        const off = get(a, p, q);
        if (Math.abs(off) <= 1e-18 * scale) continue;
        rotated = true;
        const theta = (get(a, q, q) - get(a, p, p)) / (2 * off);
        const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        const c = 1 / Math.sqrt(t * t + 1);
        rotate(a, size, p, q, c, t * c, 'columns');
        rotate(a, size, p, q, c, t * c, 'rows');
        rotate(v, size, p, q, c, t * c, 'columns');
      }
    if (!rotated) break;
  }
  return { values: Array.from({ length: size }, (_, i) => get(a, i, i)), vectors: v };
}

function rotate(m: number[], size: number, p: number, q: number, c: number, s: number, side: 'rows' | 'columns'): void {
  for (let k = 0; k < size; k += 1) {
    const [i, j] = side === 'columns' ? [k * size + p, k * size + q] : [p * size + k, q * size + k];
    const [first, second] = [m[i] as number, m[j] as number];
    m[i] = c * first - s * second;
    m[j] = s * first + c * second;
  }
}
