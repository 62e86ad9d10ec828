// `vallum scan PATH...`: the static scan of files and folders, with or without a project around them.
import type { Outcome, Severity } from '@vallum/core';
import type { FileReport, ScanReport } from '@vallum/model';
import { scanPath } from '@vallum/model';
import type { Answer, Io } from '../answer.js';
import { exitOfOutcome } from '../exit.js';
import { findingText } from '../output/report-text.js';
import type { Style } from '../output/style.js';
import { colourOf, printable } from '../output/style.js';

export interface ScanCommandOptions {
  readonly gate: Severity;
}

export async function scanCommand(io: Io, paths: readonly string[], { gate }: ScanCommandOptions): Promise<Answer> {
  const reports: ScanReport[] = [];
  for (const path of paths)
    reports.push(await scanPath(io.disk, path.replace(/(?<=.)\/+$/, ''), { gate, progress: io.progress.say }));
  const outcome = worst(reports.map((report) => report.outcome));
  const text = reports.map((report, index) => reportText(report, paths[index] ?? '', io.style)).join('\n\n');
  const [first] = reports;
  const json =
    reports.length === 1 && first !== undefined
      ? first
      : {
          schema: 'vallum/scans/v1',
          outcome,
          scans: reports.map((report, index) => ({ path: paths[index], ...report })),
        };
  return { exit: exitOfOutcome(outcome), text, json };
}

/** Fail beats inconclusive beats pass. */
function worst(outcomes: readonly Outcome[]): Outcome {
  return outcomes.includes('fail') ? 'fail' : outcomes.includes('inconclusive') ? 'inconclusive' : 'pass';
}

function reportText(report: ScanReport, path: string, style: Style): string {
  const { summary, outcome, files } = report;
  const head = `${printable(path)}: ${colourOf(style, outcome)}, ${summary.files} files, ${summary.bytes} bytes`;
  return [style.bold(head), ...files.flatMap((file) => fileLines(file, style))].join('\n');
}

function fileLines({ path, formats, findings, notExamined }: FileReport, style: Style): readonly string[] {
  if (findings.length === 0 && notExamined.length === 0) return [];
  return [
    `  ${printable(path)} ${style.dim(formats.join(', ') || 'unknown')}`,
    ...findings.flatMap((finding) => [
      `    ${severityText(finding.severity, style)} ${findingText(finding)}`,
      style.dim(`      fix: ${printable(finding.fix)}`),
    ]),
    ...notExamined.map(({ what, why }) => `    ${style.warn('not examined')} ${printable(what)}: ${printable(why)}`),
  ];
}

function severityText(severity: Severity, style: Style): string {
  if (severity === 'critical' || severity === 'high') return style.bad(severity);
  return severity === 'medium' ? style.warn(severity) : style.dim(severity);
}
