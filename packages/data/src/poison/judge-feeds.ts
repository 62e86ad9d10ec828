// Is one of the feeds poisoned? Each feed is judged by label, on two things together: an interval on how much more often
// the approved model contradicts it than its own held-out rows lead one to expect, and the cohesion of the contradicted
// rows. Either alone names innocent feeds: newsletters are contradicted in a third of their rows, and mailing lists share
// footers. A third question clears those that remain: if the shared words themselves are why the model disagrees (it
// agrees when they are taken out), they are an old acquaintance of the model and no planted trigger.
import { mulberry32, shuffle } from '@vallum/stats';
import { countRows, measureCohesion } from './cohesion.js';
import type { Cohesion } from './cohesion.js';
import { excessOf } from './excess.js';
import type { Excess, Share } from './excess.js';
import { indexGrams, without, wordsOf } from './grams.js';
import type { GramIndex } from './grams.js';
import type { PoisonRules } from './rules.js';

export interface TextRow {
  readonly subject: string;
  readonly body: string;
}

export interface ScanRow extends TextRow {
  readonly id: string;
  readonly feed: string;
  readonly label: string;
  /** False for rows that the approved model was trained on or tested with. */
  readonly isNew: boolean;
}

/** The label that the approved model gives to each row. */
export type Classify = (rows: readonly TextRow[], signal: AbortSignal) => Promise<readonly string[]>;

export interface JudgeInput {
  readonly rows: readonly ScanRow[];
  /** Rows that the approved model was not trained on, of the time of its training. */
  readonly heldOut: readonly (TextRow & { readonly label: string })[];
  readonly classify: Classify;
  readonly rules: PoisonRules;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly progress: (message: string) => void;
}

export type FeedOutcome =
  | { readonly outcome: 'pass'; readonly because: 'in-keeping' | 'not-cohesive' | 'explained' }
  | { readonly outcome: 'fail'; readonly because: 'excess-and-cohesive' }
  | {
      readonly outcome: 'inconclusive';
      readonly because: 'too-few-rows' | 'too-few-held-out' | 'cohesive-without-excess' | 'cohesive-and-unknown';
    };

/** The answer about the rows of one label in one feed. */
export interface FeedVerdict {
  readonly feed: string;
  readonly label: string;
  readonly contradicted: Share;
  readonly expected: Share;
  readonly excess: Excess | undefined;
  /** Undefined when too few rows are contradicted to share anything. */
  readonly cohesion: Cohesion | undefined;
  readonly result: FeedOutcome;
  /** Shared words and word pairs, best first; those with long numbers are left out, for they may identify a person. */
  readonly shared: readonly string[];
  /** Ids of the rows to look at: those that carry the shared n-grams. */
  readonly review: readonly string[];
}

export async function judgeFeeds(input: JudgeInput): Promise<readonly FeedVerdict[]> {
  const { rows, heldOut, rules, signal } = input;
  const fresh = rows.flatMap(({ isNew }, row) => (isNew ? [row] : []));
  input.progress(`asking the approved model about ${fresh.length} new rows`);
  const given = await input.classify(
    fresh.map((row) => rows[row] as ScanRow),
    signal,
  );
  const contradicted = new Set(fresh.filter((row, i) => given[i] !== rows[row]?.label));
  const heldOutGiven = await input.classify(heldOut, signal);
  input.progress('looking for what the contradicted rows share');
  const index = await indexGrams(
    rows.map((row) => readable(row, rules)),
    rules.minCarriers,
    signal,
  );
  const scan = { ...input, index, contradicted };
  const verdicts: FeedVerdict[] = [];
  for (const feed of [...new Set(fresh.map((row) => rows[row]?.feed ?? ''))].sort()) {
    const inFeed = fresh.filter((row) => rows[row]?.feed === feed);
    for (const label of [...new Set(inFeed.map((row) => rows[row]?.label ?? ''))].sort()) {
      const labelled = heldOut.flatMap((row, i) => (row.label === label ? [heldOutGiven[i]] : []));
      const expected = { k: labelled.filter((other) => other !== label).length, n: labelled.length };
      verdicts.push(await judgeLabel(scan, feed, label, inFeed, expected));
    }
  }
  return verdicts;
}

interface Scan extends JudgeInput {
  readonly index: GramIndex;
  readonly contradicted: ReadonlySet<number>;
}

/** What the scan reads of a row; a trigger deep inside a huge row would be missed, one at either end is not. */
export function readable({ subject, body }: TextRow, { maxRowCharacters }: PoisonRules): string {
  const text = `${subject}\n${body}`;
  if (text.length <= maxRowCharacters) return text;
  const half = Math.floor(maxRowCharacters / 2);
  return `${text.slice(0, half)}\n${text.slice(-half)}`;
}

