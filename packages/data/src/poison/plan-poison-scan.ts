// Control `data.poison_scan`: asks the last approved model about the rows that are new, feed by feed, and names the feed
// that carries a backdoor. The attacker writes whole feeds, labels included, and may know this detector; what it cannot
// see is written in the docs of this control. ATLAS AML.T0020, AML.T0018.000.
import type { ControlResult, Finding, Input, Metric, Planned, Reason, RunContext, Sha256 } from '@vallum/core';
import { digestJson, inconclusive, sha256, VallumError } from '@vallum/core';
import { clopperPearson } from '@vallum/stats';
import { isTableFeed, isUnreadable } from '../manifest/dataset.js';
import type { Dataset, DatasetFeed, Unreadable } from '../manifest/dataset.js';
import type { MailRow } from '../rows/mail-rows.js';
import type { Feed, FeedRef, RowSource } from '../rows/row-source.js';
import { lookAtFeatures } from './ensemble/look-at-features.js';
import type { PoisonFeatures } from './ensemble/look-at-features.js';
import { lookAtFeeds } from './ensemble/look-at-feeds.js';
import { defaultEnsembleRules } from './ensemble/rules.js';
import type { EnsembleRules } from './ensemble/rules.js';
import { findingsOf } from './findings.js';
import { judgeFeeds, readable } from './judge-feeds.js';
import { joinAnswers } from './join-answers.js';
import type { FeedVerdict, ScanRow, TextRow } from './judge-feeds.js';
import { defaultPoisonRules } from './rules.js';
import type { PoisonRules } from './rules.js';
import { scanTables } from './tables/scan-tables.js';

const KIND = 'data.poison_scan';
const LEVEL = 0.95;

/** A model that can be asked; `model` offers one that fits. */
export interface Classifier {
  predict(rows: readonly TextRow[], abort?: AbortSignal): Promise<readonly number[]>;
  labelOf(probability: number): string;
  close(): Promise<void>;
}

/** A feed of the approved model's own run, as its run.json says. */
export interface PredecessorFeed {
  readonly ref: FeedRef;
  /** Of rows.jsonl at the time of the run. */
  readonly rows: Sha256;
  /** The first rows, in file order, trained; the rest were held out. */
  readonly train: number;
}

export interface Predecessor {
  /** Like `spam-filter@v1`. */
  readonly name: string;
  readonly digest: Sha256;
  readonly feeds: readonly PredecessorFeed[];
  /** @throws VallumError when the bytes are not the approved ones, or an engine is missing */
  open(): Promise<Classifier>;
}

export interface PoisonScanOptions {
  readonly dataset: Dataset | Unreadable;
  readonly source: RowSource;
  /** The last approved model, or the reason why there is none to ask (`no-predecessor`). */
  readonly predecessor: Predecessor | Reason;
  /** Features or activations of rows of the dataset, as any framework wrote them; the ensemble needs one of them. */
  readonly features?: PoisonFeatures;
  readonly seed?: number;
  readonly rules?: PoisonRules;
  readonly ensemble?: EnsembleRules;
}

export async function planPoisonScan(options: PoisonScanOptions): Promise<Planned> {
  const { dataset, predecessor } = options;
  if (isUnreadable(dataset)) return { kind: KIND, blocked: dataset.blocked };
  const rules = options.rules ?? defaultPoisonRules();
  const ensemble = options.ensemble ?? defaultEnsembleRules();
  const seed = options.seed ?? 1;
  const tables = dataset.feeds.filter(isTableFeed);
  const mails = dataset.feeds.filter((feed) => !isTableFeed(feed));
  // The approved model is asked about mails; a dataset of tables alone does not depend on it.
  const asks = mails.length > 0;
  return {
    kind: KIND,
    version: '2',
    rules: digestJson({ predecessor: rules.digest, ensemble: ensemble.digest }),
    subject: dataset.subject,
    inputs: [...dataset.inputs, ...(asks ? inputsOf(predecessor) : []), ...(options.features?.inputs ?? [])],
    parameters: {
      seed,
      trained:
        'code' in predecessor || !asks
          ? {}
          : Object.fromEntries(predecessor.feeds.map(({ ref, train }) => [ref.name, train])),
    },
    run: async (context) => {
      const total = dataset.feeds.reduce((sum, feed) => sum + feed.rows, 0);
      if (total > rules.maxRows)
        return inconclusive(
          'too-many-rows',
          `the dataset has ${total} rows, and at most ${rules.maxRows} are compared`,
        );
      const parts: ControlResult[] = [];
      if (tables.length > 0)
        parts.push(await scanTables(tables, { source: options.source, rules, ensemble, seed }, context));
      if (asks) parts.push(await scanMails({ ...options, mails, rules, ensemble, seed }, context));
      return worstOf(parts);
    },
  };
}

