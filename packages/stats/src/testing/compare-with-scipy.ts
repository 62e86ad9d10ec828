// Puts the cases of tests/support/scipy-oracle.py to our functions and says by how much the answers differ.
import { VallumError } from '@vallum/core';
import { doaneEdges, sturgesEdges } from '../distances/bins.js';
import { energyDistance, wasserstein } from '../distances/sample-distances.js';
import { jensenShannon, kullbackLeibler } from '../distances/share-distances.js';
import { mulberry32 } from '../random.js';
import type { TestResult } from '../result.js';
import { andersonDarling } from '../tests/anderson-darling.js';
import { chiSquareContingency, chiSquareGoodness, gTest } from '../tests/chi-square.js';
import { cramerVonMises } from '../tests/cramer-von-mises.js';
import { eppsSingleton } from '../tests/epps-singleton.js';
import { fisherExact } from '../tests/fisher.js';
import { ksTest } from '../tests/ks.js';
import { mannWhitney } from '../tests/mann-whitney.js';
import { twoProportionZ } from '../tests/proportions.js';

export type Recipe = readonly [kind: string, seed: number, n: number, by: number];
type Values = readonly (number | 'inf')[] | null;

interface Answers {
  readonly test: string;
  readonly cases: readonly (readonly [readonly Recipe[] | readonly number[][], Values])[];
}

const KINDS: Readonly<Record<string, (u: number, by: number) => number>> = {
  uniform: (u) => u,
  shifted: (u, by) => u + by / 64,
  square: (u) => u * u - 0.25,
  heavy: (u) => 1 / (u + 0.001),
  ties: (u, by) => Math.floor(u * by),
  grid: (u, by) => Math.floor(u * 4 * by) / 8 - 1,
  constant: (_, by) => by / 2,
};

export function build([kind, seed, n, by]: Recipe): Float64Array {
  const random = mulberry32(seed);
  const transform = KINDS[kind];
  if (!transform) throw new Error(`unknown kind of sample: ${kind}`);
  return Float64Array.from({ length: n }, () => transform(random(), by));
}

const pair = ({ statistic, p }: TestResult): number[] => [statistic, p];
const ends = (edges: Float64Array): number[] => [edges.length - 1, ...[0, 1, -2, -1].map((at) => edges.at(at) ?? NaN)];

type Two = readonly [Float64Array, Float64Array];
const ON_SAMPLES: Readonly<Record<string, (samples: Two) => number[]>> = {
  ks: ([x, y]) => pair(ksTest(x, y)),
  'ks-asymptotic': ([x, y]) => pair(ksTest(x, y, { method: 'asymptotic' })),
  wasserstein: ([x, y]) => [wasserstein(x, y)],
  energy: ([x, y]) => [energyDistance(x, y)],
  'cramer-von-mises': ([x, y]) => pair(cramerVonMises(x, y)),
  'epps-singleton': ([x, y]) => pair(eppsSingleton(x, y)),
  'mann-whitney': ([x, y]) => pair(mannWhitney(x, y)),
  'anderson-darling': (samples) => pair(andersonDarling(samples)),
  sturges: ([x]) => ends(sturgesEdges(x)),
  doane: ([x]) => ends(doaneEdges(x)),
};

type Table = readonly [readonly [number, number], readonly [number, number]];
const sum = (row: readonly number[]): number => row.reduce((total, count) => total + count, 0);
const scaled = ([o, e]: Table): number[] => e.map((count) => (count * sum(o)) / sum(e));
const ON_TABLES: Readonly<Record<string, (table: Table) => number[]>> = {
  goodness: (table) => pair(chiSquareGoodness(table[0], scaled(table))),
  g: (table) => pair(gTest(table[0], scaled(table))),
  contingency: (table) => pair(chiSquareContingency(table)),
  'contingency-yates': (table) => pair(chiSquareContingency(table, { yates: true })),
  fisher: (table) => pair(fisherExact(table)),
  proportions: ([[a, b], [c, d]]) => {
    const { statistic, p } = twoProportionZ(a, a + b, c, c + d);
    return [statistic ** 2, p];
  },
  'jensen-shannon': ([p, q]) => [jensenShannon(p, q)],
  'kullback-leibler': ([p, q]) => [kullbackLeibler(p, q)],
};

