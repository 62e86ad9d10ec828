// A distribution function with a certificate: at each edge e the number of values <= e lies between `low` and `high`, for
// certain, whatever order somebody chose to send the values in. Between two edges it is known only from its neighbours; the
// widest such interval is the certificate. Two of them add, and edges can be left out: neither breaks the bounds.
import { below } from './float-order.js';

/** A plain JSON value. Before the first edge the count is 0; `low` and `high` rise and end at n. */
export interface CertifiedCdf {
  /** How many finite values were counted. */
  readonly n: number;
  /** Rising, finite; the last one is the maximum. */
  readonly edges: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
  /** In values: at every real number the count is known to within this many. Divide by n for a share. */
  readonly certificate: number;
}

/** Edges with their bounds, before anything was left out. */
export interface Steps {
  readonly edges: ArrayLike<number>;
  readonly low: ArrayLike<number>;
  readonly high: ArrayLike<number>;
}

export const EMPTY_CDF: CertifiedCdf = { n: 0, edges: [], low: [], high: [], certificate: 0 };

/** No double lies between the two: nothing can happen there. */
function touching({ edges }: Steps, i: number, j: number): boolean {
  return j === i + 1 && !isOpenBelow(edges[i], edges[j] as number);
}

/** Uncertainty of the count at edge j and in the gap (i, j) before it; i = -1 is minus infinity. */
function width(steps: Steps, i: number, j: number): number {
  const from = touching(steps, i, j) ? (steps.low[j] as number) : i < 0 ? 0 : (steps.low[i] as number);
  return (steps.high[j] as number) - from;
}

/**
 * Keeps at most `limit` edges so that the certificate is the smallest possible. The best choice is found exactly: bounds
 * rise, so for a given width each step may go as far as the width allows, and the width is found by bisection.
 * It follows that the certificate of a merger is at most the sum of both certificates (keeping one side's edges would do).
 */
export function thin(steps: Steps, n: number, limit: number): CertifiedCdf {
  const all = steps.edges.length;
  let kept: readonly number[] | undefined;
  if (all > limit) {
    let enough = n;
    for (let least = 0; least < enough;) {
      const middle = Math.floor((least + enough) / 2);
      if (cover(steps, middle, limit)) enough = middle;
      else least = middle + 1;
    }
    kept = cover(steps, enough, limit);
  }
  kept ??= Array.from({ length: all }, (_, i) => i);
  const certificate = kept.reduce((most, j, at) => Math.max(most, width(steps, kept[at - 1] ?? -1, j)), 0);
  const pick = (from: ArrayLike<number>): number[] => kept.map((i) => from[i] as number);
  return { n, edges: pick(steps.edges), low: pick(steps.low), high: pick(steps.high), certificate };
}

/** The farthest steps of at most `most`; undefined if more than `limit` are needed, or if one step is wider. */
function cover(steps: Steps, most: number, limit: number): number[] | undefined {
  const last = steps.edges.length - 1;
  // Where the counts begin is kept: what lies apart then adds without loss.
  const first = steps.high[0] === 0 ? 0 : -1;
  const kept: number[] = first < 0 ? [] : [first];
  for (let at = first; at < last;) {
    let next = farthest(steps.high, at + 1, (at < 0 ? 0 : (steps.low[at] as number)) + most);
    if (next === at) {
      next = at + 1;
      if (width(steps, at, next) > most) return undefined;
    }
    if (kept.push(next) > limit) return undefined;
    at = next;
  }
  return kept;
}

/** The last index from `first` on with high <= bound; first - 1 if there is none. */
function farthest(high: ArrayLike<number>, first: number, bound: number): number {
  let under = first - 1;
  let over = high.length;
  // Steps are short compared with the array: look near before halving.
  for (let stride = 16; under + stride < over; stride *= 2) {
    if ((high[under + stride] as number) > bound) over = under + stride;
    else under += stride;
  }
  while (over - under > 1) {
    const middle = (under + over) >> 1;
    if ((high[middle] as number) > bound) over = middle;
    else under = middle;
  }
  return under;
}

/** Of sorted finite values: every value is an edge, those that occur more than once have their neighbour below too. */
export function cdfOfSorted(sorted: Float64Array, limit: number): CertifiedCdf {
  let distinct = 0;
  for (let i = 0; i < sorted.length; i += 1) if (sorted[i] !== sorted[i + 1]) distinct += 1;
  const edges = new Float64Array(2 * distinct);
  const counts = new Float64Array(2 * distinct);
  let used = 0;
  for (let start = 0, end = 0; start < sorted.length; start = end) {
    const value = sorted[start] as number;
    for (end = start + 1; end < sorted.length && sorted[end] === value;) end += 1;
    if ((start === 0 || end - start > 1 || 2 * distinct <= limit) && isOpenBelow(edges[used - 1], value)) {
      edges[used] = below(value);
      counts[used] = start;
      used += 1;
    }
    edges[used] = value;
    counts[used] = end;
    used += 1;
  }
  const low = counts.subarray(0, used);
  return thin({ edges: edges.subarray(0, used), low, high: low }, sorted.length, limit);
}

/** Whether a double lies between the edge before (if there is one) and the value. */
export function isOpenBelow(before: number | undefined, value: number): boolean {
  return (before ?? -Infinity) < below(value);
}

/** The sum of two, on the edges of both, thinned to `limit` edges. */
export function mergeCdfs(a: CertifiedCdf, b: CertifiedCdf, limit: number): CertifiedCdf {
  if (a.n === 0 || b.n === 0) return thin(a.n === 0 ? b : a, a.n + b.n, limit);
  const { edges, left, right } = onCommonEdges(a, b);
  const sum = (x: Float64Array, y: Float64Array): Float64Array => x.map((value, i) => value + (y[i] as number));
  return thin({ edges, low: sum(left.low, right.low), high: sum(left.high, right.high) }, a.n + b.n, limit);
}

export interface BoundsOnEdges {
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/** Both on the union of their edges. */
export function onCommonEdges(
  a: CertifiedCdf,
  b: CertifiedCdf,
): { readonly edges: Float64Array; readonly left: BoundsOnEdges; readonly right: BoundsOnEdges } {
  const edges = Float64Array.from(new Set([...a.edges, ...b.edges])).sort();
  return { edges, left: boundsAt(a, edges), right: boundsAt(b, edges) };
}

/** The bounds at other points, which must rise: from the edge at or before each one, and from the one at or after it. */
export function boundsAt(cdf: CertifiedCdf, points: Float64Array): BoundsOnEdges {
  const low = new Float64Array(points.length);
  const high = new Float64Array(points.length);
  let after = 0;
  for (let i = 0; i < points.length; i += 1) {
    const point = points[i] as number;
    while (after < cdf.edges.length && (cdf.edges[after] as number) < point) after += 1;
    const before = cdf.edges[after] === point ? after : after - 1;
    low[i] = before < 0 ? 0 : (cdf.low[before] as number);
    high[i] = after < cdf.edges.length ? (cdf.high[after] as number) : cdf.n;
  }
  return { low, high };
}
