// The calibration where only counts by bin are left, of a profile: every column is dealt by itself, which bounds the family's error
// whatever the columns have to do with each other. A deal hands out every row with the same chance, so the size of a
// hand varies a little with it; every statistic is standardised by the rows that were handed out.
import { pause } from '@vallum/core';
import { mulberry32 } from '@vallum/stats';
import { binomial } from './binomial.js';
import type { Answered, DealOptions } from './permute.js';
import { dealtRows, judge } from './permute.js';
import type { Comparer, Order } from './rank-statistics.js';
import { makeComparer } from './rank-statistics.js';

export interface CountsAsked {
  /** Rows by bin, index 0 for missing values. */
  readonly reference: Float64Array;
  readonly current: Float64Array;
  readonly order: Order;
  readonly values?: Float64Array;
}

const BREATH = 500_000;

export async function askCounts(
  questions: readonly CountsAsked[],
  { seed, permutations, signal }: DealOptions,
): Promise<readonly Answered[]> {
  const random = mulberry32(seed);
  const chance = new Float32Array(questions.length * permutations);
  const seen: ReturnType<Comparer['evidence']>[] = [];
  for (const [at, { reference, current, order, values }] of questions.entries()) {
    const pooled = reference.map((count, bin) => count + (current[bin] as number));
    const [before, now] = [sumOf(reference), sumOf(current)];
    const dealt = dealtRows(Math.round(before), Math.round(now));
    const smaller = Math.min(dealt.reference, dealt.current);
    const rest = { order, smaller, ...(values === undefined ? {} : { values }) };
    seen.push(makeComparer({ ...rest, pooled }).evidence(reference));
    const total = dealt.reference + dealt.current;
    const pool = scaled(pooled, total);
    const comparer = makeComparer({ ...rest, pooled: pool });
    const draws = drawsOf(pool, smaller / total, random);
    const hand = new Float64Array(pool.length);
    const each = Math.max(1, Math.floor(BREATH / pool.length));
    for (let turn = 0; turn < permutations; turn += 1) {
      if (turn % each === 0) await pause(signal);
      for (let bin = 0; bin < hand.length; bin += 1) hand[bin] = (draws[bin] as () => number)();
      chance[at * permutations + turn] = comparer.strength(hand);
    }
  }
  return judge(seen, chance, permutations);
}

/** Bins with equally many rows share one table. */
function drawsOf(pool: Float64Array, share: number, random: () => number): readonly (() => number)[] {
  const known = new Map<number, () => number>();
  return Array.from(pool, (rows) => {
    const draw = known.get(rows) ?? (rows === 0 || !(share > 0) ? (): number => 0 : binomial(rows, share, random));
    known.set(rows, draw);
    return draw;
  });
}

/** Whole rows in the same proportions, `total` together: rounded on the running sum, so that nothing adds up. */
function scaled(counts: Float64Array, total: number): Float64Array {
  const all = sumOf(counts);
  let sum = 0;
  let before = 0;
  return counts.map((count) => {
    sum += count;
    const upTo = Math.round((sum * total) / all);
    const own = upTo - before;
    before = upTo;
    return own;
  });
}

function sumOf(counts: Float64Array): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
