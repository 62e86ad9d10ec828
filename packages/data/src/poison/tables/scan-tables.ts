// `data.poison_scan` of table feeds: the ensemble on their numbers or on the features that they declare, with one source for
// each feed and each value of its column of sources, and hidden characters and copies in their texts. Feeds with the same
// features are compared with one another. A feed that has nothing to be compared by is inconclusive, never passed over.
import type { ControlResult, Finding, RunContext } from '@vallum/core';
import { VallumError } from '@vallum/core';
import { clopperPearson } from '@vallum/stats';
import type { TableDatasetFeed } from '../../manifest/dataset.js';
import type { RowSource } from '../../rows/row-source.js';
import type { EnsembleAnswer } from '../ensemble/ensemble-findings.js';
import { answerOf } from '../ensemble/ensemble-findings.js';
import { lookAtFeeds } from '../ensemble/look-at-feeds.js';
import type { EnsembleRules } from '../ensemble/rules.js';
import { runEnsemble } from '../ensemble/run-ensemble.js';
import { joinAnswers } from '../join-answers.js';
import type { PoisonRules } from '../rules.js';
import { withColumnNames } from './column-names.js';
import type { FeedRows, NamedMatrix } from './read-rows.js';
import { readFeedRows } from './read-rows.js';

export interface TableScan {
  readonly source: RowSource;
  readonly rules: PoisonRules;
  readonly ensemble: EnsembleRules;
  readonly seed: number;
}

const LEVEL = 0.95;

/** @throws VallumError `DATA_CHANGED`, `TABLE_*` */
export async function scanTables(
  feeds: readonly TableDatasetFeed[],
  scan: TableScan,
  context: RunContext,
): Promise<ControlResult> {
  const answers: EnsembleAnswer[] = [];
  const read: FeedRows[] = [];
  for (const feed of feeds) {
    context.progress(`reading ${feed.rows} rows of ${feed.name}`);
    const rows = await orOpen(feed.name, () => readFeedRows(feed, scan.source, scan.rules, context.signal));
    if ('outcome' in rows) answers.push(rows);
    else read.push(rows);
  }
  const texts = read.flatMap(({ feed, ids, labels, texts: own }) =>
    (own ?? []).map((text, row) => ({ id: ids[row] ?? '', feed, label: labels[row] ?? '', text })),
  );
  context.progress('looking for hidden characters and copies');
  const look = await lookAtFeeds(texts, scan.ensemble, context.signal);
  for (const group of groupsOf(read)) answers.push(await scanGroup(group, scan, context));
  const seen = together(answers);
  const rows = feeds.reduce((sum, feed) => sum + feed.rows, 0);
  const suspects = new Set(
    seen.findings
      .filter(({ rule, location }) => rule === 'poison.row' && location.row !== undefined)
      .map(({ location }) => JSON.stringify([location.feed, location.row])),
  ).size;
  const asked: ControlResult = {
    outcome: 'pass',
    findings: [],
    metrics: [
      {
        id: 'poison.suspect-rows',
        value: suspects / rows,
        unit: 'share of rows of tables',
        n: rows,
        interval: { ...clopperPearson(suspects, rows, LEVEL), level: LEVEL, method: 'Clopper-Pearson' },
      },
    ],
    coverage: { examined: { rows }, notExamined: read.flatMap(notCompared) },
  };
  return joinAnswers(asked, look, seen);
}

/** Feeds whose rows can stand in one matrix; those without features stand alone. */
function groupsOf(read: readonly FeedRows[]): readonly (readonly FeedRows[])[] {
  const groups = new Map<string, FeedRows[]>();
  for (const rows of read) {
    const key = JSON.stringify(rows.features?.names ?? [rows.feed, null]);
    groups.set(key, [...(groups.get(key) ?? []), rows]);
  }
  return [...groups.values()];
}