/** What tables leave open is named first: it has no waiver, and a waiver of a missing predecessor must not cover it. */
function worstOf(parts: readonly ControlResult[]): ControlResult {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  const outcomes = parts.map((part) => part.outcome);
  const outcome = outcomes.includes('fail') ? 'fail' : outcomes.includes('inconclusive') ? 'inconclusive' : 'pass';
  const reason = parts.find((part) => part.outcome === outcome)?.reason;
  return {
    outcome,
    ...(outcome === 'pass' || reason === undefined ? {} : { reason }),
    findings: parts.flatMap(({ findings }) => findings),
    metrics: parts.flatMap(({ metrics }) => metrics),
    coverage: {
      examined: { rows: parts.reduce((sum, { coverage }) => sum + (coverage.examined.rows ?? 0), 0) },
      notExamined: parts.flatMap(({ coverage }) => coverage.notExamined),
    },
  };
}

interface MailScan extends Pick<PoisonScanOptions, 'source' | 'predecessor' | 'features'> {
  readonly mails: readonly DatasetFeed[];
  readonly rules: PoisonRules;
  readonly ensemble: EnsembleRules;
  readonly seed: number;
}

async function scanMails(options: MailScan, context: RunContext): Promise<ControlResult> {
  const { mails, source, predecessor, features, rules, ensemble, seed } = options;
  const feeds: Feed[] = [];
  for (const feed of mails) feeds.push(await source.feed(feed, feed.digests, context.signal));
  const asked =
    'code' in predecessor
      ? inconclusive(predecessor.code, predecessor.message)
      : await scan({ feeds, source, predecessor, rules, seed }, context);
  const texts = feeds.flatMap(({ name, rows }) =>
    rows.map((row) => ({ id: row.id, feed: name, label: row.label, text: readable(row, rules) })),
  );
  context.progress('looking for hidden characters and copies');
  const look = await lookAtFeeds(texts, ensemble, context.signal);
  const seen = await lookAtFeatures(features, texts, { ...context, rules: ensemble, seed });
  return joinAnswers(asked, look, seen);
}

function inputsOf(predecessor: Predecessor | Reason): readonly Input[] {
  if ('code' in predecessor) return [{ name: 'predecessor', absent: true }];
  return [
    { name: `predecessor ${predecessor.name}`, digest: { sha256: predecessor.digest } },
    ...predecessor.feeds.map(({ ref, rows }) => ({
      name: `predecessor ${ref.name}/rows.jsonl`,
      digest: { sha256: rows },
    })),
  ];
}

interface ScanOptions {
  readonly feeds: readonly Feed[];
  readonly source: RowSource;
  readonly predecessor: Predecessor;
  readonly rules: PoisonRules;
  readonly seed: number;
}

/** The rows that are new, by the last approved model. */
async function scan(options: ScanOptions, context: RunContext): Promise<ControlResult> {
  const { feeds, source, predecessor, rules, seed } = options;
  const known = new Set<string>();
  const heldOut: MailRow[] = [];
  for (const { ref, rows, train } of predecessor.feeds) {
    const feed = await source.feed(ref, undefined, context.signal);
    if (feed.digests.rows !== rows)
      return inconclusive(
        'predecessor-rows-changed',
        `${ref.path}/rows.jsonl is not what ${predecessor.name} was made with`,
      );
    for (const row of feed.rows) known.add(contentOf(row));
    heldOut.push(...feed.rows.slice(train));
  }
  const rows = feeds.flatMap((feed) => feed.rows.map((row) => toScanRow(feed.name, row, known)));
  if (!rows.some(({ isNew }) => isNew))
    return inconclusive('no-new-rows', `${predecessor.name} has seen every row, so there is nothing to ask it`);
  const model = await open(predecessor);
  if ('code' in model) return inconclusive(model.code, model.message);
  try {
    const verdicts = await judgeFeeds({
      ...context,
      rows,
      heldOut,
      rules,
      seed,
      classify: async (asked, signal) => (await model.predict(asked, signal)).map((answer) => model.labelOf(answer)),
    });
    return resultOf(verdicts, rows, rules);
  } finally {
    await model.close();
  }
}

