// The calibration: the rows of both samples are dealt anew many times, all columns together, so that columns which move together
// do so in every deal (Westfall and Young 1993). What chance makes of the strongest column is the threshold for the strongest
// column; step by step the weaker ones are judged against what is left.
//
// A deal hands out as many rows as the smaller sample has, and is an exact permutation of the rows at hand up to 10,000 of those.
// Beyond that both samples are cut down by lot in the same proportion: every statistic is standardised, so that its law no
// longer depends on the sizes there, only on their ratio, and on that no more where it is above twenty (measured by
// `bench/tasks/drift-large.mjs`).
import { pause } from '@vallum/core';
import { mulberry32 } from '@vallum/stats';
import type { Aspect, Order } from './rank-statistics.js';
import { makeComparer } from './rank-statistics.js';

const MOST_HAND = 10_000;
const MOST_RATIO = 20;
const FEW_ROWS = 20_000;
const BREATH = 4_000_000;

/** One thing that may have changed: a column coded row by row, the rows of the reference first. */
export interface Question {
  readonly codes: Uint8Array;
  readonly bins: number;
  readonly order: Order;
  /** Mean of each bin: see `Pooled`. */
  readonly values?: Float64Array;
}

export interface DealOptions {
  readonly seed: number;
  readonly permutations: number;
  readonly signal?: AbortSignal;
}

export interface Answered {
  /** -ln p of the strongest statistic after weighting, before calibration: orders columns beyond the resolution of deals. */
  readonly strength: number;
  readonly aspect: Aspect;
  /** Permutation p-value of this question alone; never below 1 / (deals + 1). */
  readonly p: number;
  /** The same for the family of all questions: step-down by the strongest (family-wise error). */
  readonly familyP: number;
}

/** Rows of each side that are dealt. */
export function dealtRows(
  reference: number,
  current: number,
): { readonly reference: number; readonly current: number } {
  const smaller = Math.min(reference, current);
  const larger = Math.max(reference, current);
  const hand = Math.min(smaller, MOST_HAND);
  if (hand === 0) return { reference: Math.min(reference, FEW_ROWS), current: Math.min(current, FEW_ROWS) };
  const other = Math.min(Math.round((larger * hand) / smaller), Math.max(MOST_RATIO * hand, FEW_ROWS));
  return reference <= current ? { reference: hand, current: other } : { reference: other, current: hand };
}

/** @param reference how many of the coded rows, from the first, are the reference */
export async function askAll(
  questions: readonly Question[],
  reference: number,
  options: DealOptions,
): Promise<readonly Answered[]> {
  const rows = questions[0]?.codes.length ?? 0;
  const random = mulberry32(options.seed);
  const dealt = dealtRows(reference, rows - reference);
  const parts = takePart(questions, reference, dealt, random);
  const hand = Math.min(dealt.reference, dealt.current);
  const seen = questions.map((question) => {
    const pooled = countCodes(question.codes, question.bins);
    const own = countCodes(question.codes.subarray(0, reference), question.bins);
    return makeComparer({ ...question, pooled, smaller: hand }).evidence(own);
  });
  const chance = await dealAll(parts, hand, options, random);
  return judge(seen, chance, options.permutations);
}

function countCodes(codes: Uint8Array, bins: number): Float64Array {
  const counts = new Float64Array(bins + 1);
  for (const code of codes) counts[code] = (counts[code] as number) + 1;
  return counts;
}

/** The questions on as many rows as a deal has, the same rows for all. */
function takePart(
  questions: readonly Question[],
  reference: number,
  dealt: { readonly reference: number; readonly current: number },
  random: () => number,
): readonly Question[] {
  const rows = questions[0]?.codes.length ?? 0;
  if (dealt.reference + dealt.current === rows) return questions;
  const chosen = [
    ...drawRows(0, reference, dealt.reference, random),
    ...drawRows(reference, rows, dealt.current, random),
  ];
  return questions.map((question) => ({
    ...question,
    codes: Uint8Array.from(chosen, (row) => question.codes[row] as number),
  }));
}

/** Distinct rows of [from, to), each set of them equally likely. */
function drawRows(from: number, to: number, many: number, random: () => number): Int32Array {
  if (many === to - from) return Int32Array.from({ length: many }, (_, at) => from + at);
  const drawn = new Set<number>();
  while (drawn.size < many) drawn.add(from + Math.floor(random() * (to - from)));
  return Int32Array.from(drawn);
}

/** Strength of every question in every deal: questions times permutations, row by question. */
async function dealAll(
  questions: readonly Question[],
  hand: number,
  { permutations, signal }: DealOptions,
  random: () => number,
): Promise<Float32Array> {
  const rows = questions[0]?.codes.length ?? 0;
  const order = Int32Array.from({ length: rows }, (_, row) => row);
  const comparers = questions.map((question) =>
    makeComparer({ ...question, pooled: countCodes(question.codes, question.bins), smaller: hand }),
  );
  const counts = questions.map(({ bins }) => new Int32Array(bins + 1));
  const strengths = new Float32Array(questions.length * permutations);
  const each = Math.max(1, Math.floor(BREATH / Math.max(1, hand * questions.length)));
  for (let turn = 0; turn < permutations; turn += 1) {
    if (turn % each === 0) await pause(signal);
    dealHand(order, hand, random);
    questions.forEach(({ codes }, at) => {
      const own = counts[at] as Int32Array;
      own.fill(0);
      for (let card = 0; card < hand; card += 1) {
        const code = codes[order[card] as number] as number;
        own[code] = (own[code] as number) + 1;
      }
      strengths[at * permutations + turn] = (comparers[at] as (typeof comparers)[number]).strength(own);
    });
  }
  return strengths;
}

/** The first rows of `order` become a random subset; starting from any order is as good as from a fresh one. */
function dealHand(order: Int32Array, hand: number, random: () => number): void {
  for (let at = 0; at < hand; at += 1) {
    const other = at + Math.floor(random() * (order.length - at));
    const held = order[at] as number;
    order[at] = order[other] as number;
    order[other] = held;
  }
}

/** @param chance strengths in the deals: questions times permutations, row by question */
export function judge(
  seen: readonly { readonly strength: number; readonly aspect: Aspect }[],
  chance: Float32Array,
  permutations: number,
): readonly Answered[] {
  const ranked = seen.map((_, at) => at).sort((a, b) => seen[b]!.strength - seen[a]!.strength);
  const family = new Float64Array(seen.length);
  const strongest = new Float32Array(permutations).fill(-Infinity);
  // From the weakest up, so that each is compared with the strongest of itself and all weaker ones.
  for (const at of [...ranked].reverse()) {
    for (let turn = 0; turn < permutations; turn += 1)
      strongest[turn] = Math.max(strongest[turn] as number, chance[at * permutations + turn] as number);
    family[at] = share(strongest, seen[at]!.strength, permutations);
  }
  let least = 0;
  for (const at of ranked) least = family[at] = Math.max(least, family[at] as number);
  return seen.map(({ strength, aspect }, at) => ({
    strength,
    aspect,
    p: share(chance.subarray(at * permutations, (at + 1) * permutations), strength, permutations),
    familyP: family[at] as number,
  }));
}

/** (1 + deals at least as strong) / (1 + deals): never zero, and never too small (Phipson and Smyth 2010). */
function share(chance: Float32Array, strength: number, permutations: number): number {
  // Deals are kept in single precision; an equal one must count as equal.
  const limit = Math.fround(strength) - 1e-6 * Math.abs(strength);
  let atLeast = 1;
  for (const one of chance) if (one >= limit) atLeast += 1;
  return atLeast / (permutations + 1);
}
