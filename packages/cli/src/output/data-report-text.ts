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

function sectionLines({ id }: SectionReport, { findings }: DataReport, style: Style): readonly string[] {
  const own = findings.filter(({ section }) => section === id);
  if (own.length === 0) return [`  ${TITLES[id]}: ${style.good('nothing found')}`];
  const lines = own
    .slice(0, SHOWN)
    .flatMap(({ severity, rule, message, fix }) => [
      `    ${severityText(severity, style)} ${printable(message)} [${printable(rule)}]`,
      style.dim(`      fix: ${printable(fix)}`),
    ]);
  const more =
    own.length > SHOWN ? [style.dim(`    ... and ${own.length - SHOWN} more, all of them in --format json`)] : [];
  return [`  ${TITLES[id]}`, ...lines, ...more];
}

function severityText(severity: string, style: Style): string {
  if (severity === 'critical' || severity === 'high') return style.bad(severity);
  return severity === 'medium' ? style.warn(severity) : style.dim(severity);
}