function ours(test: string, data: readonly Recipe[] | readonly number[][]): readonly number[] | null {
  const onSamples = ON_SAMPLES[test];
  const onTable = ON_TABLES[test];
  try {
    if (onSamples) return onSamples((data as readonly Recipe[]).map(build) as unknown as Two);
    if (onTable) return onTable(data as unknown as Table);
  } catch (error) {
    if (error instanceof VallumError && error.code === 'STATS_INPUT') return null;
    throw error;
  }
  throw new Error(`unknown test: ${test}`);
}

export interface Comparison {
  readonly test: string;
  readonly cases: number;
  /** Cases in which both sides gave numbers. */
  readonly answered: number;
  /** Largest relative difference of the statistic (of the first value and the edges, for bins). */
  readonly statistic: number;
  /** Largest absolute difference of p. */
  readonly p: number;
  /** Cases in which one side gave numbers and the other did not, and cases beyond the tolerances, each as text. */
  readonly oneSided: readonly string[];
  readonly beyond: readonly string[];
}

/** Differences below this are rounding of the terms that were added up, whatever is left of their sum. */
const ROUNDING = 1e-15;

/** Relative for statistics, absolute for p. */
function tolerance(test: string, statistic: number): { readonly statistic: number; readonly p: number } {
  // SciPy's series ends early for large statistics and leaves up to 1e-4 where p is below 1e-11.
  if (test === 'cramer-von-mises' && statistic > 5) return { statistic: 1e-12, p: 1e-4 };
  // The covariance is ill-conditioned: beside 80-bit arithmetic both sides are off by up to 2e-11.
  if (test === 'epps-singleton') return { statistic: 1e-8, p: 1e-9 };
  // Nearly equal sides cancel in SciPy's formula: its divergence, the square, is good to 4e-16 only...
  if (test === 'jensen-shannon') return { statistic: Math.max(1e-12, 4e-16 / statistic ** 2), p: 0 };
  // ...and so do observed and expected counts in the chi-square that stands beside z.
  if (test === 'proportions') return { statistic: 1e-7, p: 1e-9 };
  return { statistic: 1e-12, p: 1e-9 };
}

/** @param lines what the oracle printed */
export function compareWithScipy(lines: string): Comparison[] {
  const [, ...answers] = lines.trim().split('\n');
  return answers.map((line) => {
    const { test, cases } = JSON.parse(line) as Answers;
    const worst = { statistic: 0, p: 0 };
    const [oneSided, beyond]: [string[], string[]] = [[], []];
    let answered = 0;
    for (const [data, theirs] of cases) {
      const own = ours(test, data)?.map((value) => (value === Infinity ? 'inf' : value)) ?? null;
      const defined = own?.includes(NaN) ? null : own;
      const text = (): string => JSON.stringify({ test, data, own, theirs });
      if (defined === null || theirs === null) {
        if (defined !== theirs) oneSided.push(text());
        continue;
      }
      answered += 1;
      const allowed = tolerance(test, Number(theirs[0]));
      theirs.forEach((wanted, i) => {
        const value = defined[i];
        if (value === wanted) return;
        const what = i === 1 && theirs.length === 2 ? 'p' : 'statistic';
        const apart = Math.abs(Number(value) - Number(wanted));
        const difference = what === 'p' || apart <= ROUNDING ? apart : apart / Math.abs(Number(wanted));
        if (difference > worst[what]) worst[what] = difference;
        if (!(difference <= allowed[what])) beyond.push(text());
      });
    }
    return { test, cases: cases.length, answered, ...worst, oneSided, beyond };
  });
}
