// Columns as small whole numbers: the bin of each value between quantiles of the column, so that a tree can be grown from
// counts. Monotone transformations of a column change nothing.
import type { Matrix } from '../matrix.js';

export interface BinnedColumns {
  /** For each column the bin of each row; a value is in bin b when it is above edge b - 1 and at most edge b. */
  readonly codes: readonly Uint8Array[];
  /** For each column ascending distinct edges, fewer than `bins`. */
  readonly edges: readonly Float64Array[];
}

/** @param bins at most 256 */
export function binColumns({ rows, columns, values }: Matrix, bins: number): BinnedColumns {
  const codes: Uint8Array[] = [];
  const edges: Float64Array[] = [];
  const column = new Float64Array(rows);
  for (let j = 0; j < columns; j += 1) {
    for (let row = 0; row < rows; row += 1) column[row] = values[row * columns + j] as number;
    const sorted = column.slice().sort();
    const distinct = new Set<number>();
    for (let b = 1; b < bins; b += 1) {
      const edge = sorted[Math.floor((b * (rows - 1)) / bins)] as number;
      // An edge at the largest value would leave nothing above it.
      if (edge < (sorted[rows - 1] as number)) distinct.add(edge);
    }
    const of = Float64Array.from(distinct);
    edges.push(of);
    codes.push(Uint8Array.from(column, (value) => binOf(of, value)));
  }
  return { codes, edges };
}

/** Edges below the value. */
function binOf(edges: Float64Array, value: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((edges[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
