// What a comparison may show, and what it must admit.
import { describe, expect, it } from 'vitest';
import { shownName } from '../tables/shown-name.js';
import { memoryTable } from '../tables/testing/memory-table.js';
import { compareTables } from './compare-tables.js';

describe('the report of a comparison', () => {
  it('carries what the readers rounded or left out, and nothing harmless', async () => {
    const notes = [
      { code: 'integers-rounded', column: 'id', message: 'integers have more digits than a double holds', count: 2 },
      { code: 'blank-lines', message: 'blank lines are left out', count: 1 },
    ];
    const old = { table: memoryTable({ id: [1] }), name: 'old' };
    const now = { table: memoryTable({ id: [1] }, { notes }), name: 'new' };
    const { notExamined } = await compareTables({ old, new: now, progress: () => undefined });
    expect(notExamined).toEqual([
      {
        what: 'column "id" of new, exactly',
        why: 'integers-rounded: integers have more digits than a double holds (2); rows that differ only there may count as the same',
      },
    ]);
  });

  it('masks labels, sources and columns that look like personal data', async () => {
    const table = (label: string) => ({
      table: memoryTable({ id: [1], y: [label], s: [label], [label]: [1] }),
      name: label.slice(0, 1),
    });
    const found = await compareTables({
      old: table('ann.miller@example.org'),
      new: table('bob.smith@example.org'),
      key: ['id'],
      label: 'y',
      source: 's',
      progress: () => undefined,
    });
    expect(found.relabels).toHaveLength(1);
    expect(JSON.stringify(found)).not.toMatch(/miller|smith/);
    expect([shownName('spam'), shownName('web shop'), shownName('x'.repeat(99)).length]).toEqual([
      'spam',
      'web shop',
      61,
    ]);
  });

  it('takes 100,000 columns', async () => {
    const table = memoryTable(Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`c${at}`, [at]])));
    // Names are looked up in the table of this test itself one by one.
    const { columns } = table;
    const quick = {
      ...table,
      columns,
      batches: async function* () {
        yield {
          start: 0,
          rows: 1,
          columns: columns.map(() => ({ type: 'number' as const, values: Float64Array.of(1), missing: undefined })),
        };
      },
    };
    const side = { table: quick, name: 'one' };
    const found = await compareTables({ old: side, new: side, progress: () => undefined });
    expect(found.same.count).toBe(1);
  });
});
