// Builds a certified distribution function in one pass and constant memory, for any order of the values.
//
// The stream is cut into epochs. An epoch keeps its first values, takes its edges from them, and counts everything after
// exactly. When a block would make one bin too heavy (the values moved: a sorted file, an attacker who sends the middle
// last), that block is not counted there: the epoch ends before it and a new one begins with it. So each epoch's certificate
// is bounded by construction, and as certificates add under merging, so is the one of the whole stream.
import { radixSort } from '../radix-sort.js';
import { BinCounter } from './bin-counter.js';
import { cdfOfSorted, EMPTY_CDF, isOpenBelow, mergeCdfs, thin } from './certified-cdf.js';
import type { CertifiedCdf } from './certified-cdf.js';
import { below } from './float-order.js';

export interface CdfOptions {
  /** Edges in the result. */
  readonly bins: number;
  /** Values kept at the beginning of an epoch; edges come from them. */
  readonly buffer: number;
  /** Count on these edges and no others: one exact epoch, comparable edge by edge with the profile they came from. */
  readonly edges?: readonly number[];
}

/** Values that each bin of an epoch has at least when it opens. */
const PER_BIN = 32;
/** A bin that holds more than this many times its fair share of the epoch ends the epoch. */
const HEAVY = 4;

interface Counting {
  readonly counter: BinCounter;
  readonly counts: Float64Array;
  /** Of the block that is being counted, before it is accepted. */
  readonly fresh: Float64Array;
  /** Bins that hold one value only and can never be too heavy. */
  readonly atoms: Uint8Array;
  n: number;
  min: number;
  max: number;
}

export class CdfBuilder {
  readonly #options: CdfOptions;
  readonly #fixed: boolean;
  #closed: CertifiedCdf = EMPTY_CDF;
  /** Grows with what it holds: a table may have 100,000 columns and a row. */
  #buffer: Float64Array = new Float64Array(0);
  #buffered = 0;
  #counting: Counting | undefined;

  constructor(options: CdfOptions) {
    this.#options = options;
    this.#fixed = options.edges !== undefined && options.edges.length > 0;
    if (options.edges !== undefined && this.#fixed) this.#counting = counting(Float64Array.from(options.edges));
  }

  /** The first `n` values: finite, without negative zero, between `min` and `max`. A block is small (thousands). */
  add(block: Float64Array, n: number, min: number, max: number): void {
    if (n === 0) return;
    if (this.#counting === undefined) {
      this.#keep(block, n);
      return;
    }
    const { counter, counts, fresh, atoms } = this.#counting;
    counter.count(block, n, fresh);
    // Edges of a reference stay as they are, however heavy a bin becomes: the certificate says so.
    const most = (HEAVY * (this.#counting.n + n)) / this.#edgesOfEpoch();
    if (!this.#fixed && isHeavy(counts, fresh, atoms, most)) {
      this.#close();
      this.#keep(block, n);
      return;
    }
    accept(counts, fresh);
    this.#counting.n += n;
    this.#counting.min = Math.min(this.#counting.min, min);
    this.#counting.max = Math.max(this.#counting.max, max);
  }

  /** What was counted so far; more may follow. */
  value(): CertifiedCdf {
    if (this.#fixed) return this.#epoch();
    return mergeCdfs(this.#closed, this.#epoch(), this.#options.bins);
  }

  #keep(block: Float64Array, n: number): void {
    const taken = Math.min(n, this.#options.buffer - this.#buffered);
    if (this.#buffered + taken > this.#buffer.length) {
      const larger = new Float64Array(Math.min(this.#options.buffer, 4 * (this.#buffered + taken)));
      larger.set(this.#buffer.subarray(0, this.#buffered));
      this.#buffer = larger;
    }
    this.#buffer.set(block.subarray(0, taken), this.#buffered);
    this.#buffered += taken;
    if (this.#buffered < this.#options.buffer) return;
    this.#open();
    if (taken === n) return;
    const rest = block.slice(taken, n);
    let min = Infinity;
    let max = -Infinity;
    for (const value of rest) {
      if (value < min) min = value;
      if (value > max) max = value;
    }
    this.add(rest, rest.length, min, max);
  }

  /** The buffer is full: its quantiles become edges, and its values are the first that are counted. */
  #open(): void {
    const sorted = radixSort(this.#buffer.subarray(0, this.#buffered));
    const cdf = cdfOfSorted(sorted, this.#edgesOfEpoch());
    const state = counting(Float64Array.from(cdf.edges));
    // Counts on kept edges are exact: thinning leaves out edges, it does not blur those that stay.
    cdf.low.forEach((count, i) => (state.counts[i] = count - (cdf.low[i - 1] ?? 0)));
    state.n = cdf.n;
    state.min = sorted[0] as number;
    state.max = sorted[sorted.length - 1] as number;
    // Most columns never need it again.
    this.#buffer = new Float64Array(0);
    this.#buffered = 0;
    this.#counting = state;
  }

  /** Twice the bins of the result, unless a small buffer says too little about so many. */
  #edgesOfEpoch(): number {
    return Math.max(2, Math.min(2 * this.#options.bins, Math.floor(this.#options.buffer / PER_BIN)));
  }

  #close(): void {
    this.#closed = mergeCdfs(this.#closed, this.#epoch(), 2 * this.#options.bins);
    this.#counting = undefined;
  }

  #epoch(): CertifiedCdf {
    if (this.#counting !== undefined) return countedCdf(this.#counting);
    const sorted = radixSort(this.#buffer.subarray(0, this.#buffered));
    return cdfOfSorted(sorted, 2 * this.#options.bins);
  }
}

function isHeavy(counts: Float64Array, fresh: Float64Array, atoms: Uint8Array, most: number): boolean {
  for (let i = 0; i < fresh.length; i += 1)
    if ((counts[i] as number) + (fresh[i] as number) > most && atoms[i] === 0) return true;
  return false;
}

function accept(counts: Float64Array, fresh: Float64Array): void {
  for (let i = 0; i < fresh.length; i += 1) counts[i] = (counts[i] as number) + (fresh[i] as number);
  fresh.fill(0);
}

function counting(edges: Float64Array): Counting {
  const bins = edges.length + 1;
  const atoms = new Uint8Array(bins);
  for (let i = 1; i < edges.length; i += 1) {
    atoms[i] = isOpenBelow(edges[i - 1], edges[i] as number) ? 0 : 1;
  }
  const state = {
    counter: new BinCounter(edges),
    counts: new Float64Array(bins),
    fresh: new Float64Array(bins),
    atoms,
  };
  return { ...state, n: 0, min: Infinity, max: -Infinity };
}

/** Exact on its edges; minimum and maximum are known too, so nothing is uncertain outside of them. */
function countedCdf({ counter, counts, n, min, max }: Counting): CertifiedCdf {
  if (n === 0) return EMPTY_CDF;
  const edges: number[] = [];
  const sums: number[] = [];
  let sum = 0;
  if (isOpenBelow(undefined, min)) {
    edges.push(below(min));
    sums.push(0);
  }
  for (let i = 0; i < counter.edges.length; i += 1) {
    const edge = counter.edges[i] as number;
    sum += counts[i] as number;
    if (edge < min) continue;
    if (edge >= max) break;
    edges.push(edge);
    sums.push(sum);
  }
  edges.push(max);
  sums.push(n);
  return thin({ edges, low: sums, high: sums }, n, Infinity);
}
