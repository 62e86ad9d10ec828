// Exact k nearest neighbours, blocked, up to 50,000 rows x 1,000 columns. The same pass answers "and if these columns
// were hidden?" for several sets of columns: squared distances without a set are the whole minus the set, so a patch that
// an attacker puts into every one of his rows cannot make them neighbours in the view that hides it.
import type { Matrix } from '../matrix.js';
import { checkMatrix, statsInput } from '../matrix-input.js';
import { BLOCK, gram, loadBlock } from './gram.js';
import { NearestLists } from './nearest-lists.js';
import type { Neighbours } from './nearest-lists.js';

export interface NearestOptions {
  /** Neighbours of each row; the row itself is none. */
  readonly k: number;
  /** Default euclidean. Cosine distance is 1 - cos; a row of zeros is at distance 1 from all but rows of zeros. */
  readonly metric?: 'euclidean' | 'cosine';
  /** Sets of columns to hide, each a view of its own; euclidean only. */
  readonly hidden?: readonly Uint32Array[];
  /** Rows marked 1 have neighbours and are none. */
  readonly exclude?: Uint8Array;
  /** Awaited between blocks (tens of milliseconds): give the event loop a turn, throw to stop. */
  readonly turn?: () => Promise<void>;
}

export const NEAREST_BOUNDS = { maxRows: 50_000, maxColumns: 1024 };
const MAX_VIEWS = 32;
const MAX_K = 1024;

/**
 * @returns one result with nothing hidden, then one for each set of `hidden`
 * @throws VallumError `STATS_INPUT`
 */
export async function nearest(matrix: Matrix, options: NearestOptions): Promise<readonly Neighbours[]> {
  const { k, hidden = [], exclude, turn } = options;
  checkMatrix(matrix, NEAREST_BOUNDS);
  refuseOptions(matrix, options);
  const cosine = options.metric === 'cosine';
  const views = [cosine ? unitRows(matrix) : matrix, ...hidden.map((columns) => selectColumns(matrix, columns))].map(
    (part) => new View(part, new NearestLists(matrix.rows, k)),
  );
  for (let from = 0; from < matrix.rows; from += BLOCK) {
    const to = Math.min(from + BLOCK, matrix.rows);
    for (const view of views) view.loadLeft(from, to);
    for (let other = from; other < matrix.rows; other += BLOCK) {
      const end = Math.min(other + BLOCK, matrix.rows);
      for (const view of views) view.distances({ from, to, other, end });
      offerAll(views, { from, to, other, end }, exclude);
    }
    await turn?.();
  }
  return views.map(({ lists }) => lists.finish(cosine ? (squared) => squared / 2 : Math.sqrt));
}

interface BlockPair {
  readonly from: number;
  readonly to: number;
  readonly other: number;
  readonly end: number;
}

/** Squared distances over the columns of one part; the first part is the whole. */
class View {
  readonly lists: NearestLists;
  readonly squared = new Float64Array(BLOCK * BLOCK);
  readonly #part: Matrix;
  readonly #norms: Float64Array;
  readonly #left: Float64Array;
  readonly #right: Float64Array;

  constructor(part: Matrix, lists: NearestLists) {
    this.lists = lists;
    this.#part = part;
    this.#norms = squaredNorms(part);
    this.#left = new Float64Array(BLOCK * part.columns);
    this.#right = new Float64Array(BLOCK * part.columns);
  }

  loadLeft(from: number, to: number): void {
    loadBlock(this.#part, from, to, this.#left);
  }

  distances({ from, to, other, end }: BlockPair): void {
    const { columns } = this.#part;
    loadBlock(this.#part, other, end, this.#right);
    gram(this.#left, this.#right, columns, this.squared);
    for (let i = from; i < to; i += 1)
      for (let j = other; j < end; j += 1) {
        const at = (i - from) * BLOCK + j - other;
        const norms = (this.#norms[i] as number) + (this.#norms[j] as number);
        this.squared[at] = Math.max(0, norms - 2 * (this.squared[at] as number));
      }
  }
}

function offerAll(views: readonly View[], { from, to, other, end }: BlockPair, exclude: Uint8Array | undefined): void {
  const whole = views[0]?.squared as Float64Array;
  for (const [v, { lists, squared }] of views.entries())
    for (let i = from; i < to; i += 1)
      for (let j = Math.max(other, i + 1); j < end; j += 1) {
        const at = (i - from) * BLOCK + j - other;
        const all = whole[at] as number;
        const distance = v === 0 ? all : Math.max(0, all - (squared[at] as number));
        if (distance <= (lists.worst[i] as number) && exclude?.[j] !== 1) lists.offer(i, j, distance);
        if (distance <= (lists.worst[j] as number) && exclude?.[i] !== 1) lists.offer(j, i, distance);
      }
}

function refuseOptions(matrix: Matrix, { k, hidden = [], exclude, metric }: NearestOptions): void {
  if (!Number.isInteger(k) || k < 1 || k > MAX_K) throw statsInput(`k is 1 to ${MAX_K}, not ${k}`);
  if (hidden.length > MAX_VIEWS) throw statsInput(`at most ${MAX_VIEWS} sets of columns are hidden in turn`);
  if (metric === 'cosine' && hidden.length > 0) throw statsInput('columns are hidden from euclidean distances only');
  if (exclude !== undefined && exclude.length !== matrix.rows)
    throw statsInput('`exclude` has another length than the matrix has rows');
  for (const columns of hidden) {
    if (columns.length === 0) throw statsInput('a hidden set of columns is empty');
    for (const column of columns)
      if (column >= matrix.columns) throw statsInput(`column ${column} of ${matrix.columns} cannot be hidden`);
  }
}

function squaredNorms({ rows, columns, values }: Matrix): Float64Array {
  return Float64Array.from({ length: rows }, (_, row) => {
    let sum = 0;
    for (let i = row * columns; i < (row + 1) * columns; i += 1) sum += (values[i] as number) ** 2;
    return sum;
  });
}

/** Rows of length one. Rows of zeros get a column of their own: equal to each other, at right angles to all others. */
function unitRows(matrix: Matrix): Matrix {
  const norms = squaredNorms(matrix);
  const { rows, columns, values } = matrix;
  const wide = new Float64Array(rows * (columns + 1));
  for (let row = 0; row < rows; row += 1) {
    const norm = Math.sqrt(norms[row] as number);
    for (let c = 0; c < columns; c += 1)
      wide[row * (columns + 1) + c] = norm === 0 ? 0 : (values[row * columns + c] as number) / norm;
    if (norm === 0) wide[row * (columns + 1) + columns] = 1;
  }
  return { rows, columns: columns + 1, values: wide };
}

function selectColumns({ rows, columns, values }: Matrix, chosen: Uint32Array): Matrix {
  const size = rows * chosen.length;
  const part = values instanceof Float32Array ? new Float32Array(size) : new Float64Array(size);
  for (let row = 0; row < rows; row += 1)
    for (const [at, column] of chosen.entries())
      part[row * chosen.length + at] = values[row * columns + column] as number;
  return { rows, columns: chosen.length, values: part };
}
