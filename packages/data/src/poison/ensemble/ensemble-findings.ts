// What the ensemble on features tells a person. Only a planted mark whose carriers' content contradicts their label is
// called poison; a source, a cluster or a burst with unexplained labels may be a careless annotator, and rows that merely
// look like another label are not listed at all: that is a question of labels (`data.validation`), not of poisoning.
import type { Finding, Metric, Reason } from '@vallum/core';
import { clopperPearson } from '@vallum/stats';
import { findingsWith } from './poison-finding.js';
import type { EnsembleReport } from './report.js';
import type { SuspectGroup } from './suspect-group.js';

const about = findingsWith(['AML.T0020', 'AML.T0018.000']);

export interface RowName {
  readonly feed: string;
  readonly row: string;
}

export interface EnsembleAnswer {
  readonly outcome: 'pass' | 'fail' | 'inconclusive';
  readonly reason?: Reason;
  readonly findings: readonly Finding[];
  readonly metrics: readonly Metric[];
  readonly notExamined: readonly { readonly what: string; readonly why: string }[];
}

const LEVEL = 0.95;

/** @param names of the rows of the matrices, in their order */
export function answerOf(report: EnsembleReport, names: readonly RowName[]): EnsembleAnswer {
  const marks = report.groups.filter(isPlanted);
  const suspects = new Set(report.groups.flatMap(({ rows }) => rows)).size;
  const few = report.cells.filter(({ verdict }) => verdict === 'too-few-rows');
  const open = report.groups.length > 0 || report.ran.length === 0;
  return {
    outcome: marks.length > 0 ? 'fail' : open ? 'inconclusive' : 'pass',
    ...(marks.length === 0 && open ? { reason: reasonOf(report) } : {}),
    findings: [
      ...report.groups.flatMap((group) => findingsOf(group, names)),
      ...report.separated.map(({ label, silhouette, z }) =>
        about(
          {},
          'poison.separated',
          'info',
          `the activations of rows labelled ${label} fall into two parts (silhouette ${silhouette.toFixed(2)}, ${z.toFixed(1)} spreads above the other labels); clean labels do so too`,
          'look at both parts if other signs point at this label',
        ),
      ),
    ],
    metrics: [
      {
        id: 'poison.ensemble-suspects',
        value: suspects / Math.max(1, names.length),
        unit: 'share of rows with features',
        n: names.length,
        interval: {
          ...clopperPearson(suspects, Math.max(1, names.length), LEVEL),
          level: LEVEL,
          method: 'Clopper-Pearson',
        },
      },
    ],
    notExamined: [
      ...report.notRun.map(({ detector, why }) => ({ what: `detector ${detector}`, why })),
      ...few.map(({ label, source, rows }) => ({
        what: `rows labelled ${label}${source === undefined ? '' : ` from ${source}`}`,
        why: `there are only ${rows}`,
      })),
    ],
  };
}

function reasonOf({ groups, notRun }: EnsembleReport): Reason {
  if (groups.length === 0)
    return { code: 'ensemble-did-not-run', message: notRun.map(({ why }) => why)[0] ?? 'no detector ran' };
  const labels = [...new Set(groups.map(({ label }) => label))].join(', ');
  return {
    code: 'ensemble-suspects',
    message: `groups of rows labelled ${labels} have labels that their content does not explain`,
  };
}

/** Detectors whose groups stand the family level: what they name is called a planted mark. */
export function isPlanted({ detector }: SuspectGroup): boolean {
  return detector === 'value-pattern' || detector === 'copied-block';
}

function findingsOf(group: SuspectGroup, names: readonly RowName[]): readonly Finding[] {
  const { detector, label, rows, carriers, observed, expected, p, what } = group;
  const planted = isPlanted(group);
  const counts = `${observed} of ${carriers} rows that have ${what} are labelled ${label}, at most ${expected.toFixed(1)} are explained by what they look like (p = ${p.toPrecision(2)})`;
  return [
    about(
      group.source === undefined ? {} : { feed: group.source },
      planted ? 'poison.mark' : `poison.${detector}`,
      planted ? 'critical' : 'medium',
      planted
        ? `a planted mark: ${counts}`
        : `${counts}: ${detector === 'weak-mark' ? 'too few to tell chance, careless labels and poison apart' : 'careless labels or poison'}`,
      planted
        ? 'find out where the rows come from, and look at those listed'
        : 'look at the rows listed and ask where their labels come from',
    ),
    ...rows.flatMap((row) => {
      const name = names[row];
      if (name === undefined) return [];
      return [
        about(
          name,
          'poison.row',
          planted ? 'high' : 'low',
          `has ${what}, and looks like another label`,
          'check the row by hand',
        ),
      ];
    }),
  ];
}