async function judgeLabel(
  scan: Scan,
  feed: string,
  label: string,
  inFeed: readonly number[],
  expected: Share,
): Promise<FeedVerdict> {
  const { rows, rules } = scan;
  const here = inFeed.filter((row) => rows[row]?.label === label);
  const against = here.filter((row) => scan.contradicted.has(row));
  const share = { k: against.length, n: here.length };
  const excess = expected.n > 0 ? excessOf(share, expected, rules.intervalLevel) : undefined;
  const cohesion = against.length < rules.minCarriers ? undefined : await cohesionOf(scan, feed, label, here, against);
  const carriers = cohesion === undefined ? [] : carriersOf(scan, cohesion, here, against);
  const facts = { feed, label, contradicted: share, expected, excess, cohesion };
  const names = (cohesion?.shared ?? []).map(({ id }) => scan.index.name(id));
  const found = {
    shared: names.filter((name) => !/\d{4}/.test(name)),
    review: carriers.map((row) => rows[row]?.id ?? ''),
  };
  const nothing = { shared: [], review: [] };
  if (expected.n < rules.minHeldOut) return { ...facts, ...found, result: unknown('too-few-held-out') };
  if (names.length === 0) {
    if (inFeed.length < rules.minRows) return { ...facts, ...nothing, result: unknown('too-few-rows') };
    const because = excess !== undefined && excess.low > 0 ? 'not-cohesive' : 'in-keeping';
    return { ...facts, ...nothing, result: { outcome: 'pass', because } };
  }
  const doubted = carriers.filter((row) => scan.contradicted.has(row));
  if (!(await persists(scan, label, names, doubted)))
    return { ...facts, shared: found.shared, review: [], result: { outcome: 'pass', because: 'explained' } };
  if (excess === undefined || excess.low <= 0)
    return { ...facts, ...found, result: unknown('cohesive-without-excess') };
  if (mostlyContradicted(here, against)) return { ...facts, ...found, result: unknown('cohesive-and-unknown') };
  return { ...facts, ...found, result: { outcome: 'fail', because: 'excess-and-cohesive' } };
}

/**
 * Then the feed has no usual rows of its own to compare with: what its rows share can be a trigger, and can as well be
 * the house style of a sender whom the approved model has never seen. Measured: newsletters of one house look so.
 */
function mostlyContradicted(here: readonly number[], against: readonly number[]): boolean {
  return here.length < 2 * against.length;
}

function unknown(because: Extract<FeedOutcome, { outcome: 'inconclusive' }>['because']): FeedOutcome {
  return { outcome: 'inconclusive', because };
}

async function cohesionOf(
  scan: Scan,
  feed: string,
  label: string,
  here: readonly number[],
  against: readonly number[],
): Promise<Cohesion> {
  const { rows, index, rules, signal } = scan;
  const random = mulberry32(scan.seed);
  const all = rows.map((_, row) => row);
  const otherLabels = all.filter((row) => rows[row]?.label !== label);
  const otherFeeds = all.filter((row) => rows[row]?.label === label && rows[row]?.feed !== feed);
  const outside = new Float64Array(index.size);
  for (const background of [otherLabels, otherFeeds])
    for (const [id, count] of countRows(index, background).entries())
      outside[id] = Math.max(outside[id] ?? 0, (count + 1) / (background.length + 2));
  // Lots within such a feed would be the same rows again: then the question is which of all rows that are, or look like,
  // the other label carry this one.
  const poolIsFeed = !mostlyContradicted(here, against);
  const sample = shuffle(against, random)
    .slice(0, rules.maxContradicted)
    .sort((a, b) => a - b);
  return measureCohesion({
    index,
    pool: poolIsFeed ? here : [...against, ...otherLabels],
    contradicted: sample,
    poolIsFeed,
    outside,
    rules,
    random,
    signal,
  });
}

/** Rows of the feed that have enough of the shared n-grams, contradicted or not. */
function carriersOf(
  { index, rules }: Scan,
  { shared }: Cohesion,
  here: readonly number[],
  against: readonly number[],
): readonly number[] {
  if (shared.length === 0) return [];
  const ids = new Set(shared.map(({ id }) => id));
  const hits = new Map(
    here.map((row) => [row, (index.rows[row]?.grams ?? new Uint32Array()).filter((id) => ids.has(id)).length]),
  );
  const usual = against
    .map((row) => hits.get(row) ?? 0)
    .filter((n) => n > 0)
    .sort((a, b) => a - b);
  const needed = Math.max(1, Math.ceil((usual[Math.floor(usual.length / 2)] ?? 1) * rules.carrierFraction));
  return here.filter((row) => (hits.get(row) ?? 0) >= needed);
}

/** Whether the model still contradicts the carriers when the shared words are taken out. */
async function persists(
  scan: Scan,
  label: string,
  names: readonly string[],
  carriers: readonly number[],
): Promise<boolean> {
  const words = new Set(names.flatMap((name) => wordsOf(name)));
  const bare = carriers.slice(0, scan.rules.maxContradicted).map((row) => ({
    subject: without(scan.rows[row]?.subject ?? '', words),
    body: without(scan.rows[row]?.body ?? '', words),
  }));
  const given = await scan.classify(bare, scan.signal);
  return given.filter((other) => other !== label).length >= scan.rules.persistShare * given.length;
}
