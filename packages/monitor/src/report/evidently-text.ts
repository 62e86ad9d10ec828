// The answer in the terms of Evidently, for a terminal.
import type { EvidentlyReport } from '../evidently/drift-preset.js';
import { number, rows } from './figures.js';

const SHOWN = 40;

/** @param clean makes names from the data safe to print */
export function evidentlyText(report: EvidentlyReport, clean: (text: string) => string): string {
  const scored = report.columns.filter(({ score }) => score !== null);
  const lines = report.columns.slice(0, SHOWN).map(({ name, test, score, threshold, drifted, counted = drifted }) => {
    if (test === null || score === null || threshold === null) return `  ${clean(name)}: free text is not reproduced`;
    const said = `${test} ${number(score)} (threshold ${threshold})`;
    return `  ${clean(name)}: ${drifted === true ? 'drift' : 'no drift'}, ${said}${counted === drifted ? '' : ', but counted otherwise'}`;
  });
  if (report.columns.length > SHOWN)
    lines.push(`  and ${report.columns.length - SHOWN} more columns: see --format json`);
  const verdict = { drift: 'DRIFT', 'no-drift': 'NO DRIFT', 'not-enough-data': 'NOT ENOUGH DATA' }[report.outcome];
  return [
    `${verdict}  ${clean(report.reference.name)} -> ${clean(report.current.name)}, as Evidently says it`,
    `${report.driftedColumns} of ${scored.length} columns drifted, drift from a share of ${report.driftShare}; ${rows(report.reference.rows)} and ${rows(report.current.rows)} rows`,
    ...lines,
    ...report.leftOut.slice(0, SHOWN).map(({ name, why }) => `  ${clean(name)}: left out: ${why}`),
    'These thresholds are not calibrated for the sizes at hand: leave --compatible out for an answer that is.',
  ].join('\n');
}
