// `vallum data review apply`: a new feed folder from an old feed and the decisions that count, with review.json beside it: what
// was left out or relabelled, by whom and why, and which decisions no longer fit. The old feed is not touched.
import { basename, resolve } from 'node:path';
import type { JsonValue, Sha256 } from '@vallum/core';
import { parent, VallumError } from '@vallum/core';
import type { Applied, DatasetFeed, NamedRow } from '@vallum/data';
import { applyDecisions, newFeedJson, readReviewRows, writeRows } from '@vallum/data';
import { didYouMean } from '@vallum/policy';
import type { Answer, Io } from '../answer.js';
import { EXIT } from '../exit.js';
import { printable } from '../output/style.js';
import type { ReviewDesk } from '../project/review.js';
import { atReview, queueOf } from '../project/review.js';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const MAX_RULES = 4 * 1024 * 1024;

export async function dataReviewApplyCommand(
  io: Io,
  version: string,
  feedName: string,
  { out }: { readonly out: string },
): Promise<Answer> {
  return atReview(io, version, async (desk) => {
    const feed = feedOf(desk, feedName);
    const target = resolve(out);
    const name = basename(target);
    if (!NAME.test(name) || name === feedName)
      throw new VallumError('REVIEW_OUT', `the new feed cannot be called ${JSON.stringify(name.slice(0, 80))}`, {
        fix: 'name a folder of letters, digits, ".", "_" and "-", other than the old feed: it is the name of the new one',
      });
    if ((await io.disk.stat(target)) !== undefined)
      throw new VallumError('OUT_EXISTS', `${out} is there already`, { fix: 'name a folder that is not there yet' });
    const own = desk.decisions.filter(({ decision }) => decision.feed === feedName);
    const wanted = new Set(own.map(({ decision }) => decision.row));
    const rows = await readReviewRows(feed, desk.source, wanted);
    refuseTwice(rows);
    const { items } = (await queueOf(desk)).queue;
    const applied = applyDecisions(feedName, rows, own, { items, labels: desk.session.declaration.labels });
    const report = reportOf(feed, name, applied);
    await io.disk.makeDirectory(target);
    await writeFeed(io, desk, { feed, target, name, applied, report });
    const { kept, dropped, relabelled, stale, unknown, leftOut } = report;
    return {
      exit: EXIT.pass,
      text: [
        `Wrote ${printable(target)}: ${applied.rows.length} of ${rows.length} rows`,
        `  ${dropped.length} left out, ${relabelled.length} relabelled, ${kept.length} kept on purpose: see review.json`,
        ...(stale.length + unknown.length === 0
          ? []
          : [`  ${stale.length + unknown.length} decisions do not fit the rows as they are, and were not applied`]),
        ...leftOut.map((what) => `  left out: ${what}`),
        'Next: name the new feed in vallum.yaml, train on it, and run vallum check on that version.',
      ].join('\n'),
      json: { ...report, schema: 'vallum/data-review-apply/v1', target: desk.target, out: target },
    };
  });
}

function feedOf({ dataset, target }: ReviewDesk, name: string): DatasetFeed {
  const found = dataset.feeds.find((feed) => feed.name === name);
  if (found !== undefined) return found;
  throw new VallumError('REVIEW_FEED', `${target} has no feed ${JSON.stringify(name.slice(0, 80))}`, {
    fix: didYouMean(
      name,
      dataset.feeds.map((feed) => feed.name),
    ),
  });
}

/** A decision about one of two rows with one name would be a decision about both. */
function refuseTwice(rows: readonly NamedRow[]): void {
  const seen = new Set<string>();
  for (const { id } of rows) {
    if (seen.has(id))
      throw new VallumError('REVIEW_ROW', `two rows are called ${JSON.stringify(id.slice(0, 80))}`, {
        fix: 'give every row its own id',
      });
    seen.add(id);
  }
}

interface Report extends Omit<Applied<NamedRow>, 'rows'> {
  readonly schema: 'vallum/data-review-report/v1';
  readonly feed: string;
  readonly name: string;
  /** The old rows. */
  readonly from: { readonly rows: number; readonly sha256: Sha256 };
  readonly rows: number;
  /** Files and parts of the old feed that the new one does not have. */
  readonly leftOut: readonly string[];
}

function reportOf(feed: DatasetFeed, name: string, applied: Applied<NamedRow>): Report {
  const { rows, ...changes } = applied;
  return {
    schema: 'vallum/data-review-report/v1',
    feed: feed.name,
    name,
    from: { rows: feed.rows, sha256: feed.digests.rows },
    rows: rows.length,
    ...changes,
    leftOut:
      feed.table?.features === undefined
        ? []
        : [`${feed.table.features}, the features of the old rows: compute them anew and declare them`],
  };
}

interface NewFeed {
  readonly feed: DatasetFeed;
  readonly target: string;
  readonly name: string;
  readonly applied: Applied<NamedRow>;
  readonly report: Report;
}

/** feed.json comes last: a folder without it is no feed, so what was cut short is never taken for a whole one. */
async function writeFeed({ disk }: Io, { source }: ReviewDesk, made: NewFeed): Promise<void> {
  const { feed, target, name, applied, report } = made;
  const staying = new Map(applied.rows.map(({ id, label }) => [id, label]));
  const rules = feed.table?.rules;
  let rows = '';
  await writeRows(feed, { disk, source }, staying, async (file, piece) => {
    if (rows === '') {
      if (rules === file || rules === 'review.json')
        throw new VallumError('REVIEW_OUT', `the new feed needs the name of its rules file ${rules}`, {
          fix: 'give the rules another name in the old feed',
        });
      await disk.write(`${target}/${file}`, new Uint8Array());
    }
    rows = file;
    await disk.append(`${target}/${file}`, piece);
  });
  const files: [string, Uint8Array][] = [
    ...(rules === undefined
      ? []
      : [[rules, await disk.read(`${feed.path}/${rules}`, MAX_RULES)] as [string, Uint8Array]]),
    ['review.json', json(report as unknown as JsonValue)],
    ['feed.json', json(newFeedJson(feed, name, rows))],
  ];
  for (const [file, bytes] of files) await disk.write(`${target}/${file}`, bytes);
  for (const file of [rows, ...files.map(([each]) => each)]) await disk.sync(`${target}/${file}`);
  await disk.sync(target);
  await disk.sync(parent(target));
}

function json(value: JsonValue): Uint8Array {
  return Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
}
