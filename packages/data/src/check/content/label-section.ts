// Section `label-issues`: rows whose label a model that never saw them doubts (confident learning). It looks for careless
// labels. An attacker labels his rows consistently, so this says nothing about poisoning, and says that it does not.
import { findLabelIssues } from '../../labels/find-label-issues.js';
import { NOT_A_POISONING_CHECK } from '../../labels/label-findings.js';
import type { Labelled } from '../../labels/labelled.js';
import { labelQuality } from '../../labels/quality-scores.js';
import { shown } from '../../rules/table-rules.js';
import type { DataFinding, SectionResult } from '../../tables/finding.js';
import { dataFinding, shareMetric } from '../../tables/finding.js';
import { severityOf } from '../severities.js';
import { firstOf, MAX_LISTED } from './listed.js';

export interface LabelQuestion {
  /** Where the probabilities come from, and in which order their columns were read. */
  readonly how: string;
  readonly names: readonly string[];
  /** Rows of the table, counted from 0, that `data` holds. */
  readonly rows: ArrayLike<number>;
  readonly data: Labelled;
  readonly notExamined: SectionResult['notExamined'];
}

/** Rows whose likeliest class is their label, and rows of the most frequent class: what a model that knows nothing reaches. */
export function agreementOf(data: Labelled): { readonly agreeing: number; readonly common: number } {
  let agreeing = 0;
  for (let row = 0; row < data.rows; row += 1) if (likeliest(data, row) === data.labels[row]) agreeing += 1;
  return { agreeing, common: Math.max(...data.counts) };
}

export function examineLabels({ how, names, rows, data, notExamined }: LabelQuestion): SectionResult {
  const flagged = [...findLabelIssues(data)];
  const scores = labelQuality(data, 'self_confidence');
  const score = (at: number): number => scores[at] ?? 0;
  flagged.sort((a, b) => score(a) - score(b) || a - b);
  const { agreeing, common } = agreementOf(data);
  const broken = { count: flagged.length, rows: firstOf(flagged, (at) => (rows[at] ?? 0) + 1), examples: [] };
  const findings: DataFinding[] = [];
  const told = { section: 'label-issues' as const, n: data.rows };
  if (agreeing < common)
    findings.push(
      dataFinding({
        ...told,
        rule: 'label.model',
        ...severityOf('label.model'),
        what: `the model names the label of fewer rows than always saying ${shown(names[data.counts.indexOf(common)] ?? '')} would`,
        broken: { count: agreeing, rows: [], examples: [] },
      }),
    );
  if (flagged.length > 0)
    findings.push(
      dataFinding({
        ...told,
        rule: 'label.issue',
        ...severityOf('label.issue'),
        what: 'a model that did not see the row doubts its label',
        broken,
      }),
    );
  return {
    findings,
    metrics: [
      shareMetric('label-issues.model-agrees', agreeing, data.rows, 'share of rows looked at'),
      shareMetric('label-issues.doubted', flagged.length, data.rows, 'share of rows looked at'),
    ],
    notExamined: [
      ...notExamined,
      ...(flagged.length > MAX_LISTED
        ? [
            {
              what: `names of ${flagged.length - MAX_LISTED} doubted rows`,
              why: `the ${MAX_LISTED} most doubtful are listed`,
            },
          ]
        : []),
    ],
    how: `${how}; ${NOT_A_POISONING_CHECK}`,
    listed: flagged.slice(0, MAX_LISTED).map((at) => ({
      section: 'label-issues',
      row: (rows[at] ?? 0) + 1,
      score: score(at),
      why: `labelled ${shown(names[data.labels[at] ?? 0] ?? '')}, likelier ${shown(names[likeliest(data, at)] ?? '')}`,
    })),
  };
}

function likeliest({ classes, values }: Labelled, row: number): number {
  let best = 0;
  for (let k = 1; k < classes; k += 1)
    if ((values[row * classes + k] ?? 0) > (values[row * classes + best] ?? 0)) best = k;
  return best;
}
