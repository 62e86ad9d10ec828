// Counts values into bins between given edges, a few nanoseconds each: a table of cells says where to begin, and the cell's
// few edges are looked through. The cells may be chosen badly without harm: they only have to rise with the value.
import { HIGH, inOrder, orderKey } from './float-order.js';

const CELLS = 4096;
/** Above this many edges in a cell they are halved, not walked through. */
const WALK = 6;

/** Bin i holds e[i-1] < x <= e[i]; the last bin (index = number of edges) holds what is above every edge. */
export class BinCounter {
  readonly edges: Float64Array;
  /** For each cell, the number of edges in cells before it; one entry more than cells. */
  readonly #guide: Int32Array;
  readonly #cells: Cells;

  /** @param edges at least one, rising, finite, without negative zero */
  constructor(edges: Float64Array) {
    this.edges = edges;
    const linear = linearCells(edges);
    const bits = bitCells(edges);
    // The expected walk is the sum of squares over cells, as each bin has about the same mass.
    [this.#cells, this.#guide] = [linear, bits]
      .map((cells): [Cells, Int32Array] => [cells, guideOf(edges, cells)])
      .reduce((best, other) => (walk(other[1]) < walk(best[1]) ? other : best));
  }

  /** Adds the first `n` values, finite and without negative zero, to `counts` (length: edges + 1). */
  count(values: Float64Array, n: number, counts: Float64Array): void {
    if (this.#cells.kind === 'linear') this.#countLinear(this.#cells, values, n, counts);
    else this.#countBits(this.#cells, values, n, counts);
  }

  #countLinear({ from, scale }: LinearCells, values: Float64Array, n: number, counts: Float64Array): void {
    const edges = this.edges;
    const guide = this.#guide;
    const last = edges.length - 1;
    for (let i = 0; i < n; i += 1) {
      const x = values[i] as number;
      const place = (x - from) * scale;
      const cell = place > 0 ? (place < CELLS ? place | 0 : CELLS) : 0;
      let bin = guide[cell] as number;
      const end = guide[cell + 1] as number;
      if (end - bin > WALK) bin = halve(edges, bin, end, x);
      else while (bin <= last && (edges[bin] as number) < x) bin += 1;
      counts[bin] = (counts[bin] as number) + 1;
    }
  }

  #countBits({ from, to, shift }: BitCells, values: Float64Array, n: number, counts: Float64Array): void {
    const edges = this.edges;
    const guide = this.#guide;
    const last = edges.length - 1;
    const words = new Int32Array(values.buffer, values.byteOffset, 2 * n);
    for (let i = 0; i < n; i += 1) {
      const x = values[i] as number;
      const key = inOrder(words[2 * i + HIGH] as number);
      const cell = key <= from ? 0 : key >= to ? CELLS : ((key - from) | 0) >>> shift;
      let bin = guide[cell] as number;
      const end = guide[cell + 1] as number;
      if (end - bin > WALK) bin = halve(edges, bin, end, x);
      else while (bin <= last && (edges[bin] as number) < x) bin += 1;
      counts[bin] = (counts[bin] as number) + 1;
    }
  }
}

/** The first edge from `bin` up to `end` that is not below x; `end` if there is none. */
function halve(edges: Float64Array, bin: number, end: number, x: number): number {
  let low = bin;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((edges[middle] as number) < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Equal widths over the middle 98 % of the edges: one far outlier must not put everything into one cell. */
interface LinearCells {
  readonly kind: 'linear';
  readonly from: number;
  readonly scale: number;
}

/** Equal widths in the order of the doubles' upper 32 bits, which is nearly logarithmic: for heavy tails. */
interface BitCells {
  readonly kind: 'bits';
  readonly from: number;
  readonly to: number;
  readonly shift: number;
}

type Cells = LinearCells | BitCells;

function linearCells(edges: Float64Array): LinearCells {
  const from = edges[Math.floor(edges.length / 100)] as number;
  const to = edges[edges.length - 1 - Math.floor(edges.length / 100)] as number;
  const scale = CELLS / (to - from);
  // A range too wide or too narrow for a double: one cell for all.
  return { kind: 'linear', from, scale: Number.isFinite(scale) ? scale : 0 };
}

function bitCells(edges: Float64Array): BitCells {
  const from = orderKey(edges[0] as number);
  const to = orderKey(edges[edges.length - 1] as number);
  let shift = 0;
  while ((to - from) / 2 ** shift >= CELLS) shift += 1;
  return { kind: 'bits', from, to, shift };
}

function cellOf(cells: Cells, value: number): number {
  if (cells.kind === 'linear') {
    const place = (value - cells.from) * cells.scale;
    return place > 0 ? (place < CELLS ? place | 0 : CELLS) : 0;
  }
  const key = orderKey(value);
  return key <= cells.from ? 0 : key >= cells.to ? CELLS : ((key - cells.from) | 0) >>> cells.shift;
}

function guideOf(edges: Float64Array, cells: Cells): Int32Array {
  const guide = new Int32Array(CELLS + 2);
  for (const edge of edges) {
    const next = cellOf(cells, edge) + 1;
    guide[next] = (guide[next] as number) + 1;
  }
  for (let cell = 1; cell < guide.length; cell += 1)
    guide[cell] = (guide[cell] as number) + (guide[cell - 1] as number);
  return guide;
}

function walk(guide: Int32Array): number {
  let sum = 0;
  for (let cell = 1; cell < guide.length; cell += 1)
    sum += ((guide[cell] as number) - (guide[cell - 1] as number)) ** 2;
  return sum;
}
