// A check of a table for people: section by section, because no section answers for another; what was not examined comes last,
// in the same words as in JSON.
import type { DataReport, SectionReport } from '@vallum/data';
import type { Style } from './style.js';
import { colourOf, printable } from './style.js';

const TITLES: Readonly<Record<SectionReport['id'], string>> = {
  schema: 'schema',
  rules: 'rules',
  duplicates: 'duplicates',
  leakage: 'leakage into the test table',
  balance: 'balance of classes',
  'personal-data': 'personal data and secrets',
  'label-issues': 'label issues',
  outliers: 'outliers',
  poisoning: 'poisoning',
};
const SHOWN = 10;
const LISTED = 5;

export function dataReportText(report: DataReport, style: Style): string {
  const { name, outcome, rows, columns, format, sections, findings, coverage } = report;
  const counts = (['critical', 'high', 'medium', 'low', 'info'] as const)
    .map((severity) => [severity, findings.filter((finding) => finding.severity === severity).length] as const)
    .filter(([, count]) => count > 0)
    .map(([severity, count]) => `${count} ${severity}`);
  const told = counts.length === 0 ? 'no findings' : `findings: ${counts.join(', ')}`;
  const head = `${printable(name)}: ${colourOf(style, outcome)}, ${rows} rows, ${columns.length} columns (${format}), ${told}`;
  const examined = sections.filter((section) => section.examined);
  const not = coverage.notExamined.map(
    ({ what, why }) => `  ${style.warn('not examined')} ${printable(what)}: ${printable(why)}`,
  );
  return [style.bold(head), ...examined.flatMap((section) => sectionLines(section, report, style)), ...not].join('\n');
}

function sectionLines({ id, how }: SectionReport, report: DataReport, style: Style): readonly string[] {
  const own = report.findings.filter(({ section }) => section === id);
  const by = how === undefined ? [] : [style.dim(`    by ${printable(how)}`)];
  if (own.length === 0) return [`  ${TITLES[id]}: ${style.good('nothing found')}`, ...by];
  const lines = own
    .slice(0, SHOWN)
    .flatMap(({ severity, rule, message, fix }) => [
      `    ${severityText(severity, style)} ${printable(message)} [${printable(rule)}]`,
      style.dim(`      fix: ${printable(fix)}`),
    ]);
  const more =
    own.length > SHOWN ? [style.dim(`    ... and ${own.length - SHOWN} more, all of them in --format json`)] : [];
  return [`  ${TITLES[id]}`, ...by, ...lines, ...more, ...listedLines(id, report, style)];
}

function listedLines(id: SectionReport['id'], { listed }: DataReport, style: Style): readonly string[] {
  const own = listed.filter(({ section }) => section === id);
  const lines = own
    .slice(0, LISTED)
    .map(({ row, why, score }) => `    row ${row}: ${printable(why)} (${score.toPrecision(3)})`);
  const more = own.length - lines.length;
  return more > 0 ? [...lines, style.dim(`    ... and ${more} more rows listed in --format json`)] : lines;
}

function severityText(severity: string, style: Style): string {
  if (severity === 'critical' || severity === 'high') return style.bad(severity);
  return severity === 'medium' ? style.warn(severity) : style.dim(severity);
}
