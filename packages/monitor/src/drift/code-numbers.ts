// Numbers as at most 255 ordered bins with equally many rows of both samples together, so that permutations cost one byte a row
// and heavy tails cost nothing. Equal values always share a bin; up to 255 distinct values keep one each.

export const BINS = 255;

export interface CodedNumbers {
  /** 0 where the value is missing, else 1 to `bins`, in the order of the values; the reference first. */
  readonly codes: Uint8Array;
  readonly bins: number;
  /** Lowest value of each bin, ascending. */
  readonly edges: Float64Array;
  /** Mean of each bin from index 1, in a unit of its own; undefined where doubles cannot say. Infinities count as the largest finite value. */
  readonly values: Float64Array | undefined;
}

/** NaN is missing; infinities are values like others. */
export function codeNumbers(reference: Float64Array, current: Float64Array): CodedNumbers {
  const pooled = new Float64Array(reference.length + current.length);
  let filled = 0;
  for (const values of [reference, current])
    for (const value of values) if (!Number.isNaN(value)) pooled[filled++] = value === 0 ? 0 : value;
  const sorted = pooled.subarray(0, filled).sort();
  const distinct = distinctUpTo(sorted, BINS);
  const edges = distinct ?? quantileEdges(sorted);
  const codes = new Uint8Array(reference.length + current.length);
  encode(reference, edges, codes.subarray(0, reference.length));
  encode(current, edges, codes.subarray(reference.length));
  return { codes, bins: edges.length, edges, values: meansOf(sorted, edges) };
}

/** Code of each value: how many edges are at or below it. Values below the first edge get the first bin. */
export function encode(values: Float64Array, edges: Float64Array, codes: Uint8Array | Uint16Array): void {
  for (let row = 0; row < values.length; row += 1) {
    const value = values[row] as number;
    codes[row] = Number.isNaN(value) ? 0 : Math.max(1, countAtMost(edges, value));
  }
}

function countAtMost(edges: Float64Array, value: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((edges[middle] as number) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function distinctUpTo(sorted: Float64Array, most: number): Float64Array | undefined {
  const found: number[] = [];
  for (const value of sorted) {
    if (found.length > 0 && found[found.length - 1] === value) continue;
    if (found.length === most) return undefined;
    found.push(value);
  }
  return Float64Array.from(found);
}

/** Quantiles of the pool; a value that takes up several of them keeps one bin. */
function quantileEdges(sorted: Float64Array): Float64Array {
  const edges: number[] = [];
  for (let bin = 0; bin < BINS; bin += 1) {
    const edge = sorted[Math.floor((bin * sorted.length) / BINS)] as number;
    if (edges[edges.length - 1] !== edge) edges.push(edge);
  }
  return Float64Array.from(edges);
}

/** Relative to the spread between the outermost finite bins, so that scores of 1e300 do not leave the range when squared. */
function meansOf(sorted: Float64Array, edges: Float64Array): Float64Array | undefined {
  const from = Math.max(0, sorted.findIndex(Number.isFinite));
  const low = sorted[from] as number;
  const high = sorted[sorted.findLastIndex(Number.isFinite)] as number;
  const unit = high - low;
  if (!(unit > 0 && Number.isFinite(unit))) return undefined;
  const means = new Float64Array(edges.length + 1);
  for (let bin = 0, row = 0; bin < edges.length; bin += 1) {
    const start = row;
    const end = edges[bin + 1] ?? Infinity;
    let sum = 0;
    for (; row < sorted.length && (bin === edges.length - 1 || (sorted[row] as number) < end); row += 1)
      sum += (Math.min(high, Math.max(low, sorted[row] as number)) - low) / unit;
    means[bin + 1] = sum / (row - start);
  }
  return means;
}
