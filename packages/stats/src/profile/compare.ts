// Figures from profiles alone, each with the interval that the truth lies in for certain: what was not kept is not guessed.
// The intervals say how well the rows at hand are known, not how well they stand for a population.
import type { Bounds } from '../intervals.js';
import { refuse } from '../refuse.js';
import { refuseInput } from '../samples.js';
import { boundsAt, isOpenBelow, onCommonEdges } from './certified-cdf.js';
import type { BoundsOnEdges } from './certified-cdf.js';
import { above } from './float-order.js';
import type { NumberProfile } from './profile.js';

/** Values that have a place in the order: finite ones and infinities, no NaN and nothing missing. */
function ordered(column: NumberProfile): number {
  const n = column.cdf.n + column.negativeInfinity + column.positiveInfinity;
  if (n === 0) throw refuseInput(`column ${JSON.stringify(column.name)} has no values to compare`);
  return n;
}

/** Counts as shares of all ordered values, negative infinities included. */
function shares(bounds: BoundsOnEdges, column: NumberProfile): BoundsOnEdges {
  const n = ordered(column);
  const share = (count: number): number => (count + column.negativeInfinity) / n;
  return { low: bounds.low.map(share), high: bounds.high.map(share) };
}

/**
 * Bounds of the two-sample Kolmogorov-Smirnov statistic. Equal, and then exact, where both distribution functions are exact
 * on their steps (few distinct values); at most the sum of both certificates apart.
 * @throws VallumError `STATS_INPUT` if a column has no values
 */
export function ksBounds(a: NumberProfile, b: NumberProfile): Bounds {
  const { edges, left, right } = onCommonEdges(a.cdf, b.cdf);
  const f = shares(left, a);
  const g = shares(right, b);
  // Below the first edge there are only negative infinities.
  const [f0, g0] = [a.negativeInfinity / ordered(a), b.negativeInfinity / ordered(b)];
  let low = Math.abs(f0 - g0);
  let high = low;
  for (let i = 0; i < edges.length; i += 1) {
    const [fLow, fHigh] = [f.low[i] as number, f.high[i] as number];
    const [gLow, gHigh] = [g.low[i] as number, g.high[i] as number];
    low = Math.max(low, fLow - gHigh, gLow - fHigh);
    high = Math.max(high, fHigh - gLow, gHigh - fLow);
    // Between two edges each may already have risen while the other has not.
    if (isOpenBelow(edges[i - 1], edges[i] as number))
      high = Math.max(high, fHigh - (g.low[i - 1] ?? g0), gHigh - (f.low[i - 1] ?? f0));
  }
  return { low: Math.min(1, low), high: Math.min(1, high) };
}

/**
 * Bounds of the q-quantile of the finite values: of the smallest value with at least q n values at or below it
 * (the inverse of the empirical distribution function, type 1).
 */
export function quantileBounds({ cdf, min, max, name }: NumberProfile, q: number): Bounds {
  if (!(q >= 0 && q <= 1)) throw refuse(`a quantile lies between 0 and 1, not at ${q}`);
  if (min === null || max === null) throw refuseInput(`column ${JSON.stringify(name)} has no finite values`);
  // The product may round up past a whole number of values: step back if one less is enough.
  let rank = Math.max(1, Math.ceil(q * cdf.n));
  if (rank > 1 && (rank - 1) / cdf.n >= q) rank -= 1;
  const high = cdf.edges[cdf.low.findIndex((count) => count >= rank)] as number;
  const before = cdf.high.findLastIndex((count) => count < rank);
  return { low: before < 0 ? min : Math.max(min, above(cdf.edges[before] as number)), high: Math.min(max, high) };
}

export interface BinnedShares {
  /** Bin i holds values above cut i-1 and up to cut i; the first and the last bin are open and hold the infinities. */
  readonly cuts: readonly number[];
  readonly a: readonly Bounds[];
  readonly b: readonly Bounds[];
}

/** Shares of both in bins between quantiles of a: about equally heavy there, fewer where values repeat. */
export function binnedShares(a: NumberProfile, b: NumberProfile, bins = 20): BinnedShares {
  if (!Number.isInteger(bins) || bins < 2) throw refuse(`there are at least 2 bins, not ${bins}`);
  ordered(a);
  ordered(b);
  const cuts = new Set<number>();
  for (let bin = 1; bin < bins; bin += 1) {
    const edge = a.cdf.edges[a.cdf.high.findIndex((count) => count >= (bin * a.cdf.n) / bins)];
    if (edge !== undefined && edge < (a.max ?? -Infinity)) cuts.add(edge);
  }
  const sorted = Float64Array.from(cuts).sort();
  return { cuts: Array.from(sorted), a: inBins(a, sorted), b: inBins(b, sorted) };
}

function inBins(column: NumberProfile, cuts: Float64Array): Bounds[] {
  const { low, high } = shares(boundsAt(column.cdf, cuts), column);
  return Array.from({ length: cuts.length + 1 }, (_, i) => ({
    low: Math.max(0, (low[i] ?? 1) - (high[i - 1] ?? 0)),
    high: (high[i] ?? 1) - (low[i - 1] ?? 0),
  }));
}

export interface PsiOptions {
  /** Default 20. */
  readonly bins?: number;
  /** Smaller shares count as this one, as their logarithm would be without bound; default 1e-4. */
  readonly floor?: number;
}

/** Bounds of the population stability index over `binnedShares`: the sum of (a - b) ln(a / b). */
export function psiOf(a: NumberProfile, b: NumberProfile, { bins = 20, floor = 1e-4 }: PsiOptions = {}): Bounds {
  if (!(floor > 0 && floor < 1)) throw refuse(`the least share lies between 0 and 1, not at ${floor}`);
  const binned = binnedShares(a, b, bins);
  const raised = ({ low, high }: Bounds): Bounds => ({ low: Math.max(floor, low), high: Math.max(floor, high) });
  const term = (p: number, q: number): number => (p - q) * Math.log(p / q);
  let low = 0;
  let high = 0;
  binned.a.forEach((share, i) => {
    const p = raised(share);
    const q = raised(binned.b[i] as Bounds);
    // The term is 0 for equal shares and rises as they move apart.
    if (p.high < q.low) low += term(p.high, q.low);
    if (q.high < p.low) low += term(p.low, q.high);
    high += Math.max(term(p.low, q.high), term(p.high, q.low));
  });
  return { low, high };
}

export interface HeavyValue {
  readonly value: number;
  /** Rows that hold exactly this value. */
  readonly count: Bounds;
}

/** Finite values that certainly stand in at least this share of the finite values, heaviest first: defaults, sentinels, caps. */
export function heavyValues({ cdf }: NumberProfile, share: number): HeavyValue[] {
  return cdf.edges
    .flatMap((value, i) => {
      if (isOpenBelow(cdf.edges[i - 1], value)) return [];
      const low = Math.max(0, (cdf.low[i] as number) - (cdf.high[i - 1] ?? 0));
      return [{ value, count: { low, high: (cdf.high[i] as number) - (cdf.low[i - 1] ?? 0) } }];
    })
    .filter(({ count }) => count.low > 0 && count.low >= share * cdf.n)
    .sort((a, b) => b.count.low - a.count.low || a.value - b.value);
}
