// Do the contradicted rows of a feed share rare n-grams far more than chance allows? A backdoor needs a trigger: the
// same rare words on rows that have nothing else in common. The attacker chooses words, places and rows; what he cannot
// avoid is that many otherwise unrelated rows, whose label the approved model contradicts, have them and others do not.
//
// For an n-gram on m of K independent sources of contradicted rows the score is -log10 P(Binomial(K, q) >= m), q being
// the largest of its smoothed shares in three backgrounds: rows of other labels, rows of the same label in other feeds,
// uncontradicted rows of the feed. It must beat Bonferroni over all n-grams and every one of the permutations that draw
// as many rows from the same feed by lot.
import { pause } from '@vallum/core';
import { tailScore } from './binomial-tail.js';
import type { GramIndex } from './grams.js';
import type { PoisonRules } from './rules.js';
import { findSources } from './sources.js';

export interface SharedGram {
  readonly id: number;
  /** Independent sources, and rows, of contradicted rows that have it. */
  readonly sources: number;
  readonly rows: number;
  /** Expected share, from the background in which it is most common. */
  readonly expected: number;
  /** -log10 of the tail probability, over sources. */
  readonly score: number;
}

export interface Cohesion {
  readonly sources: number;
  readonly best: number;
  readonly threshold: number;
  readonly p: number;
  readonly permutations: number;
  /** Those beyond the threshold, best first. */
  readonly shared: readonly SharedGram[];
}

export interface CohesionInput {
  readonly index: GramIndex;
  /** Rows among which the contradicted ones could have been drawn; contains them. */
  readonly pool: readonly number[];
  readonly contradicted: readonly number[];
  /** True when the pool is the feed itself, so that its other rows are a background too. */
  readonly poolIsFeed: boolean;
  /** Smoothed share of rows with the n-gram outside the feed, by id. */
  readonly outside: Float64Array;
  readonly rules: PoisonRules;
  readonly random: () => number;
  readonly signal: AbortSignal;
}

interface Draw {
  readonly best: number;
  readonly sources: number;
  readonly grams: readonly SharedGram[];
}

export async function measureCohesion(input: CohesionInput): Promise<Cohesion> {
  const { pool, contradicted, rules, random } = input;
  const table = tabulate(input);
  const seen = draw(input, table, contradicted);
  const bonferroni = Math.log10(Math.max(1, table.tested) / rules.familyLevel);
  if (seen.best === 0)
    return { sources: seen.sources, best: 0, threshold: bonferroni, p: 1, permutations: 0, shared: [] };
  let atLeast = 0;
  let highest = 0;
  let drawn = 0;
  // Once chance has done as well too often the answer is known, and the share so far is a valid p (Besag and Clifford,
  // Biometrika 78, 1991): innocent feeds cost a few draws.
  const enough = Math.floor(rules.permutationLevel * (1 + rules.permutations));
  while (drawn < rules.permutations && atLeast < enough) {
    await pause(input.signal);
    const { best } = draw(input, table, drawRows(pool, contradicted.length, random));
    if (best >= seen.best) atLeast += 1;
    highest = Math.max(highest, best);
    drawn += 1;
  }
  const p = atLeast < enough ? (1 + atLeast) / (1 + drawn) : atLeast / drawn;
  const threshold = Math.max(bonferroni, highest);
  const shared = atLeast < enough ? seen.grams.filter(({ score }) => score > threshold) : [];
  return { sources: seen.sources, best: seen.best, threshold, p, permutations: drawn, shared };
}

interface Table {
  /** Rows of the pool that have the n-gram, by id. */
  readonly inPool: Uint32Array;
  /** For each row of the pool, the n-grams worth counting: rare outside, in enough rows of the pool. */
  readonly live: ReadonlyMap<number, Uint32Array>;
  readonly tested: number;
}

function tabulate({ index, pool, outside, rules }: CohesionInput): Table {
  const inPool = countRows(index, pool);
  const isLive = (id: number): boolean =>
    (inPool[id] ?? 0) >= rules.minCarriers && (outside[id] ?? 1) <= rules.rareShare;
  let tested = 0;
  for (let id = 0; id < index.size; id += 1) if (isLive(id)) tested += 1;
  return {
    inPool,
    tested,
    live: new Map(pool.map((row) => [row, (index.rows[row]?.grams ?? new Uint32Array()).filter(isLive)])),
  };
}

