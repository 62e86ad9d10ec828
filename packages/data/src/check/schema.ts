// Section `schema`: what the reader noticed about the form of the table, as findings.
import type { Table } from '@vallum/formats';
import type { DataFinding } from '../tables/finding.js';
import { dataFinding } from '../tables/finding.js';
import type { DefaultRule } from './severities.js';
import { severityOf } from './severities.js';

/** Notes of a reader that change what figures mean. */
const KNOWN: Readonly<Record<string, DefaultRule>> = {
  'mixed-types': 'schema.mixed-types',
  'integers-rounded': 'schema.integers-rounded',
};

export function schemaFindings(table: Table, rows: number): readonly DataFinding[] {
  const notes = table.notes.map((note) => {
    const { severity, fix } = severityOf(KNOWN[note.code] ?? 'schema.note');
    return dataFinding({
      section: 'schema',
      rule: `schema.${note.code}`,
      severity,
      fix,
      what: note.message,
      // Some notes count values of a column, some those of all columns.
      n: Math.max(rows, note.count),
      broken: { count: note.count, rows: [], examples: [] },
      ...(note.column === undefined ? {} : { column: note.column }),
    });
  });
  if (rows > 0) return notes;
  const { severity, fix } = severityOf('schema.empty');
  const broken = { count: 0, rows: [], examples: [] };
  return [
    ...notes,
    dataFinding({
      section: 'schema',
      rule: 'schema.empty',
      severity,
      fix,
      what: 'the table has no rows',
      n: 0,
      broken,
    }),
  ];
}
