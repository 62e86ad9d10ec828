// Columns that the reader could not read. A section that compares whole rows sees them as equal where only these differ: what it
// finds then is a hint and no finding at the gate, and every section that looked at fewer columns than there are says so.
import type { Table } from '@vallum/formats';
import type { SectionId, SectionResult } from '../tables/finding.js';

const NAMED = 5;
/** What each section asks of columns; the others judge columns by name, or were given matrices. */
const ASKED: Partial<Record<SectionId, string>> = {
  duplicates: 'rows that differ in them alone are taken for repeats',
  leakage: 'rows that differ in them alone are taken for the same',
  'personal-data': 'what they hold was not looked at',
  outliers: 'rows were judged without them',
  poisoning: 'rows were judged without them',
  'label-issues': 'rows were judged without them',
};
/** Findings by equality of whole rows. */
const WHOLE_ROWS: ReadonlySet<string> = new Set([
  'duplicate.row',
  'duplicate.conflict',
  'duplicate.near',
  'leakage.row',
  'leakage.near',
]);

/** Names of the columns of a table that its reader left out. */
export function unreadColumns({ notes }: Table): readonly string[] {
  return notes.filter(({ code }) => code === 'column-not-read').map(({ column = '' }) => column);
}

/** The same answer, with what it is worth when columns were not read. */
export function withUnread(id: SectionId, result: SectionResult, unread: readonly string[]): SectionResult {
  const asked = ASKED[id];
  if (asked === undefined || unread.length === 0) return result;
  const names = unread.slice(0, NAMED).map((name) => JSON.stringify(name.slice(0, 60)));
  const more = unread.length > NAMED ? ` and ${unread.length - NAMED} more` : '';
  const columns = unread.length === 1 ? 'a column was' : `${unread.length} columns were`;
  return {
    ...result,
    findings: result.findings.map((finding) =>
      WHOLE_ROWS.has(finding.rule)
        ? { ...finding, severity: 'info', message: `${finding.message}; ${columns} not read, so that they may differ` }
        : finding,
    ),
    notExamined: [
      ...result.notExamined,
      { what: `the columns ${names.join(', ')}${more}, for ${id}`, why: `they are not read: ${asked}` },
    ],
  };
}
