// Suggested rules: a table passes its own, whatever it holds, and a table that went wrong does not.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mulberry32 } from '@vallum/stats';
import type { Table } from '@vallum/formats';
import { checkTable } from '../check/check-table.js';
import { readDataRules } from '../rules/read-rules.js';
import type { PlainColumn } from '../tables/testing/memory-table.js';
import { memoryTable } from '../tables/testing/memory-table.js';
import { draftRules } from './draft-rules.js';

const draft = (table: Table): Promise<string> => draftRules(table, 'a\ntable.csv', { progress: () => undefined });

async function broken(table: Table, yaml: string): Promise<readonly string[]> {
  const rules = readDataRules(Buffer.from(yaml));
  const { findings } = await checkTable({ table, name: 'a', rules, now: 0, near: false, progress: () => undefined });
  return findings
    .filter(({ section, rule, severity }) => (section === 'rules' || rule.startsWith('rules.')) && severity !== 'info')
    .map(({ rule }) => rule);
}

const random = mulberry32(5);
const numbers = (n: number, make: (row: number) => number | null): (number | null)[] =>
  Array.from({ length: n }, (_, row) => make(row));
const sane = (n: number): Record<string, PlainColumn> => ({
  row_id: numbers(n, (row) => row),
  price: numbers(n, () => 5 + random() * 10),
  change: numbers(n, () => random() - 0.5),
  kind: numbers(n, (row) => row % 3).map((kind) => `kind "${kind}": #x`),
  mail: numbers(n, (row) => row % 3).map((row) => `person${row}@example.org`),
  text: numbers(n, () => random()).map((value) => `free text ${value}`),
  day: numbers(n, (row) => row).map((row) => new Date(Date.UTC(2020, 0, 1 + (row ?? 0)))),
  ok: numbers(n, (row) => row % 2).map((bit) => bit === 1),
  gaps: numbers(n, (row) => (row % 10 === 0 ? null : row % 100)),
});

describe('suggested rules', () => {
  it('hold for the table itself, and say why', async () => {
    const table = memoryTable(sane(500));
    const yaml = await draft(table);
    expect(await broken(table, yaml)).toEqual([]);
    expect(yaml).toMatch(/^# Drafted from a\?table\.csv: 500 rows, 9 columns\./);
    expect(yaml.match(/^ {2}- id:/gm)?.length).toBe(yaml.match(/^ {2}# /gm)?.length);
    for (const rule of ['row-id-unique', 'price-range', 'kind-values', 'gaps-missing', 'day-range', 'text-length'])
      expect(yaml).toContain(`id: ${rule}\n`.replace('row-id-unique', 'unique'));
  });

  it('hold for another honest sample', async () => {
    const yaml = await draft(memoryTable(sane(500)));
    expect(await broken(memoryTable(sane(700)), yaml)).toEqual([]);
  });

  it('name no address of a person', async () => {
    expect(await draft(memoryTable(sane(500)))).not.toContain('person1@');
  });

  it.each([
    ['price', (row: number) => (row === 3 ? 1e6 : 7), 'rules.price-range'],
    ['price', (row: number) => (row % 5 === 0 ? null : 7), 'rules.price-missing'],
    ['row_id', (row: number) => Math.floor(row / 2), 'rules.unique'],
  ])('do not hold when %s goes wrong', async (name, make, rule) => {
    const yaml = await draft(memoryTable(sane(500)));
    expect(await broken(memoryTable({ ...sane(500), [name]: numbers(500, make) }), yaml)).toContain(rule);
  });

  it('do not hold for a new kind, a lost column, another type or a short table', async () => {
    const yaml = await draft(memoryTable(sane(500)));
    const { kind = [], ...rest } = sane(500);
    delete rest['price'];
    const odd = kind.map((each, row) => (row === 7 ? 'never seen' : each));
    expect(await broken(memoryTable({ ...rest, kind: odd }), yaml)).toEqual(
      expect.arrayContaining(['rules.kind-values', 'rules.columns', 'rules.price-type']),
    );
    expect(await broken(memoryTable({ ...sane(500), price: kind }), yaml)).toContain('rules.price-type');
    expect(await broken(memoryTable(sane(100)), yaml)).toContain('rules.rows');
  });

  it('hold for any table', async () => {
    const cell = fc.oneof(
      fc.double(),
      fc.constantFrom(0, -0, 1e300, -1e300, 1.7e308, -1.7e308, 5e-324, 0.1),
      fc.integer(),
      fc.constantFrom(2 ** 53, 9007199254740995, 18446744073709551615, -(2 ** 63), 1e19, 1e20, Infinity, -Infinity),
    );
    const column = fc.array(fc.option(cell), { minLength: 130, maxLength: 130 });
    const many = fc.array(fc.option(fc.string({ unit: 'grapheme', maxLength: 12 })), {
      minLength: 130,
      maxLength: 130,
    });
    const few = fc
      .array(fc.string({ maxLength: 200 }), { minLength: 1, maxLength: 4 })
      .map((values) => Array.from({ length: 130 }, (_, row) => values[row % values.length] as string));
    const text = fc.oneof(many, few);
    await fc.assert(
      fc.asyncProperty(column, text, fc.string({ minLength: 1, maxLength: 20 }), async (n, t, name) => {
        const table = memoryTable({ [`x${name}`]: n, t }, { types: { [`x${name}`]: 'number', t: 'text' } });
        expect(await broken(table, await draft(table))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('name neither long texts by their hash nor huge numbers in a form that is refused', async () => {
    const long = numbers(200, (row) => row % 2).map((row) => `${'a long name of a category '.repeat(4)}${row}`);
    const table = memoryTable({ long, huge: numbers(200, (row) => 1e18 + 1e17 * row) });
    const yaml = await draft(table);
    expect([yaml.includes('#text:'), await broken(table, yaml)]).toEqual([false, []]);
  });

  it('are not about columns whose name is an address', async () => {
    const table = memoryTable({ 'jane@example.org': [1, 2], x: [1, 2] });
    const yaml = await draft(table);
    expect([yaml.includes('jane'), yaml.includes('# 1 columns have no rules'), await broken(table, yaml)]).toEqual([
      false,
      true,
      [],
    ]);
  });

  it('say nothing about values of a few rows', async () => {
    const yaml = await draft(memoryTable(sane(10)));
    expect(yaml).not.toContain('range');
    expect(await broken(memoryTable(sane(10)), yaml)).toEqual([]);
  });
});
