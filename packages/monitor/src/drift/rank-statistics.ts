// What is compared once a column is coded: how the rows of one sample are spread over the bins of both. For ordered bins several
// statistics look for different kinds of change; each is put on the scale of a p-value, and the smallest after weighting counts.
// Null laws need not hold exactly for that: permutations calibrate the result (see `permute.ts`).
//
// Shift: normal scores (van der Waerden 1952), as strong as the z-test on normal data and stronger under heavy tails. Mean: what
// the z-test looks at, the strongest for counts. Rest: normal scores of the rows beside a value that many rows share (the zeros
// of a zero-inflated column), which otherwise drown in it. Spread: squared normal scores (Klotz 1962). Shape: Anderson and
// Darling's distance. Bumps: chi-square over up to 32 groups of bins.
// The weights say how much of the error budget each may use. On most data shift and mean are nearly one statistic, so that
// together they lose little by sharing theirs.
import { density, logTwoSided, logTail, quantileOf } from './normal.js';

export type Order = 'ordered' | 'nominal';

const WEIGHTS = { shift: 0.56, mean: 0.36, rest: 0.3, spread: 0.03, shape: 0.02, bumps: 0.03 } as const;
type Statistic = keyof typeof WEIGHTS;
/** Of the rows, from which on a value counts as one that many rows share. */
const SHARED = 0.3;
const GROUPS = 32;
const EXPECTED = 5;
const PLAIN = 0.6;

/** What saw the change: one of four for ordered values, `shares` for categories. */
export type Aspect = 'shift' | 'spread' | 'shape' | 'bumps' | 'shares';

/** Evidence against "both samples are alike": -ln of a p-value, roughly; larger is stronger. */
export interface Evidence {
  readonly strength: number;
  readonly aspect: Aspect;
}

/** Compares one sample, as counts by bin (the first is of missing values and is ignored), with the pool it came from. */
export interface Comparer {
  readonly strength: (counts: Float64Array | Int32Array) => number;
  readonly evidence: (counts: Float64Array | Int32Array) => Evidence;
}

export interface Pooled {
  /** Rows of both samples by bin, from index 1; index 0 counts missing values. */
  readonly pooled: Float64Array;
  readonly order: Order;
  /** Rows of the smaller sample, to decide which bins stand alone. */
  readonly smaller: number;
  /** What a row of each bin is worth on average, finite; only where the bins are of numbers. */
  readonly values?: Float64Array;
}

export function makeComparer(pool: Pooled): Comparer {
  return pool.order === 'nominal' ? compareShares(pool.pooled) : compareOrdered(pool);
}

function compareShares(pooled: Float64Array): Comparer {
  const groups = Uint16Array.from(pooled, (_, bin) => bin);
  const strength = chiSquareStrength(pooled, groups, pooled.length);
  return { strength, evidence: (counts) => ({ strength: strength(counts), aspect: 'shares' }) };
}

function compareOrdered({ pooled, smaller, values }: Pooled): Comparer {
  const { shift, spread } = normalScores(pooled);
  const beside = withoutShared(pooled);
  const each: readonly (readonly [Statistic, Aspect, Comparer['strength']])[] = [
    ['shift', 'shift', linearStrength(pooled, shift)],
    ...(values === undefined ? [] : [['mean', 'shift', linearStrength(pooled, values)] as const]),
    ...(beside === undefined ? [] : [['rest', 'shift', linearStrength(beside, normalScores(beside).shift)] as const]),
    ['spread', 'spread', linearStrength(pooled, spread)],
    ['shape', 'shape', shapeStrength(pooled)],
    ['bumps', 'bumps', groupedStrength(pooled, smaller)],
  ];
  const statistics = each.map(([name, aspect, strength]) => ({ aspect, strength, weight: Math.log(WEIGHTS[name]) }));
  return {
    strength: (counts) => {
      let most = -Infinity;
      for (const { strength, weight } of statistics) most = Math.max(most, strength(counts) + weight);
      return most;
    },
    evidence: (counts) => {
      const seen = statistics.map(({ aspect, strength, weight }) => ({ aspect, strength: strength(counts) + weight }));
      const strength = Math.max(...seen.map((one) => one.strength));
      // The plainest word for it: a shift is seen by all of them, and is called one where it explains most.
      const plain = seen.find((one) => one.strength >= PLAIN * strength) ?? seen[0];
      return { strength, aspect: plain?.aspect ?? 'shift' };
    },
  };
}

/** The pool without its largest bin, where that holds so many rows that they hide what the others do. */
function withoutShared(pooled: Float64Array): Float64Array | undefined {
  let largest = 1;
  for (let bin = 2; bin < pooled.length; bin += 1)
    if ((pooled[bin] as number) > (pooled[largest] as number)) largest = bin;
  if ((pooled[largest] as number) < SHARED * sumFrom(pooled)) return undefined;
  const rest = Float64Array.from(pooled);
  rest[largest] = 0;
  return rest;
}

