// Section `poisoning`: the ensemble on one table. It says which detectors ran and which could not, and what none of them sees.
// It compares the rows of this table with each other; the control data.poison_scan also asks the last approved model.
import type { Metric } from '@vallum/core';
import { takeRows } from '@vallum/stats';
import { answerOf, isPlanted } from '../../poison/ensemble/ensemble-findings.js';
import { findHiddenTriggers } from '../../poison/ensemble/hidden-characters.js';
import { BLIND } from '../../poison/ensemble/report.js';
import type { EnsembleReport } from '../../poison/ensemble/report.js';
import { defaultEnsembleRules } from '../../poison/ensemble/rules.js';
import { runEnsemble } from '../../poison/ensemble/run-ensemble.js';
import { withColumnNames } from '../../poison/tables/column-names.js';
import { shown } from '../../rules/table-rules.js';
import type { DataFinding, ListedRow, SectionResult } from '../../tables/finding.js';
import { dataFinding } from '../../tables/finding.js';
import { severityOf } from '../severities.js';
import type { Beside } from './beside.js';
import { firstOf, MAX_LISTED } from './listed.js';
import type { RowSample } from './row-sample.js';

export interface PoisonQuestion {
  readonly sample: RowSample;
  readonly image: Beside['image'];
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly progress: (message: string) => void;
}

const UNASKED = {
  what: 'rows against the last approved model',
  why: 'the control data.poison_scan asks it, about mails',
};
/** Every detector looks at the rows once for each label. */
const MAX_CLASSES = 1000;
const HIDDEN = 'hidden characters';

/**
 * @returns why it was not examined, as a sentence, where it was not
 * @throws VallumError `POISON_INPUT` for matrices that do not fit
 */
export async function examinePoison(question: PoisonQuestion): Promise<SectionResult | string> {
  const { sample, image, seed, signal, progress } = question;
  const kept = sample.rows.flatMap((_, i) => (sample.labels[i] === undefined ? [] : [i]));
  if (kept.length === 0) return 'no row has a label';
  const whole = kept.length === sample.rows.length;
  const pick = <T>(of: readonly T[]): readonly T[] => (whole ? of : kept.map((i) => of[i] as T));
  const labels = pick(sample.labels).map((label) => label ?? '');
  const classes = new Set(labels).size;
  if (classes > MAX_CLASSES) return `rows are compared by label up to ${MAX_CLASSES} labels, and there are ${classes}`;
  const rows = pick(sample.rows);
  const { features, activations, sources, texts } = sample;
  const rules = defaultEnsembleRules();
  const report = await runEnsemble({
    ids: rows.map(String),
    labels,
    ...(sources === undefined ? {} : { sources: pick(sources) }),
    ...(texts === undefined ? {} : { texts: pick(texts) }),
    ...(features === undefined ? {} : { features: whole ? features.matrix : takeRows(features.matrix, kept) }),
    ...(activations === undefined ? {} : { activations: whole ? activations : takeRows(activations, kept) }),
    ...(image === undefined || features === undefined ? {} : { image }),
    seed,
    rules,
    signal,
    progress,
  });
  const hidden = texts === undefined ? undefined : hiddenFindings(pick(texts), labels, pick(sources ?? []), rows);
  if (report.ran.length === 0 && hidden === undefined)
    return `no detector could run: ${report.notRun.map(({ why }) => why)[0] ?? 'there was nothing to compare rows by'}`;
  const answer = answerOf(
    report,
    rows.map((row) => ({ feed: '', row: String(row + 1) })),
  );
  const ran = [...report.ran, ...(hidden === undefined ? [] : [HIDDEN])];
  const by = features === undefined || report.ran.length === 0 ? '' : ` on ${features.from}`;
  const missing = sample.of - rows.length;
  return {
    findings: [
      ...groupFindings(report, rows, labels, features?.names ?? []),
      ...separatedFindings(report, rows),
      ...(hidden ?? []),
    ],
    metrics: answer.metrics.map((metric): Metric => ({
      ...metric,
      id: 'poisoning.suspects',
      unit: 'share of rows looked at',
    })),
    notExamined: [
      ...(missing === 0
        ? []
        : [
            {
              what: `poisoning of ${missing} of ${sample.of} rows`,
              why: 'they have no label, or are not in the sample that is compared',
            },
          ]),
      ...answer.notExamined,
      ...(hidden === undefined ? [{ what: `detector ${HIDDEN}`, why: 'no column holds text' }] : []),
      UNASKED,
      ...BLIND,
    ],
    how: `${ran.join(', ')}${by}`,
    listed: listedRows(report, rows, features?.names ?? []),
  };
}