/** Rows that have an n-gram, by id. */
export function countRows(index: GramIndex, rows: readonly number[]): Uint32Array {
  const counts = new Uint32Array(index.size);
  for (const row of rows) for (const id of index.rows[row]?.grams ?? []) counts[id] = (counts[id] ?? 0) + 1;
  return counts;
}

/** Every set of this many rows is equally likely; ascending, because single linkage runs in order. */
function drawRows(pool: readonly number[], size: number, random: () => number): readonly number[] {
  const rows = Uint32Array.from(pool);
  for (let i = 0; i < size; i += 1) {
    const j = i + Math.floor(random() * (rows.length - i));
    const held = rows[i] ?? 0;
    rows[i] = rows[j] ?? 0;
    rows[j] = held;
  }
  return [...rows.subarray(0, size)].sort((a, b) => a - b);
}

function draw(input: CohesionInput, table: Table, rows: readonly number[]): Draw {
  const { index, rules } = input;
  const byRows = scoreRows(input, table, rows);
  if (byRows.length === 0) return { best: 0, sources: rows.length, grams: [] };
  const block = pastedBlock(byRows, table, rows, rules);
  const { clusterOf, count } = findSources(index, rows, block, { overlap: rules.copyOverlap, minIdf: rules.copyIdf });
  const sourcesOf = new Map(byRows.map(({ id }) => [id, new Set<number>()]));
  for (const [i, row] of rows.entries())
    for (const id of table.live.get(row) ?? []) sourcesOf.get(id)?.add(clusterOf[i] ?? 0);
  const grams = byRows
    .map((gram) => ({ ...gram, sources: sourcesOf.get(gram.id)?.size ?? 0 }))
    .filter(({ sources }) => sources >= rules.minCarriers)
    .map((gram) => ({ ...gram, score: tailScore(gram.sources, count, gram.expected) }))
    .sort((a, b) => b.score - a.score || a.id - b.id);
  return { best: grams[0]?.score ?? 0, sources: count, grams };
}

/** The n-grams that enough of these rows have, scored over rows, best first. */
function scoreRows({ outside, pool, poolIsFeed, rules }: CohesionInput, table: Table, rows: readonly number[]) {
  const counts = new Uint32Array(table.inPool.length);
  for (const row of rows) for (const id of table.live.get(row) ?? []) counts[id] = (counts[id] ?? 0) + 1;
  const scored: { id: number; rows: number; expected: number; score: number }[] = [];
  for (let id = 0; id < counts.length; id += 1) {
    const carriers = counts[id] ?? 0;
    if (carriers < rules.minCarriers) continue;
    const inside = poolIsFeed ? ((table.inPool[id] ?? 0) - carriers + 1) / (pool.length - rows.length + 2) : 0;
    const expected = Math.max(outside[id] ?? 1, inside);
    if (expected >= rules.insideShare) continue;
    scored.push({ id, rows: carriers, expected, score: tailScore(carriers, rows.length, expected) });
  }
  return scored.sort((a, b) => b.score - a.score || a.id - b.id);
}

/** The best n-grams, and all that nearly the same rows have as the best one: one pasted block, however long. */
function pastedBlock(
  scored: readonly { readonly id: number; readonly rows: number }[],
  table: Table,
  rows: readonly number[],
  rules: PoisonRules,
): ReadonlySet<number> {
  const lead = scored[0];
  const block = new Set(scored.slice(0, rules.blockWords).map(({ id }) => id));
  if (lead === undefined) return block;
  const together = new Map<number, number>();
  for (const row of rows) {
    const live = table.live.get(row) ?? new Uint32Array();
    if (live.includes(lead.id)) for (const id of live) together.set(id, (together.get(id) ?? 0) + 1);
  }
  for (const { id, rows: carriers } of scored) {
    const both = together.get(id) ?? 0;
    if (both >= rules.blockOverlap * (carriers + lead.rows - both)) block.add(id);
  }
  return block;
}
