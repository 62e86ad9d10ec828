// What each control said, one line each, with its worst findings below a control that did not pass.
import type { ControlReport } from '@vallum/check';
import type { Coverage, Finding, Metric } from '@vallum/core';
import type { Cell, Style } from './style.js';
import { colourOf, printable, table } from './style.js';
import { figure } from './verdict-text.js';

const SHOWN_FINDINGS = 3;

/** @param judged ids of the metrics that requirements look at; they are shown beside what was examined */
export function reportsText(reports: readonly ControlReport[], judged: ReadonlySet<string>, style: Style): string {
  const rows = reports.map((report): readonly Cell[] => [
    { text: report.kind },
    { text: report.outcome, paint: (text) => colourOf(style, text.trimEnd()).padEnd(text.length) },
    { text: how(report), paint: style.dim },
    { text: summary(report, judged) },
  ]);
  const lines = table(rows).split('\n');
  return reports.flatMap((report, index) => [lines[index] ?? '', ...detailLines(report, style)]).join('\n');
}

function how(report: ControlReport): string {
  if (report.how === 'reused') return `reused ${report.statement?.slice(0, 8) ?? ''}`;
  if (report.how === 'ran') return `ran ${report.seconds.toFixed(1)} s ${report.statement?.slice(0, 8) ?? ''}`;
  return report.how;
}

function summary(
  { reason, metrics, outcome, coverage, rerunBecause }: ControlReport,
  judged: ReadonlySet<string>,
): string {
  const again = rerunBecause === undefined ? [] : [`run again: ${printable(rerunBecause)}`];
  if (outcome !== 'pass' && reason !== undefined) return [...again, printable(reason.message)].join('; ');
  const figures = metrics.filter(({ id }) => judged.has(id)).map(metricText);
  return [...again, ...figures, ...(figures.length === 0 ? [coverageText(coverage)] : [])].join('; ');
}

function metricText({ id, value, interval, n }: Metric): string {
  const range = interval === undefined ? '' : ` [${figure(interval.low)}, ${figure(interval.high)}]`;
  return `${id} ${figure(value)}${range}${n === undefined ? '' : `, n ${n}`}`;
}

function coverageText(coverage: Coverage | undefined): string {
  const { rows, files } = coverage?.examined ?? {};
  return [rows === undefined ? '' : `${rows} rows`, files === undefined ? '' : `${files} files`]
    .filter((text) => text !== '')
    .join(', ');
}

function detailLines({ outcome, findings }: ControlReport, style: Style): readonly string[] {
  if (outcome === 'pass') return [];
  const serious = findings.filter(({ severity }) => severity === 'critical' || severity === 'high');
  const shown = serious
    .slice(0, SHOWN_FINDINGS)
    .map((finding) => `      ${style.bad(finding.severity)} ${findingText(finding)}`);
  const hidden = serious.length - shown.length;
  return hidden > 0 ? [...shown, style.dim(`      ... and ${hidden} more`)] : shown;
}

/** One finding: where, what, how to mend it is in JSON and in `vallum scan`. */
export function findingText({ location, message, rule }: Finding): string {
  const { file, entry, offset, line, feed, row } = location;
  const parts = [
    file,
    entry,
    feed === undefined ? undefined : `feed ${feed}`,
    row === undefined ? undefined : `row ${row}`,
  ];
  const place = parts.filter((part) => part !== undefined).join(' ');
  const at = offset === undefined ? (line === undefined ? '' : `:${line}`) : ` @${offset}`;
  return `${printable(`${place}${at}`)}${place === '' ? '' : ': '}${printable(message)} [${rule}]`;
}
