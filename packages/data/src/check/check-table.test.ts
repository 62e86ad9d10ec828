// The whole check: every section says something of its own, what was not examined is told, and nothing leaves unmasked.
import { describe, expect, it } from 'vitest';
import { VallumError } from '@vallum/core';
import { defaultRules } from '@vallum/detect';
import type { Table } from '@vallum/formats';
import { readDataRules } from '../rules/read-rules.js';
import { memoryTable } from '../tables/testing/memory-table.js';
import type { CheckRequest, DataReport } from './check-table.js';
import { checkTable } from './check-table.js';
import { PersonalDataExaminer } from './personal-data.js';

const check = (table: Table, more: Partial<CheckRequest> = {}): Promise<DataReport> =>
  checkTable({ table, name: 'a.csv', now: 0, progress: () => undefined, ...more });
const rulesOf = ({ findings }: DataReport): readonly string[] => findings.map(({ rule }) => rule);

const clean = memoryTable({
  x: Array.from({ length: 50 }, (_, i) => i),
  y: Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? 'a' : 'b')),
});

describe('checkTable', () => {
  it('passes a clean table, and says what it did not look at', async () => {
    const report = await check(clean, { roles: { label: 'y' } });
    expect([report.outcome, report.rows, rulesOf(report)]).toEqual(['pass', 50, []]);
    expect(report.sections.filter(({ examined }) => !examined).map(({ id }) => id)).toEqual([
      'rules',
      'leakage',
      'label-issues',
    ]);
    expect(report.coverage.notExamined.map(({ what }) => what)).toEqual(
      expect.arrayContaining(['label-issues', 'poison that keeps the true label', 'near duplicates']),
    );
    expect(report.metrics.find(({ id }) => id === 'balance.a')).toMatchObject({
      value: 0.5,
      n: 50,
      interval: { level: 0.95 },
    });
  });

  it('gives the same report for the same rows in other batches', async () => {
    const columns = { x: [1, 2, 2, NaN, null], t: ['a', 'b', 'b', 'call 555', 'x@example.org'] };
    const [one, other] = await Promise.all([1, 3].map((batch) => check(memoryTable(columns, { batch }))));
    expect(one).toEqual(other);
  });

  it('tells the form: empty, constant and not finite columns, notes of the reader', async () => {
    const table = memoryTable(
      { empty: [null, null, null], same: ['q', 'q', 'q'], n: [1, Infinity, NaN], big: [1, 2, 3] },
      {
        types: { empty: 'text' },
        notes: [{ code: 'mixed-types', column: 'big', message: 'big mixes types', count: 2 }],
      },
    );
    const report = await check(table);
    expect(
      report.findings
        .filter(({ section }) => section === 'schema')
        .map(({ rule, column, count }) => [rule, column, count]),
    ).toEqual([
      ['schema.mixed-types', 'big', 2],
      ['column.missing', 'empty', 3],
      ['column.constant', 'same', 3],
      ['column.not_finite', 'n', 2],
    ]);
  });

  it('is inconclusive without rows, unless a rule asks for some', async () => {
    const table = memoryTable({ x: [] });
    const rules = readDataRules(
      Buffer.from('schema: vallum/data-rules/v1\nrules: [{ id: some, check: rows, min: 1, severity: high }]'),
    );
    expect([(await check(table)).outcome, rulesOf(await check(table))]).toEqual(['inconclusive', ['schema.empty']]);
    expect((await check(table, { rules })).outcome).toBe('fail');
  });

  it('says nothing about leakage when the test table has no rows', async () => {
    const { sections } = await check(clean, { test: { table: memoryTable({ x: [], y: [] }), name: 'b.csv' } });
    expect(sections.find(({ id }) => id === 'leakage')).toMatchObject({
      examined: false,
      why: 'the test table has no rows',
    });
  });

  it('does not judge rows by part of their columns, and says what nobody looked at', async () => {
    const notes = [{ code: 'column-not-read', column: 'mails', message: 'a list is not read', count: 3 }];
    const table = memoryTable({ x: [1, 1, 1] }, { notes });
    const report = await check(table, { gate: 'low', test: { table, name: 'b' } });
    const told = report.findings.filter(({ section }) => section === 'duplicates' || section === 'leakage');
    expect(told.map(({ rule, severity }) => [rule, severity])).toEqual([
      ['duplicate.row', 'info'],
      ['leakage.row', 'info'],
    ]);
    expect(told[0]?.message).toContain('a column was not read');
    expect(report.coverage.notExamined.map(({ what }) => what)).toEqual(
      expect.arrayContaining(['duplicates', 'leakage', 'personal-data'].map((id) => `the columns "mails", for ${id}`)),
    );
  });

  it('looks at names of columns too, and repeats none that is an address', async () => {
    const name = 'jane.private@example.org';
    const report = await check(memoryTable({ [name]: [1, 1, 1], x: [1, 2, 3] }), { roles: { label: name } });
    expect(rulesOf(report)).toContain('pii.column-name');
    expect(JSON.stringify(report)).not.toContain('jane.private');
    await expect(check(memoryTable({ [name]: [1] }), { roles: { label: 'y' } })).rejects.toMatchObject({
      fix: expect.not.stringContaining('jane.private') as string,
    });
  });

  it('looks once at texts that batches share', async () => {
    let reads = 0;
    const levels = new Proxy(['someone@example.org', 'x'], {
      get: (texts, key) => {
        if (key === '0') reads += 1;
        return Reflect.get(texts, key) as unknown;
      },
    });
    const batches = 50;
    const examiner = new PersonalDataExaminer(defaultRules(), [{ name: 't', type: 'text', stored: 'memory' }]);
    for (let start = 0; start < batches; start += 1)
      examiner.add({ start, rows: 1, columns: [{ type: 'text', codes: Int32Array.of(0), levels }] });
    expect([reads, examiner.finish(batches).findings[0]?.count]).toEqual([1, batches]);
  });

  it('finds personal data by column and class, in texts and in numbers, and shows none of it', async () => {
    const table = memoryTable({
      note: ['nothing', 'write to someone.private@example.org', 'other.person@example.org twice'],
      card: [4111111111111111, 5500005555555559, 3],
    });
    const report = await check(table);
    const found = report.findings.filter(({ section }) => section === 'personal-data');
    expect(found.map(({ column, count, n }) => [column, count, n])).toEqual(
      expect.arrayContaining([
        ['note', 2, 3],
        ['card', 2, 3],
      ]),
    );
    expect(JSON.stringify(report)).not.toMatch(/someone\.private|other\.person|4111111111111111|41111111/);
  });

  it('fails rules at the gate and not below it', async () => {
    const rules = (severity: string): CheckRequest['rules'] =>
      readDataRules(
        Buffer.from(
          `schema: vallum/data-rules/v1\nrules: [{ id: low, check: range, column: x, max: 10, severity: ${severity} }]`,
        ),
      );
    const outcome = async (severity: string, gate: 'high' | 'low'): Promise<string> => {
      const given = rules(severity);
      return (await check(clean, { gate, ...(given === undefined ? {} : { rules: given }) })).outcome;
    };
    expect([await outcome('high', 'high'), await outcome('medium', 'high'), await outcome('medium', 'low')]).toEqual([
      'fail',
      'pass',
      'fail',
    ]);
  });

  it('judges the balance of classes, and tells it by source', async () => {
    const label = Array.from({ length: 300 }, (_, i) => (i === 0 ? 'rare' : i === 1 ? null : 'often'));
    const source = label.map((_, i) => (i < 100 ? 'one' : 'two'));
    const x = label.map((_, i) => i);
    const report = await check(memoryTable({ x, label, source }), { roles: { label: 'label', source: 'source' } });
    expect(report.findings.map(({ rule, count, n }) => [rule, count, n])).toEqual([
      ['class.missing', 1, 300],
      ['class.rare', 1, 299],
    ]);
    expect(report.metrics.find(({ id }) => id === 'balance.source.one.often')).toMatchObject({ value: 98 / 99, n: 99 });
    const single = await check(memoryTable({ x, label: x.map(() => 'one') }), { roles: { label: 'label' } });
    expect([single.outcome, rulesOf(single)]).toEqual(['fail', ['column.constant', 'class.single']]);
    const many = await check(memoryTable({ x: Array.from({ length: 10_001 }, (_, i) => i) }), {
      roles: { label: 'x' },
    });
    expect(rulesOf(many)).toContain('class.many');
  });

  it('finds contradictions between equal rows', async () => {
    const report = await check(memoryTable({ x: [1, 1, 2], y: ['a', 'b', 'a'] }), { roles: { label: 'y' } });
    expect(report.findings.find(({ rule }) => rule === 'duplicate.conflict')).toMatchObject({
      count: 1,
      n: 3,
      rows: [2],
    });
  });

  it('compares with a test table', async () => {
    const report = await check(clean, { test: { table: memoryTable({ x: [3, 99], z: [1, 2] }), name: 'b.csv' } });
    expect(rulesOf(report)).toEqual(['leakage.columns', 'leakage.row']);
    expect(report.outcome).toBe('fail');
  });

  it('stops when it is told to', async () => {
    await expect(check(clean, { signal: AbortSignal.abort(new VallumError('STOP', 'stop')) })).rejects.toThrow('stop');
  });

  it.each([
    [{ label: 'gone' }, 'there is no column "gone"'],
    [{ time: 'y' }, 'no order in time'],
  ])('refuses the roles %j', async (roles, why) => {
    await expect(check(clean, { roles })).rejects.toThrow(why);
  });
});
