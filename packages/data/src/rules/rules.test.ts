// Rules files: what is read, what is refused, and what they find in a table.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VallumError } from '@vallum/core';
import type { Table } from '@vallum/formats';
import type { DataFinding } from '../tables/finding.js';
import { memoryTable } from '../tables/testing/memory-table.js';
import { RulesExaminer } from './examine-rules.js';
import { readDataRules } from './read-rules.js';

const NOW = Date.parse('2026-06-15T00:00:00Z');
const file = (...rules: readonly string[]): Buffer =>
  Buffer.from(`schema: vallum/data-rules/v1\nrules:\n${rules.map((rule) => `  - { ${rule} }\n`).join('')}`);

async function findings(table: Table, ...rules: readonly string[]): Promise<readonly DataFinding[]> {
  const examiner = new RulesExaminer(readDataRules(file(...rules)), table.columns, NOW);
  let rows = 0;
  for await (const batch of table.batches()) {
    examiner.add(batch);
    rows += batch.rows;
  }
  return (await examiner.finish(table, rows, { entries: 3 })).findings;
}

const refusal = (bytes: Uint8Array): string => {
  try {
    readDataRules(bytes);
    return 'read';
  } catch (error) {
    return error instanceof VallumError ? `${error.code}: ${error.message}` : `other: ${String(error)}`;
  }
};

const table = memoryTable(
  {
    price: [1, 2, 300, null, NaN, 5.5],
    name: ['a', 'bb', 'ccc', '', null, 'a'],
    day: ['2026-06-01', '2026-06-02', '2026-06-01', '1890-01-01', '2026-06-10', '2026-06-14'].map(
      (day) => new Date(day),
    ),
    ok: [true, true, false, true, true, null],
  },
  { batch: 2 },
);

describe('rules over a table', () => {
  it.each([
    // rule, severity, count, rows, or undefined where nothing is found
    ['id: r, check: range, column: price, min: 1, max: 100', 'high', 2, [3, 5]],
    ['id: r, check: range, column: price, min: 1, max: 100, atMost: 0.5', 'info', 2, [3, 5]],
    ['id: r, check: range, column: day, min: "1900-01-01", severity: medium', 'medium', 1, [4]],
    ['id: r, check: missing, column: name', 'high', 1, [5]],
    ['id: r, check: whole, column: price', 'high', 2, [5, 6]],
    ['id: r, check: values, column: name, values: ["a", "bb"]', 'high', 2, [3, 4]],
    ['id: r, check: values, column: ok, values: [true]', 'high', 1, [3]],
    ['id: r, check: length, column: name, min: 1', 'high', 1, [4]],
    ['id: r, check: pattern, column: name, pattern: "[a-c]*"', undefined, 0, []],
    ['id: r, check: pattern, column: name, pattern: "[a-b]+"', 'high', 2, [3, 4]],
    ['id: r, check: expression, expression: "price < 100 or name is null"', 'high', 1, [3]],
    ['id: r, check: unique, columns: [name]', 'high', 1, [6]],
    ['id: r, check: unique, columns: [name, price]', undefined, 0, []],
    ['id: r, check: order, column: day, order: increasing', 'high', 2, [3, 4]],
    ['id: r, check: rows, min: 6, max: 6', undefined, 0, []],
    ['id: r, check: rows, min: 7', 'high', 0, []],
    ['id: r, check: fresh, column: day, within: P2D', undefined, 0, []],
    ['id: r, check: fresh, column: day, within: PT1H', 'high', 0, []],
    ['id: r, check: columns, columns: [price, name, day, ok], only: true', undefined, 0, []],
    ['id: r, check: columns, columns: [price], only: true', 'high', 0, []],
    ['id: r, check: columns, columns: [gone]', 'high', 0, []],
    ['id: r, check: type, column: price, type: number', undefined, 0, []],
    ['id: r, check: type, column: price, type: text', 'high', 0, []],
    // Asked of a column that is not there or has another type: never skipped.
    ['id: r, check: range, column: gone, min: 1', 'high', 0, []],
    ['id: r, check: range, column: name, min: 1', 'high', 0, []],
    ['id: r, check: pattern, column: price, pattern: "a"', 'high', 0, []],
    ['id: r, check: values, column: price, values: ["1"]', 'high', 0, []],
    ['id: r, check: unique, columns: [gone]', 'high', 0, []],
    ['id: r, check: balance, column: day, minimumShare: 0.1', 'high', 0, []],
    ['id: r, check: balance, column: ok, minimumShare: 0.3', 'high', 1, []],
    ['id: r, check: balance, column: ok, minimumShare: 0.1', undefined, 0, []],
    ['id: r, check: sum, column: price, equals: 308.5', 'high', 0, []],
  ])('%s', async (rule, severity, count, rows) => {
    const [finding, ...more] = (await findings(table, rule)).filter(
      ({ message }) => !message.includes('cannot be decided'),
    );
    expect([finding?.severity, finding?.count ?? 0, finding?.rows ?? []]).toEqual([severity, count, rows]);
    if (!rule.includes('only: true')) expect(more).toEqual([]);
  });

  it('counts with the rows, an exact interval and masked examples', async () => {
    const names = memoryTable({ name: ['ok', 'Bartholomew', 'ok', 'ok'] });
    const [finding] = await findings(names, 'id: short, check: length, column: name, max: 5');
    expect(finding).toMatchObject({ count: 1, n: 4, rows: [2], examples: ['"B…" (11 characters)'], column: 'name' });
    // Clopper-Pearson of 1 of 4.
    expect(finding?.interval.low).toBeCloseTo(0.0063094632, 9);
    expect(finding?.interval.high).toBeCloseTo(0.8058795503, 9);
    expect(JSON.stringify(finding)).not.toContain('Bartholomew');
  });

  it('tells rows that nobody can decide', async () => {
    const [finding] = await findings(table, 'id: r, check: expression, expression: "price > 0"');
    expect(finding).toMatchObject({ severity: 'info', count: 2, rows: [4, 5] });
    const long = memoryTable({ name: ['a'.repeat(70_000), 'b'] });
    const [undecided] = await findings(long, 'id: r, check: pattern, column: name, pattern: "b|a*"');
    expect(undecided).toMatchObject({ severity: 'info', count: 1, rows: [1] });
  });

  it('sums many small numbers beside a large one', async () => {
    const values = [1e16, ...Array.from({ length: 1000 }, () => 1), -1e16];
    expect(await findings(memoryTable({ x: values }), 'id: r, check: sum, column: x, equals: 1000')).toEqual([]);
    expect(await findings(memoryTable({ x: values }), 'id: r, check: sum, column: x, equals: 1001')).toHaveLength(1);
  });

  it('finds the same repeated keys in one pass and in many', async () => {
    const key = Array.from({ length: 500 }, (_, row) => (row * 7919) % 311);
    const [finding] = await findings(memoryTable({ key }), 'id: r, check: unique, columns: [key]');
    expect(finding?.count).toBe(500 - 311);
  });

  it('refuses an expression that does not fit the table, naming the rule', async () => {
    await expect(findings(table, 'id: sum-up, check: expression, expression: "gone > 1"')).rejects.toThrow(
      /rule "sum-up".*gone/,
    );
    await expect(findings(table, 'id: r, check: expression, expression: "1 == 1"')).rejects.toThrow(/reads no column/);
  });
});

