// k-means: Lloyd's algorithm from k-means++ seeds (Arthur and Vassilvitskii, SODA 2007), the best of several starts.
import type { Matrix } from '../matrix.js';
import { checkMatrix, statsInput } from '../matrix-input.js';
import { mulberry32 } from '../random.js';

export interface KMeans {
  /** Cluster of each row, 0 to k - 1. */
  readonly assigned: Uint32Array;
  /** k x columns, row-major. */
  readonly centres: Float64Array;
  /** Sum of squared distances to the own centre. */
  readonly inertia: number;
}

export interface KMeansOptions {
  readonly k: number;
  readonly seed: number;
  /** Default 4. */
  readonly starts?: number;
  /** Default 100. */
  readonly iterations?: number;
}

export const KMEANS_BOUNDS = { maxRows: 200_000, maxColumns: 4096 };

/** @throws VallumError `STATS_INPUT` */
export function kMeans(matrix: Matrix, { k, seed, starts = 4, iterations = 100 }: KMeansOptions): KMeans {
  checkMatrix(matrix, KMEANS_BOUNDS);
  if (!Number.isInteger(k) || k < 1 || k > matrix.rows) throw statsInput(`k is 1 to the number of rows, not ${k}`);
  if (!(starts >= 1)) throw statsInput('k-means needs at least one start');
  const random = mulberry32(seed);
  let best: KMeans | undefined;
  for (let start = 0; start < starts; start += 1) {
    const found = lloyd(matrix, seedCentres(matrix, k, random), k, iterations);
    if (best === undefined || found.inertia < best.inertia) best = found;
  }
  return best as KMeans;
}

/** The next centre is a row drawn with a chance in proportion to its squared distance from the centres so far. */
function seedCentres({ rows, columns, values }: Matrix, k: number, random: () => number): Float64Array {
  const centres = new Float64Array(k * columns);
  const nearest = new Float64Array(rows).fill(Infinity);
  let chosen = Math.floor(random() * rows);
  for (let c = 0; c < k; c += 1) {
    for (let i = 0; i < columns; i += 1) centres[c * columns + i] = values[chosen * columns + i] as number;
    let total = 0;
    for (let row = 0; row < rows; row += 1) {
      const squared = distance(values, row * columns, centres, c * columns, columns);
      nearest[row] = Math.min(nearest[row] as number, squared);
      total += nearest[row] as number;
    }
    let left = random() * total;
    chosen = 0;
    while (chosen < rows - 1 && (left -= nearest[chosen] as number) > 0) chosen += 1;
  }
  return centres;
}

function lloyd(matrix: Matrix, centres: Float64Array, k: number, iterations: number): KMeans {
  const { rows, columns, values } = matrix;
  const assigned = new Uint32Array(rows);
  let inertia = assign(matrix, centres, k, assigned);
  for (let i = 0; i < iterations; i += 1) {
    const counts = new Uint32Array(k);
    const sums = new Float64Array(k * columns);
    for (let row = 0; row < rows; row += 1) {
      const own = assigned[row] as number;
      counts[own] = (counts[own] as number) + 1;
      for (let c = 0; c < columns; c += 1)
        sums[own * columns + c] = (sums[own * columns + c] as number) + (values[row * columns + c] as number);
    }
    for (let own = 0; own < k; own += 1) {
      const count = counts[own] as number;
      // A cluster that lost all its rows keeps its centre.
      if (count > 0)
        for (let c = 0; c < columns; c += 1) centres[own * columns + c] = (sums[own * columns + c] as number) / count;
    }
    const next = assign(matrix, centres, k, assigned);
    const rests = next >= inertia;
    inertia = next;
    if (rests) break;
  }
  return { assigned, centres, inertia };
}

/** To the nearest centre, the first of equals; returns the inertia. */
function assign({ rows, columns, values }: Matrix, centres: Float64Array, k: number, assigned: Uint32Array): number {
  let inertia = 0;
  for (let row = 0; row < rows; row += 1) {
    let best = Infinity;
    for (let c = 0; c < k; c += 1) {
      const squared = distance(values, row * columns, centres, c * columns, columns);
      if (squared >= best) continue;
      best = squared;
      assigned[row] = c;
    }
    inertia += best;
  }
  return inertia;
}

function distance(a: Matrix['values'], from: number, b: Float64Array, at: number, columns: number): number {
  let sum = 0;
  for (let c = 0; c < columns; c += 1) sum += ((a[from + c] as number) - (b[at + c] as number)) ** 2;
  return sum;
}
