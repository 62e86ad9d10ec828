// Maximum mean discrepancy with a Gaussian kernel (Gretton, Borgwardt, Rasch, Schoelkopf and Smola, JMLR 13, 2012): zero
// only where two distributions are the same, over all columns at once. Columns count as they come: bring them to one scale
// first. The bandwidth is the median heuristic on the pooled rows, which dealing rows to the sides by lot does not change,
// so the permutation p is valid at every size.
//
// Up to 2,000 rows the unbiased statistic on all pairs; above, random Fourier features (Rahimi and Recht, NIPS 2007),
// linear in the rows: another statistic of the same discrepancy, with as valid a p.
import { checkMatrix, statsInput } from '../matrix-input.js';
import type { Matrix } from '../matrix.js';
import { mulberry32 } from '../random.js';
import { stackRows } from './folds.js';
import { fourierFeatures } from './fourier-features.js';

export interface MmdOptions {
  readonly seed: number;
  /** Default 199. */
  readonly permutations?: number;
}

export interface MmdResult {
  /** Estimate of the squared discrepancy; the unbiased one may be a little below 0. */
  readonly statistic: number;
  readonly p: number;
  /** Of the kernel exp(-d^2 / (2 sigma^2)). */
  readonly sigma: number;
  readonly method: 'all-pairs' | 'random-features';
}

const ALL_PAIRS_ROWS = 2_000;
const MMD_BOUNDS = { maxRows: 200_000, maxColumns: 5_000 };
const FEATURES = 128;
/** Pairs of rows whose median distance sets the bandwidth. */
const MEDIAN_PAIRS = 5_000;

/** @throws VallumError STATS_INPUT on NaN, different columns, fewer than two rows on a side, more than 200,000 rows */
export function mmd(reference: Matrix, current: Matrix, { seed, permutations = 199 }: MmdOptions): MmdResult {
  checkMatrix(reference, MMD_BOUNDS);
  checkMatrix(current, MMD_BOUNDS);
  if (Math.min(reference.rows, current.rows) < 2) throw statsInput('a discrepancy needs two rows on each side');
  if (!Number.isSafeInteger(permutations) || permutations < 1 || permutations > 10_000)
    throw statsInput(`${permutations} permutations cannot be drawn`);
  const pooled = stackRows(reference, current);
  checkMatrix(pooled, MMD_BOUNDS);
  const random = mulberry32(seed);
  const sigma = medianDistance(pooled, random) / Math.SQRT2;
  // All drawn pairs are of equal rows: any bandwidth tells as much.
  const width = sigma > 0 ? sigma : 1;
  const small = pooled.rows <= ALL_PAIRS_ROWS;
  const statisticOf = small
    ? allPairs(kernelMatrix(pooled, width), pooled.rows, reference.rows)
    : meanDifference(fourierFeatures(pooled, width, FEATURES, random), reference.rows);
  const order = Uint32Array.from({ length: pooled.rows }, (_, i) => i);
  const statistic = statisticOf(order);
  let atLeast = 0;
  for (let i = 0; i < permutations; i += 1) {
    for (let a = 0; a < reference.rows; a += 1) {
      const b = a + Math.floor(random() * (order.length - a));
      const held = order[a] as number;
      order[a] = order[b] as number;
      order[b] = held;
    }
    if (statisticOf(order) >= statistic - 1e-12 * Math.abs(statistic)) atLeast += 1;
  }
  return {
    statistic,
    p: (1 + atLeast) / (1 + permutations),
    sigma: width,
    method: small ? 'all-pairs' : 'random-features',
  };
}

function medianDistance({ rows, columns, values }: Matrix, random: () => number): number {
  const distances = Float64Array.from({ length: MEDIAN_PAIRS }, () => {
    const a = Math.floor(random() * rows);
    const b = (a + 1 + Math.floor(random() * (rows - 1))) % rows;
    return Math.sqrt(squaredDistance(values, a * columns, b * columns, columns));
  }).sort();
  return distances[MEDIAN_PAIRS >> 1] as number;
}

function squaredDistance(values: Float64Array | Float32Array, a: number, b: number, columns: number): number {
  let sum = 0;
  for (let j = 0; j < columns; j += 1) sum += ((values[a + j] as number) - (values[b + j] as number)) ** 2;
  return sum;
}

function kernelMatrix({ rows, columns, values }: Matrix, sigma: number): Float64Array {
  const kernel = new Float64Array(rows * rows);
  for (let a = 0; a < rows; a += 1)
    for (let b = 0; b < a; b += 1) {
      const value = Math.exp(-squaredDistance(values, a * columns, b * columns, columns) / (2 * sigma * sigma));
      kernel[a * rows + b] = value;
      kernel[b * rows + a] = value;
    }
  return kernel;
}

/** The unbiased statistic for the first m rows of an order against the others; the diagonal of the kernel is 0. */
function allPairs(kernel: Float64Array, rows: number, m: number): (order: Uint32Array) => number {
  const n = rows - m;
  const first = new Float64Array(rows);
  const total = kernel.reduce((sum, value) => sum + value, 0);
  return (order) => {
    first.fill(0);
    for (let i = 0; i < m; i += 1) first[order[i] as number] = 1;
    let within = 0;
    let touching = 0;
    for (let i = 0; i < m; i += 1) {
      const start = (order[i] as number) * rows;
      for (let b = 0; b < rows; b += 1) {
        const value = kernel[start + b] as number;
        touching += value;
        within += value * (first[b] as number);
      }
    }
    const across = touching - within;
    const others = total - within - 2 * across;
    return within / (m * (m - 1)) + others / (n * (n - 1)) - (2 * across) / (m * n);
  };
}

/** Squared distance of the mean features of the first m rows of an order and of the others. */
function meanDifference({ rows, columns, values }: Matrix, m: number): (order: Uint32Array) => number {
  const all = new Float64Array(columns);
  for (let i = 0; i < values.length; i += columns)
    for (let j = 0; j < columns; j += 1) all[j] = (all[j] as number) + (values[i + j] as number);
  const sums = new Float64Array(columns);
  return (order) => {
    sums.fill(0);
    for (let i = 0; i < m; i += 1) {
      const start = (order[i] as number) * columns;
      for (let j = 0; j < columns; j += 1) sums[j] = (sums[j] as number) + (values[start + j] as number);
    }
    let squared = 0;
    for (let j = 0; j < columns; j += 1)
      squared += ((sums[j] as number) / m - ((all[j] as number) - (sums[j] as number)) / (rows - m)) ** 2;
    return squared;
  };
}
