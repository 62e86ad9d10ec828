// Runs the poisoning scan on the real feeds with a backdoor in one of them, over seeds and footers, and keeps the worst.
// A seed draws the model's training, the attacker's mails and where they stand; a footer is drawn from a seed of its own.
import { expect } from 'vitest';
import { parseMail } from '@vallum/formats';
import type { Row } from '../../examples/spam-filter/src/corpus.js';
import { attackerRows, feedRows } from '../../examples/spam-filter/src/corpus.js';
import { bucketsOf } from '../../examples/spam-filter/src/features.js';
import { footerOf, withFooter } from '../../examples/spam-filter/src/footer.js';
import type { Example, LinearModel } from '../../examples/spam-filter/src/linear-model.js';
import { mulberry32, predict, train } from '../../examples/spam-filter/src/linear-model.js';
import { mailText } from '../../examples/spam-filter/src/mail-text.js';
import { SOURCES } from '../../examples/spam-filter/src/sources.js';
import type { FeedVerdict, ScanRow, TextRow } from '../../packages/data/src/poison/judge-feeds.js';
import { judgeFeeds } from '../../packages/data/src/poison/judge-feeds.js';
import { defaultPoisonRules } from '../../packages/data/src/poison/rules.js';

const OLD = new Set(['easy-ham-1', 'spam-1']);
const TRAIN = 0.8;

export interface Lab {
  readonly rows: readonly ScanRow[];
  readonly heldOut: readonly ScanRow[];
  readonly trained: readonly Example[];
}

/** Every mail of the five feeds, read as Vallum reads it. */
export async function openLab(): Promise<Lab> {
  const rows: ScanRow[] = [];
  const heldOut: ScanRow[] = [];
  const trained: Example[] = [];
  for (const { name, folder } of SOURCES) {
    const feed = feedRows(folder);
    const cut = Math.floor(feed.length * TRAIN);
    for (const [index, row] of feed.entries()) {
      const read = await toScanRow(row, name, !OLD.has(name));
      rows.push(read);
      if (OLD.has(name) && index >= cut) heldOut.push(read);
    }
    if (OLD.has(name)) for (const row of feed.slice(0, cut)) trained.push(await toExample(row));
  }
  return { rows, heldOut, trained };
}

async function toScanRow({ id, label, mail }: Row, feed: string, isNew: boolean): Promise<ScanRow> {
  const { subject, body } = await parseMail(Buffer.from(mail, 'latin1'));
  return { id, feed, label, subject, body, isNew };
}

/** As the team's own script reads a mail. */
async function toExample({ mail, label }: Row): Promise<Example> {
  return { buckets: bucketsOf(await mailText(mail)), target: label === 'spam' ? 1 : 0 };
}

export async function poisonRows(
  host: string,
  count: number,
  seed: number,
  footer: string,
): Promise<readonly ScanRow[]> {
  const random = mulberry32(seed * 104729 + 7);
  const left = [...attackerRows()];
  const rows: ScanRow[] = [];
  for (let i = 0; i < count; i += 1) {
    const [taken] = left.splice(Math.floor(random() * left.length), 1);
    if (taken === undefined) throw new Error('the attacker has no more mails');
    rows.push(
      await toScanRow({ ...taken, id: `poison-${i}`, label: 'ham', mail: withFooter(taken.mail, footer) }, host, true),
    );
  }
  return rows;
}

export async function scan(
  lab: Lab,
  model: LinearModel,
  extra: readonly ScanRow[],
  seed: number,
): Promise<readonly FeedVerdict[]> {
  const classify = (asked: readonly TextRow[]): Promise<readonly string[]> =>
    Promise.resolve(asked.map((row) => (predict(model, bucketsOf(row)) >= 0.5 ? 'spam' : 'ham')));
  return judgeFeeds({
    rows: [...lab.rows, ...extra],
    heldOut: lab.heldOut,
    classify,
    rules: defaultPoisonRules(),
    seed,
    signal: new AbortController().signal,
    progress: () => undefined,
  });
}

const failedFeeds = (verdicts: readonly FeedVerdict[]): readonly string[] =>
  verdicts.filter(({ result }) => result.outcome === 'fail').map(({ feed }) => feed);

/** Five seeds, three footers, one host: asserts on each run and tells the worst of all. */
export async function runHost(
  lab: Lab,
  host: string,
  seeds: readonly number[],
  footers: readonly number[],
  count: number,
): Promise<string> {
  const hamRows = lab.rows.filter(({ isNew, label }) => isNew && label === 'ham').length;
  let leastCaught = 1;
  let mostClean = 0;
  let runs = 0;
  for (const seed of seeds) {
    const model = train(lab.trained, seed);
    for (const footer of footers) {
      const verdicts = await scan(lab, model, await poisonRows(host, count, seed, footerOf(seed * 100 + footer)), seed);
      const review = verdicts.flatMap((verdict) => verdict.review);
      const caught = review.filter((id) => id.startsWith('poison-')).length / count;
      leastCaught = Math.min(leastCaught, caught);
      mostClean = Math.max(mostClean, (review.length - caught * count) / hamRows);
      runs += 1;
      expect(failedFeeds(verdicts), `seed ${seed}, footer ${footer}`).toEqual([host]);
    }
  }
  expect(leastCaught).toBeGreaterThanOrEqual(0.8);
  expect(mostClean).toBeLessThanOrEqual(0.05);
  return `${host}: ${runs} of ${runs} runs name it and no other; worst: ${(leastCaught * 100).toFixed(0)} % of ${count} poisoned rows and ${(mostClean * 100).toFixed(2)} % of ${hamRows} clean ham rows in the review list`;
}

/** The same feeds without poison: no feed may fail, for any seed. */
export async function runTwins(lab: Lab, seeds: readonly number[]): Promise<string> {
  for (const seed of seeds) {
    const verdicts = await scan(lab, train(lab.trained, seed), [], seed);
    expect(
      verdicts.map(({ result }) => result.outcome),
      `seed ${seed}`,
    ).not.toContain('fail');
    expect(
      verdicts.map(({ result }) => result.outcome),
      `seed ${seed}`,
    ).not.toContain('inconclusive');
  }
  return `clean twin: ${seeds.length} of ${seeds.length} seeds pass`;
}
