// Source that reads otherwise than it looks: characters that turn the direction of text (CVE-2021-42574), names of letters
// that look alike, code far to the right of the screen, plain letters written as escapes, encodings that hide code.
import type { PythonReport } from '@vallum/formats';
import type { Severity } from '@vallum/core';
import type { Sighting } from './sightings.js';

const SEVERITY: Readonly<Record<PythonReport['oddities'][number]['code'], Severity>> = {
  bidi: 'high',
  invisible: 'high',
  'far-right': 'high',
  'escaped-letters': 'medium',
  'normalised-name': 'high',
  'mixed-script': 'medium',
  'long-literal': 'info',
};

export function judgeLook(report: PythonReport): readonly Sighting[] {
  const found: Sighting[] = report.oddities.map(({ code, line, detail }) => ({
    rule: 'VLM-PYS-015',
    severity: SEVERITY[code],
    detail,
    line,
    key: code,
  }));
  if (report.oddEncoding !== undefined)
    found.push({
      rule: 'VLM-PYS-016',
      severity: 'high',
      detail: report.oddEncoding.slice(0, 40),
      line: 1,
      key: 'encoding',
    });
  return found;
}
