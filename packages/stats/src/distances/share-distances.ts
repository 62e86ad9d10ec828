// Distances between two distributions over the same bins, given as counts or shares; both sides are scaled to sum 1.
import { checkCounts, checkSameBins, type Counts } from '../samples.js';
import { deviance } from '../special/deviance.js';

/**
 * What an empty bin does to a logarithm: `infinite` is the definition; `fill` puts in a small share, as dashboards do, so that
 * the value then says as much about the filling as about the data.
 */
export type EmptyBins = 'infinite' | 'fill';

/** The share put into an empty bin... */
const FILLING = 1e-4;
/** ...unless a real share is as small: then that one divided by this. */
const BELOW_SMALLEST = 1e6;

/**
 * Population stability index, the sum of (c - r) ln(c / r); `fill` (the default) is Evidently's rule, not scaled to 1 again.
 * @throws VallumError STATS_INPUT on different bins, negative or empty counts
 */
export function psi(reference: Counts, current: Counts, options: { readonly emptyBins?: EmptyBins } = {}): number {
  const fill = options.emptyBins !== 'infinite';
  const [r, c] = shares(reference, current).map((side) => (fill ? fillEmpty(side) : side)) as [
    Float64Array,
    Float64Array,
  ];
  return total(r, c, (a, b) => (a === b ? 0 : (b - a) * Math.log(b / a)));
}

/**
 * Kullback-Leibler divergence, the sum of p ln(p / q), in nats. By default infinite where q has an empty bin that p has not; with
 * `fill` both sides are scaled to 1 again after the filling.
 * @throws VallumError STATS_INPUT on different bins, negative or empty counts
 */
export function kullbackLeibler(p: Counts, q: Counts, options: { readonly emptyBins?: EmptyBins } = {}): number {
  const [a, b] = shares(p, q);
  const sides = options.emptyBins === 'fill' ? shares(fillEmpty(a), fillEmpty(b)) : ([a, b] as const);
  // The surplus terms q - p sum to 0, and without them nearly equal sides would cancel to noise.
  return total(sides[0], sides[1], deviance);
}

/**
 * Jensen-Shannon distance: the root of the divergence. Values in base 2 lie in [0, 1] and are 1.2011 times those in base e, the
 * default; a threshold belongs to one base.
 * @throws VallumError STATS_INPUT on different bins, negative or empty counts
 */
export function jensenShannon(p: Counts, q: Counts, options: { readonly base?: number } = {}): number {
  const [a, b] = shares(p, q);
  const half = total(a, b, (s, t) => deviance(s, (s + t) / 2) + deviance(t, (s + t) / 2)) / 2;
  return Math.sqrt(half / Math.log(options.base ?? Math.E));
}

/**
 * Hellinger distance, in [0, 1].
 * @throws VallumError STATS_INPUT on different bins, negative or empty counts
 */
export function hellinger(p: Counts, q: Counts): number {
  const [a, b] = shares(p, q);
  return Math.sqrt(total(a, b, (s, t) => (Math.sqrt(s) - Math.sqrt(t)) ** 2) / 2);
}

/**
 * Total variation distance: half the sum of absolute differences, in [0, 1].
 * @throws VallumError STATS_INPUT on different bins, negative or empty counts
 */
export function totalVariation(p: Counts, q: Counts): number {
  const [a, b] = shares(p, q);
  return total(a, b, (s, t) => Math.abs(s - t)) / 2;
}

function shares(p: Counts, q: Counts): [Float64Array, Float64Array] {
  checkSameBins(p, q);
  const scale = (side: Counts): Float64Array => {
    const sum = checkCounts(side);
    return Float64Array.from(side, (count) => count / sum);
  };
  return [scale(p), scale(q)];
}

function fillEmpty(side: Float64Array): Float64Array {
  const smallest = side.reduce((least, share) => (share > 0 && share < least ? share : least), 1);
  const filling = smallest <= FILLING ? smallest / BELOW_SMALLEST : FILLING;
  return side.map((share) => (share === 0 ? filling : share));
}

function total(a: Float64Array, b: Float64Array, term: (s: number, t: number) => number): number {
  return a.reduce((sum, share, i) => sum + term(share, b[i] as number), 0);
}