/** Missing engines and changed bytes are expected outcomes; anything else is a fault of this code. */
async function open(predecessor: Predecessor): Promise<Classifier | Reason> {
  try {
    return await predecessor.open();
  } catch (error) {
    if (!(error instanceof VallumError)) throw error;
    const fix = error.fix === undefined ? '' : `; ${error.fix}`;
    return { code: error.code, message: `${predecessor.name} cannot be asked: ${error.message}${fix}` };
  }
}

/** By content, not by id or place: a row that was touched is new, one that moved is not. */
function contentOf(row: MailRow): string {
  return sha256(Buffer.from(`${row.label}\n${row.mail}`, 'latin1'));
}

function toScanRow(feed: string, row: MailRow, known: ReadonlySet<string>): ScanRow {
  return {
    id: row.id,
    feed,
    label: row.label,
    subject: row.subject,
    body: row.body,
    isNew: !known.has(contentOf(row)),
  };
}

function resultOf(verdicts: readonly FeedVerdict[], rows: readonly ScanRow[], rules: PoisonRules): ControlResult {
  const findings: readonly Finding[] = verdicts.flatMap(findingsOf);
  const open = verdicts.filter(({ result }) => result.outcome === 'inconclusive');
  const outcome = verdicts.some(({ result }) => result.outcome === 'fail')
    ? 'fail'
    : open.length > 0
      ? 'inconclusive'
      : 'pass';
  const code = open[0]?.result.because;
  return {
    outcome,
    ...(outcome === 'inconclusive' && code !== undefined
      ? {
          reason: {
            code,
            message: `nothing is proven about ${open.map(({ feed, label }) => `${feed} (${label})`).join(', ')}`,
          },
        }
      : {}),
    findings,
    metrics: metricsOf(verdicts, rows.filter(({ isNew }) => isNew).length),
    coverage: {
      examined: { rows: rows.length },
      notExamined: notExamined(rows, rules),
    },
  };
}

function metricsOf(verdicts: readonly FeedVerdict[], n: number): readonly Metric[] {
  const suspects = verdicts.reduce((sum, { review }) => sum + review.length, 0);
  return [
    {
      id: 'poison.suspect-rows',
      value: suspects / n,
      unit: 'share of new rows',
      n,
      interval: { ...clopperPearson(suspects, n, LEVEL), level: LEVEL, method: 'Clopper-Pearson' },
    },
    ...verdicts.flatMap(({ feed, label, excess, cohesion, contradicted }): readonly Metric[] => [
      ...(excess === undefined
        ? []
        : [
            {
              id: `poison.excess.${feed}.${label}`,
              value: excess.value,
              unit: 'share of rows',
              n: contradicted.n,
              interval: { low: excess.low, high: excess.high, level: LEVEL, method: 'Newcombe' },
            },
          ]),
      ...(cohesion === undefined
        ? []
        : [{ id: `poison.cohesion-p.${feed}.${label}`, value: cohesion.p, unit: 'probability', n: contradicted.k }]),
    ]),
  ];
}

function notExamined(rows: readonly ScanRow[], rules: PoisonRules): ControlResult['coverage']['notExamined'] {
  const long = rows.filter(({ subject, body }) => subject.length + body.length + 1 > rules.maxRowCharacters).length;
  const blind = {
    what: 'triggers that are neither words nor hidden characters',
    why: 'only words, neighbouring pairs of words and hidden characters are compared',
  };
  if (long === 0) return [blind];
  return [
    { what: `the middle of ${long} rows`, why: `at most ${rules.maxRowCharacters} characters of a row are read` },
    blind,
  ];
}