/**
 * Marks on this share of all rows of a label may be the column that tells the label: without it content explains nothing, and
 * nobody can tell the two apart from the rows. Planted rows leave clean ones of their label beside them.
 */
const TELLING = 0.9;

function groupFindings(
  report: EnsembleReport,
  rows: readonly number[],
  labels: readonly string[],
  names: readonly string[],
): readonly DataFinding[] {
  const marked = new Map<string, Set<number>>();
  for (const { label, rows: members } of report.groups.filter(isPlanted))
    marked.set(label, new Set([...(marked.get(label) ?? []), ...members]));
  return report.groups.map((group) => {
    const { detector, label, observed, carriers, expected, p } = group;
    const isMark = isPlanted(group);
    const telling =
      isMark && (marked.get(label)?.size ?? 0) >= TELLING * labels.filter((each) => each === label).length;
    const rule = telling ? 'poison.telling' : isMark ? 'poison.mark' : 'poison.group';
    const what = withColumnNames(group.what, names);
    return dataFinding({
      section: 'poisoning',
      rule: rule === 'poison.group' ? `poison.${detector}` : rule,
      ...severityOf(rule),
      what: `${MEANING[rule]}: ${observed} of ${carriers} rows that have ${what} are labelled ${shown(label)}, at most ${expected.toFixed(1)} are explained by the rest (p = ${p.toPrecision(2)})`,
      n: rows.length,
      broken: { count: group.rows.length, rows: firstOf(group.rows, (at) => (rows[at] ?? 0) + 1), examples: [] },
      atlas: ATLAS,
    });
  });
}

const MEANING = {
  'poison.mark': 'a planted mark',
  'poison.telling': 'a column tells the label and the others do not, by its nature or by a mark on nearly all rows',
  'poison.group': 'labels that content does not explain, careless or planted',
} as const;

const ATLAS = ['AML.T0020', 'AML.T0018.000'];

function separatedFindings({ separated }: EnsembleReport, rows: readonly number[]): readonly DataFinding[] {
  return separated.map(({ label, smaller, silhouette, z }) =>
    dataFinding({
      section: 'poisoning',
      rule: 'poison.separated',
      ...severityOf('poison.separated'),
      what: `activations of rows labelled ${shown(label)} fall into two parts (silhouette ${silhouette.toFixed(2)}, ${z.toFixed(1)} spreads above the other labels), as those of clean labels can`,
      n: rows.length,
      broken: { count: smaller.length, rows: firstOf(smaller, (at) => (rows[at] ?? 0) + 1), examples: [] },
      atlas: ATLAS,
    }),
  );
}

function hiddenFindings(
  texts: readonly string[],
  labels: readonly string[],
  sources: readonly string[],
  rows: readonly number[],
): readonly DataFinding[] {
  const named = texts.map((text, i) => ({ text, label: labels[i] ?? '', feed: sources[i] ?? '' }));
  return findHiddenTriggers(named, defaultEnsembleRules()).map(({ feed, label, what, rows: carriers, of, p }) =>
    dataFinding({
      section: 'poisoning',
      rule: 'poison.hidden-characters',
      ...severityOf('poison.hidden-characters'),
      what: `rows labelled ${shown(label)}${feed === '' ? '' : ` from ${shown(feed)}`} hold ${what}, where others do not (p = ${p.toPrecision(2)})`,
      n: of,
      broken: { count: carriers.length, rows: firstOf(carriers, (at) => (rows[at] ?? 0) + 1), examples: [] },
      atlas: ATLAS,
    }),
  );
}

/** Members of suspect groups only: a row that merely looks like another label is a question of labels. */
function listedRows(report: EnsembleReport, rows: readonly number[], names: readonly string[]): readonly ListedRow[] {
  const members = new Set(report.groups.flatMap((group) => group.rows));
  return report.rows
    .filter(({ row }) => members.has(row))
    .slice(0, MAX_LISTED)
    .map(({ row, p, reasons }) => ({
      section: 'poisoning',
      row: (rows[row] ?? 0) + 1,
      score: p,
      why: withColumnNames(reasons.join('; '), names),
    }));
}
