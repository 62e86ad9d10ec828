// Small gradient-boosted trees for two classes: log-loss, Newton steps, quantile bins (Friedman, Annals of Statistics 29,
// 2001; Chen and Guestrin, KDD 2016). Finds the bends and interactions that logistic regression cannot. No randomness.
import { checkMatrix, statsInput } from '../matrix-input.js';
import type { Matrix } from '../matrix.js';
import { binColumns } from './quantile-bins.js';
import type { BinnedColumns } from './quantile-bins.js';

export interface BoostingOptions {
  /** Number of trees; default 60. */
  readonly rounds?: number;
  /** Questions from root to leaf; default 3. */
  readonly depth?: number;
  /** Share of each step that is taken; default 0.1. */
  readonly rate?: number;
  /** Rows in the smallest leaf; default 20. */
  readonly minRows?: number;
}

export interface BoostedTrees {
  /** Probability of class 1 for each row. */
  readonly probabilities: (matrix: Matrix) => Float64Array;
}

/** A full binary tree by levels: children of node i are 2i + 1 (at most the threshold) and 2i + 2. */
interface Tree {
  readonly column: Int32Array;
  readonly threshold: Float64Array;
  readonly leaf: Float64Array;
}

interface Split {
  readonly column: number;
  readonly bin: number;
  readonly gain: number;
}

export const BOOSTING_BOUNDS = { maxRows: 1_000_000, maxColumns: 5_000 };
const BINS = 64;
const L2 = 1;
/** Numbers of the matrix times levels of all trees; about a minute. */
const MOST_WORK = 1e10;

/**
 * @param labels 0 or 1 for each row
 * @throws VallumError STATS_INPUT on NaN, false shapes, other labels, impossible options, more work than is bearable
 */
export function boostedTrees(matrix: Matrix, labels: ArrayLike<number>, options: BoostingOptions = {}): BoostedTrees {
  const { rounds = 60, depth = 3, rate = 0.1, minRows = 20 } = options;
  checkMatrix(matrix, BOOSTING_BOUNDS);
  const whole = [rounds, depth, minRows].every((value) => Number.isSafeInteger(value) && value >= 1);
  if (!whole || depth > 8 || !(rate > 0 && rate <= 1))
    throw statsInput('the options of the boosted trees make no sense');
  if (matrix.values.length * rounds * depth > MOST_WORK)
    throw statsInput('the rows, columns and trees are too many to fit');
  const { rows } = matrix;
  const y = Uint8Array.from(labels);
  if (y.length !== rows || y.some((label, i) => label > 1 || label !== labels[i]))
    throw statsInput('boosted trees need one label, 0 or 1, for each row');
  const bins = binColumns(matrix, BINS);
  // Half a row of each class more: the logarithm stays finite where one class is missing.
  const ones = y.reduce((sum, label) => sum + label, 0);
  const base = Math.log((ones + 0.5) / (rows - ones + 0.5));
  const margin = new Float64Array(rows).fill(base);
  const gradient = new Float64Array(rows);
  const curvature = new Float64Array(rows);
  const trees: Tree[] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (let row = 0; row < rows; row += 1) {
      const p = logistic(margin[row] as number);
      gradient[row] = p - (y[row] as number);
      curvature[row] = p * (1 - p);
    }
    trees.push(grow(bins, { gradient, curvature, margin }, { depth, rate, minRows }));
  }
  return { probabilities: (of) => predict(of, matrix.columns, trees, base) };
}

interface Derivatives {
  readonly gradient: Float64Array;
  readonly curvature: Float64Array;
  /** Moved by the leaves of the new tree. */
  readonly margin: Float64Array;
}