async function scanGroup(group: readonly FeedRows[], scan: TableScan, context: RunContext): Promise<EnsembleAnswer> {
  const names = group.map(({ feed }) => feed).join(', ');
  const features = joined(group);
  if (features === undefined)
    return open('features-absent', `${names}: there are no numbers to compare rows by, and no features are declared`);
  const all = group.flatMap(({ feed, ids }) => ids.map((row) => ({ feed, row })));
  const sources = group.flatMap((rows) => rows.sources);
  const feedOf = new Map(group.flatMap(({ feed, sources: own }) => own.map((source) => [source, feed] as const)));
  const texts = group.every((rows) => rows.texts !== undefined)
    ? group.flatMap(({ texts: own }) => own ?? [])
    : undefined;
  return orOpen(names, async () => {
    const report = await runEnsemble({
      ids: all.map(({ feed, row }) => JSON.stringify([feed, row])),
      labels: group.flatMap(({ labels }) => labels),
      sources,
      features: features.matrix,
      ...(texts === undefined ? {} : { texts }),
      seed: scan.seed,
      rules: scan.ensemble,
      ...context,
    });
    const answer = answerOf(report, all);
    return { ...answer, findings: answer.findings.map((finding) => placed(finding, feedOf, features)) };
  });
}

/** The ensemble knows sources and columns by number; people know feeds and names. */
function placed(finding: Finding, feedOf: ReadonlyMap<string, string>, { names }: NamedMatrix): Finding {
  const { feed, row } = finding.location;
  const known = feed === undefined || row !== undefined ? feed : feedOf.get(feed);
  const message = withColumnNames(finding.message, names);
  return { ...finding, message, location: { ...finding.location, ...(known === undefined ? {} : { feed: known }) } };
}

function joined(group: readonly FeedRows[]): NamedMatrix | undefined {
  const matrices = group.flatMap(({ features }) => features ?? []);
  const [first] = matrices;
  if (first === undefined) return undefined;
  const rows = matrices.reduce((sum, { matrix }) => sum + matrix.rows, 0);
  const values = new Float64Array(rows * first.matrix.columns);
  let at = 0;
  for (const { matrix } of matrices) {
    values.set(matrix.values, at);
    at += matrix.values.length;
  }
  return { names: first.names, matrix: { rows, columns: first.matrix.columns, values } };
}

/** What does not fit is inconclusive and said; changed bytes and broken files stop the control. */
async function orOpen<T>(names: string, work: () => Promise<T>): Promise<T | EnsembleAnswer> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof VallumError) || error.code !== 'POISON_INPUT') throw error;
    return open(error.code, error.message.includes(names) ? error.message : `${names}: ${error.message}`);
  }
}

function open(code: string, message: string): EnsembleAnswer {
  const notExamined = [{ what: 'rows as features', why: message }];
  return { outcome: 'inconclusive', reason: { code, message }, findings: [], metrics: [], notExamined };
}

function together(answers: readonly EnsembleAnswer[]): EnsembleAnswer {
  const failed = answers.some(({ outcome }) => outcome === 'fail');
  const undecided = answers.find(({ outcome }) => outcome === 'inconclusive');
  const reason = undecided?.reason;
  return {
    outcome: failed ? 'fail' : undecided === undefined ? 'pass' : 'inconclusive',
    ...(failed || reason === undefined ? {} : { reason }),
    findings: answers.flatMap(({ findings }) => findings),
    metrics: answers.length === 1 ? (answers[0]?.metrics ?? []) : [],
    notExamined: answers.flatMap(({ notExamined }) => notExamined),
  };
}

function notCompared({ feed, left, texts }: FeedRows): ControlResult['coverage']['notExamined'] {
  const shown = left.slice(0, 10).join(', ');
  return [
    ...(left.length === 0
      ? []
      : [
          {
            what: `${feed}: ${left.length} columns as features (${shown})`,
            why: 'they hold no numbers, or others were declared',
          },
        ]),
    ...(texts === undefined ? [{ what: `${feed}: triggers in text`, why: 'no column holds text' }] : []),
    { what: `${feed}: rows against the last approved model`, why: 'it is asked about mails only' },
  ];
}