describe('a rules file', () => {
  it.each([
    ['id: r, check: range, column: x', 'neither "min" nor "max"'],
    ['id: r, check: range, column: x, min: 2, max: 1', '"min" is above "max"'],
    ['id: r, check: rnage, column: x', '"check" is one of type, missing'],
    ['id: r, check: range, colum: x, min: 1', 'rule "r": the key "column"'],
    ['id: r, check: range, column: x, min: 1, mxa: 2', 'the key "mxa" is not known here'],
    ['id: "R 1", check: missing, column: x', 'rule 1: the key "id"'],
    ['id: r, check: missing, column: x, atMost: 2', 'a share, 0 to 1'],
    ['id: r, check: missing, column: x, severity: bad', '"severity" is one of'],
    ['id: r, check: values, column: x, values: [1, "a"]', 'mixes types'],
    ['id: r, check: values, column: x, values: []', 'a list of 1 to'],
    ['id: r, check: pattern, column: x, pattern: "(a+)+\\\\1"', 'is refused'],
    ['id: r, check: fresh, column: x, within: "2 days"', 'not a duration'],
    ['id: r, check: range, column: x, min: "01/02/03"', 'not a UTC date'],
    ['id: r, check: length, column: x, min: 1.5', 'a whole number'],
    ['id: r, check: length, column: x, min: 0', 'neither'],
    ['id: r, check: unique, columns: [a, a]', 'different names'],
    ['id: r, check: missing, column: x, why: 5', '"why" is no text'],
  ])('%s is refused: %s', (rule, why) => {
    const said = refusal(file(rule));
    expect(said).toMatch(/^DATA_RULES: /);
    expect(said).toContain(why);
  });

  it.each([
    ['', 'DATA_RULES'],
    ['[]', 'DATA_RULES'],
    ['schema: vallum/data-rules/v2\nrules: []', 'DATA_RULES'],
    ['schema: vallum/data-rules/v1\nrules: {}', 'DATA_RULES'],
    ['schema: vallum/data-rules/v1\nrules: [x]', 'DATA_RULES'],
    ['schema: vallum/data-rules/v1\nrules: []\nmore: 1', 'DATA_RULES'],
    ['a: &a [*a, *a]', 'YAML_INVALID'],
    ['schema: !!js/function x', 'YAML_INVALID'],
  ])('%s is refused', (text, code) => expect(refusal(Buffer.from(text))).toContain(code));

  it('with an id that stands twice is refused', () => {
    expect(refusal(file('id: r, check: missing, column: x', 'id: r, check: whole, column: x'))).toContain('two rules');
    expect(refusal(Buffer.from([0xff, 0xfe, 0x00]))).toContain('not UTF-8');
  });

  it('is read or refused, whatever it holds', () => {
    const key = fc.constantFrom(
      'id',
      'check',
      'column',
      'min',
      'max',
      'values',
      'pattern',
      'columns',
      'within',
      'x',
      '__proto__',
    );
    const value = fc.oneof(
      fc.constantFrom('r', 'range', 'unique', 'values', 'sum', '1', '[1]', '{a: 1}', 'null', 'P1D'),
      fc.integer().map(String),
    );
    const rule = fc.dictionary(key, value).map((entries) =>
      Object.entries(entries)
        .map(([k, v]) => `${k}: ${v}`)
        .join(', '),
    );
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 3 }), (rules) => /^read|^DATA_|^YAML_/.test(refusal(file(...rules)))),
      { numRuns: 1000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => /^DATA_|^YAML_/.test(refusal(bytes))),
      { numRuns: 500 },
    );
  });
});