function grow(bins: BinnedColumns, of: Derivatives, options: Required<Omit<BoostingOptions, 'rounds'>>): Tree {
  const { depth, rate, minRows } = options;
  const rows = of.gradient.length;
  const inner = 2 ** depth - 1;
  const tree: Tree = {
    column: new Int32Array(inner).fill(-1),
    threshold: new Float64Array(inner),
    leaf: new Float64Array(inner + 2 ** depth),
  };
  let level: { readonly node: number; readonly rows: Uint32Array }[] = [
    { node: 0, rows: Uint32Array.from({ length: rows }, (_, i) => i) },
  ];
  const finish = (node: number, members: Uint32Array): void => {
    let [g, h] = [0, L2];
    for (const row of members) {
      g += of.gradient[row] as number;
      h += of.curvature[row] as number;
    }
    tree.leaf[node] = (-rate * g) / h;
    for (const row of members) of.margin[row] = (of.margin[row] as number) - (rate * g) / h;
  };
  for (let at = 0; at < depth; at += 1) {
    const next: { node: number; rows: Uint32Array }[] = [];
    for (const { node, rows: members } of level) {
      const split = bestSplit(bins, of, members, minRows);
      if (split === undefined) {
        finish(node, members);
        continue;
      }
      tree.column[node] = split.column;
      tree.threshold[node] = bins.edges[split.column]?.[split.bin] ?? 0;
      const codes = bins.codes[split.column] as Uint8Array;
      next.push({ node: 2 * node + 1, rows: members.filter((row) => (codes[row] as number) <= split.bin) });
      next.push({ node: 2 * node + 2, rows: members.filter((row) => (codes[row] as number) > split.bin) });
    }
    level = next;
  }
  for (const { node, rows: members } of level) finish(node, members);
  return tree;
}

/** The question that lowers the loss most, if any does and leaves enough rows on both sides. */
function bestSplit(bins: BinnedColumns, of: Derivatives, members: Uint32Array, minRows: number): Split | undefined {
  let best: Split | undefined;
  if (members.length < 2 * minRows) return best;
  const g = new Float64Array(BINS);
  const h = new Float64Array(BINS);
  const n = new Uint32Array(BINS);
  for (const [column, codes] of bins.codes.entries()) {
    g.fill(0);
    h.fill(0);
    n.fill(0);
    for (const row of members) {
      const code = codes[row] as number;
      g[code] = (g[code] as number) + (of.gradient[row] as number);
      h[code] = (h[code] as number) + (of.curvature[row] as number);
      n[code] = (n[code] as number) + 1;
    }
    const [allG, allH] = [g.reduce((sum, value) => sum + value, 0), h.reduce((sum, value) => sum + value, 0)];
    let [leftG, leftH, leftN] = [0, 0, 0];
    for (let bin = 0; bin < (bins.edges[column]?.length ?? 0); bin += 1) {
      leftG += g[bin] as number;
      leftH += h[bin] as number;
      leftN += n[bin] as number;
      if (leftN < minRows || members.length - leftN < minRows) continue;
      const rightG = allG - leftG;
      const gain = leftG ** 2 / (leftH + L2) + rightG ** 2 / (allH - leftH + L2) - allG ** 2 / (allH + L2);
      if (gain > (best?.gain ?? 1e-9)) best = { column, bin, gain };
    }
  }
  return best;
}

function predict(matrix: Matrix, columns: number, trees: readonly Tree[], base: number): Float64Array {
  checkMatrix(matrix, BOOSTING_BOUNDS);
  if (matrix.columns !== columns) throw statsInput(`${matrix.columns} columns, and ${columns} were learnt`);
  const out = new Float64Array(matrix.rows);
  for (let row = 0; row < matrix.rows; row += 1) {
    let margin = base;
    for (const { column, threshold, leaf } of trees) {
      let node = 0;
      for (let of = column[node] ?? -1; of >= 0; of = column[node] ?? -1)
        node = 2 * node + ((matrix.values[row * columns + of] as number) <= (threshold[node] as number) ? 1 : 2);
      margin += leaf[node] as number;
    }
    out[row] = logistic(margin);
  }
  return out;
}

function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