/** Mean of Z and of Z squared over the part of a standard normal distribution that belongs to each bin, by pooled ranks. */
export function normalScores(pooled: Float64Array): { readonly shift: Float64Array; readonly spread: Float64Array } {
  const total = sumFrom(pooled);
  const shift = new Float64Array(pooled.length);
  const spread = new Float64Array(pooled.length);
  let below = 0;
  let low = { density: 0, moment: 0 };
  for (let bin = 1; bin < pooled.length; bin += 1) {
    const rows = pooled[bin] as number;
    if (rows === 0) continue;
    below += rows;
    const z = below >= total ? Infinity : quantileOf(below / total);
    const high = Number.isFinite(z) ? { density: density(z), moment: z * density(z) } : { density: 0, moment: 0 };
    const share = rows / total;
    shift[bin] = (low.density - high.density) / share;
    spread[bin] = 1 + (low.moment - high.moment) / share;
    low = high;
  }
  return { shift, spread };
}

function sumFrom(counts: Float64Array | Int32Array): number {
  let sum = 0;
  for (let bin = 1; bin < counts.length; bin += 1) sum += counts[bin] as number;
  return sum;
}

/** A linear rank statistic, standardised by its exact mean and variance under permutation. */
function linearStrength(pooled: Float64Array, scores: Float64Array): Comparer['strength'] {
  const total = sumFrom(pooled);
  let mean = 0;
  for (let bin = 1; bin < pooled.length; bin += 1) mean += (pooled[bin] as number) * (scores[bin] as number);
  mean /= total;
  const centred = scores.map((score) => score - mean);
  let spread = 0;
  for (let bin = 1; bin < pooled.length; bin += 1) spread += (pooled[bin] as number) * (centred[bin] as number) ** 2;
  const some = Uint8Array.from(pooled, (rows) => (rows > 0 ? 1 : 0));
  return (counts) => {
    let sum = 0;
    let rows = 0;
    for (let bin = 1; bin < pooled.length; bin += 1) {
      const count = (counts[bin] as number) * (some[bin] as number);
      rows += count;
      sum += count * (centred[bin] as number);
    }
    const variance = ((rows * (total - rows)) / (total * (total - 1))) * spread;
    return variance > 1e-12 ? -logTwoSided(sum / Math.sqrt(variance)) : 0;
  };
}

/** Anderson and Darling's two-sample statistic on the bins, with the tail of its limit law: sqrt(3) erfc(sqrt(A)). */
function shapeStrength(pooled: Float64Array): Comparer['strength'] {
  const total = sumFrom(pooled);
  const weights = new Float64Array(pooled.length);
  const before = new Float64Array(pooled.length);
  let below = 0;
  for (let bin = 1; bin < pooled.length; bin += 1) {
    below += pooled[bin] as number;
    before[bin] = below / total;
    const variance = below * (total - below);
    weights[bin] = variance > 0 ? (pooled[bin] as number) / variance : 0;
  }
  const tail = Math.log(Math.sqrt(3));
  return (counts) => {
    const rows = sumFrom(counts);
    if (rows === 0 || rows === total) return 0;
    let distance = 0;
    let sum = 0;
    for (let bin = 1; bin < pooled.length; bin += 1) {
      sum += counts[bin] as number;
      distance += (weights[bin] as number) * (sum - rows * (before[bin] as number)) ** 2;
    }
    const a = (distance * total * total) / (rows * (total - rows));
    return Math.max(0, -tail - logTwoSided(Math.sqrt(2 * a)));
  };
}

function groupedStrength(pooled: Float64Array, smaller: number): Comparer['strength'] {
  const total = sumFrom(pooled);
  const least = Math.max(total / GROUPS, (EXPECTED * total) / Math.max(1, smaller));
  const groups = new Uint16Array(pooled.length);
  let group = 1;
  let filled = 0;
  let left = total;
  for (let bin = 1; bin < pooled.length; bin += 1) {
    groups[bin] = group;
    filled += pooled[bin] as number;
    left -= pooled[bin] as number;
    // The last group must be as large as the others, so a remainder that is too small joins the one before it.
    if (filled < least - 1e-9 || left < least - 1e-9) continue;
    group += 1;
    filled = 0;
  }
  return chiSquareStrength(pooled, groups, group + 1);
}

/** Chi-square for two samples over groups of bins; its tail by Wilson and Hilferty's cube root (1931). */
function chiSquareStrength(pooled: Float64Array, groups: Uint16Array, size: number): Comparer['strength'] {
  const total = sumFrom(pooled);
  const expected = new Float64Array(size);
  for (let bin = 1; bin < pooled.length; bin += 1) {
    const group = groups[bin] as number;
    expected[group] = (expected[group] as number) + (pooled[bin] as number) / total;
  }
  const freedom = expected.reduce((many, share) => many + (share > 0 ? 1 : 0), 0) - 1;
  if (freedom < 1) return () => 0;
  const seen = new Float64Array(size);
  const spread = 2 / (9 * freedom);
  return (counts) => {
    seen.fill(0);
    let rows = 0;
    for (let bin = 1; bin < pooled.length; bin += 1) {
      const count = counts[bin] as number;
      rows += count;
      const group = groups[bin] as number;
      seen[group] = (seen[group] as number) + count;
    }
    if (rows === 0 || rows === total) return 0;
    let sum = 0;
    for (let group = 0; group < size; group += 1) {
      const share = expected[group] as number;
      if (share > 0) sum += ((seen[group] as number) - rows * share) ** 2 / share;
    }
    const statistic = (sum * total) / (rows * (total - rows));
    if (freedom === 1) return -logTwoSided(Math.sqrt(statistic));
    return -logTail((Math.cbrt(statistic / freedom) - (1 - spread)) / Math.sqrt(spread));
  };
}
