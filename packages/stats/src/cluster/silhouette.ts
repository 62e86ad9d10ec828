// How well clusters are apart, from -1 to 1 (Rousseeuw, Journal of Computational and Applied Mathematics 20, 1987):
// exact, over all pairs of rows, so the caller draws a sample first when there are many.
import type { Matrix } from '../matrix.js';
import { checkMatrix, statsInput } from '../matrix-input.js';

export const SILHOUETTE_BOUNDS = { maxRows: 4000, maxColumns: 1024 };

/**
 * Mean silhouette, euclidean; a row alone in its cluster counts 0, as in the paper.
 * @throws VallumError `STATS_INPUT`, also for fewer than two clusters
 */
export function silhouette(matrix: Matrix, assigned: Uint32Array): number {
  checkMatrix(matrix, SILHOUETTE_BOUNDS);
  const { rows, columns, values } = matrix;
  if (assigned.length !== rows) throw statsInput('there is not one cluster number for each row');
  const numbers = [...new Set(assigned)].sort((a, b) => a - b);
  if (numbers.length < 2) throw statsInput('a silhouette needs two clusters');
  const own = Uint32Array.from(assigned, (cluster) => numbers.indexOf(cluster));
  const sizes = new Uint32Array(numbers.length);
  for (const cluster of own) sizes[cluster] = (sizes[cluster] as number) + 1;
  let total = 0;
  const sums = new Float64Array(numbers.length);
  for (let i = 0; i < rows; i += 1) {
    sums.fill(0);
    for (let j = 0; j < rows; j += 1) {
      let squared = 0;
      for (let c = 0; c < columns; c += 1)
        squared += ((values[i * columns + c] as number) - (values[j * columns + c] as number)) ** 2;
      const cluster = own[j] as number;
      sums[cluster] = (sums[cluster] as number) + Math.sqrt(squared);
    }
    const mine = own[i] as number;
    if ((sizes[mine] as number) === 1) continue;
    const inside = (sums[mine] as number) / ((sizes[mine] as number) - 1);
    let outside = Infinity;
    for (const [cluster, sum] of sums.entries())
      if (cluster !== mine) outside = Math.min(outside, sum / (sizes[cluster] as number));
    const larger = Math.max(inside, outside);
    total += larger === 0 ? 0 : (outside - inside) / larger;
  }
  return total / rows;
}
