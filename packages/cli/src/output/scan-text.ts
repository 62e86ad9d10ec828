// A scan for people: a line for each file with something to say, findings first, each with its fix.
import type { Severity } from '@vallum/core';
import type { Accepted, FileReport, ScanReport } from '@vallum/model';
import { findingText } from './report-text.js';
import type { Style } from './style.js';
import { colourOf, printable } from './style.js';

export function scanText(report: ScanReport, paths: readonly string[], style: Style): string {
  const { summary, outcome, files } = report;
  const counts = (['critical', 'high', 'medium', 'low', 'info'] as const)
    .filter((severity) => summary.findings[severity] > 0)
    .map((severity) => `${summary.findings[severity]} ${severity}`);
  const told = [
    `${summary.files} ${summary.files === 1 ? 'file' : 'files'}`,
    `${summary.bytes} bytes`,
    ...(counts.length === 0 ? [] : [`findings: ${counts.join(', ')}`]),
    ...(summary.notExamined === 0 ? [] : [`${summary.notExamined} not examined`]),
    ...(summary.accepted === undefined ? [] : [`${summary.accepted} accepted`]),
  ];
  const head = `${printable(paths.join(' '))}: ${colourOf(style, outcome)}, ${told.join(', ')}`;
  const unused = (summary.unusedSuppressions ?? []).map(
    ({ rule, sha256, why }) =>
      `  ${style.warn('unused suppression')} ${rule} of ${sha256.slice(0, 8)}: ${why === 'expired' ? 'it has expired' : 'there is nothing to suppress'}`,
  );
  const allowed = (summary.allowed ?? []).map((name) => `  ${style.warn('allowed by the policy')} ${printable(name)}`);
  return [style.bold(head), ...allowed, ...files.flatMap((file) => fileLines(file, style)), ...unused].join('\n');
}

function fileLines(
  { path, formats, findings, notExamined, accepted = [] }: FileReport,
  style: Style,
): readonly string[] {
  if (findings.length === 0 && notExamined.length === 0 && accepted.length === 0) return [];
  return [
    `  ${printable(path)} ${style.dim(formats.join(', ') || 'unknown')}`,
    ...findings.flatMap((finding) => [
      `    ${severityText(finding.severity, style)} ${findingText(finding)}`,
      style.dim(`      fix: ${printable(finding.fix)}`),
    ]),
    ...notExamined.map(({ what, why }) => `    ${style.warn('not examined')} ${printable(what)}: ${printable(why)}`),
    ...accepted.map((one) => style.dim(`    accepted ${acceptedText(one)}`)),
  ];
}

function acceptedText({ finding, notExamined, by, reason, expires }: Accepted): string {
  const what =
    finding === undefined ? `not examined: ${notExamined?.what ?? ''}` : `${finding.rule} ${finding.message}`;
  return printable(
    by === 'baseline' ? `${what} (in the baseline)` : `${what} (${reason ?? ''}, until ${expires ?? ''})`,
  );
}

function severityText(severity: Severity, style: Style): string {
  if (severity === 'critical' || severity === 'high') return style.bad(severity);
  return severity === 'medium' ? style.warn(severity) : style.dim(severity);
}
