// Label issues, outliers and poisoning of a table: each finds what it is for, none answers for another, and a matrix that does
// not fit is refused.
import { describe, expect, it } from 'vitest';
import type { Table } from '@vallum/formats';
import type { Matrix } from '@vallum/stats';
import { mulberry32 } from '@vallum/stats';
import { memoryTable } from '../../tables/testing/memory-table.js';
import type { CheckRequest, DataReport } from '../check-table.js';
import { checkTable } from '../check-table.js';
import type { Beside } from './beside.js';

const check = (table: Table, more: Partial<CheckRequest> = {}): Promise<DataReport> =>
  checkTable({ table, name: 'a.csv', now: 0, near: false, seed: 7, progress: () => undefined, ...more });
const label = { roles: { label: 'label' } } as const;
const of = (report: DataReport, section: string): DataReport['findings'] =>
  report.findings.filter((finding) => finding.section === section);
const sectionOf = (report: DataReport, id: string): DataReport['sections'][number] | undefined =>
  report.sections.find((section) => section.id === id);
const named = (columns: number, values: readonly number[]): { readonly name: string; readonly matrix: Matrix } => ({
  name: 'm.npy',
  matrix: { rows: values.length / columns, columns, values: Float64Array.from(values) },
});

/** Two clouds, one a class; every 40th label is wrong. */
function clouds(rows: number, careless = true): { readonly table: Table; readonly wrong: readonly number[] } {
  const random = mulberry32(3);
  const normal = (): number => Array.from({ length: 12 }, random).reduce((sum, value) => sum + value, -6);
  const truth = Array.from({ length: rows }, () => (random() < 0.5 ? 'ham' : 'spam'));
  const isWrong = (row: number): boolean => careless && row % 40 === 7;
  const columns = ['a', 'b', 'c', 'd'].map(
    (name) => [name, truth.map((of) => normal() + (of === 'spam' ? 4 : -4))] as const,
  );
  const labels = truth.map((of, row) => (isWrong(row) ? (of === 'ham' ? 'spam' : 'ham') : of));
  return {
    table: memoryTable({ ...Object.fromEntries(columns), label: labels }),
    wrong: labels.flatMap((_, row) => (isWrong(row) ? [row + 1] : [])),
  };
}

describe('label issues', () => {
  it('finds careless labels by models of its own, and never says so of poisoning', async () => {
    const { table, wrong } = clouds(800);
    const report = await check(table, label);
    expect(
      report.listed
        .filter(({ section }) => section === 'label-issues')
        .map(({ row }) => row)
        .sort((a, b) => a - b),
    ).toEqual(wrong);
    expect(of(report, 'label-issues')).toMatchObject([{ rule: 'label.issue', count: 20, n: 800, severity: 'low' }]);
    expect(sectionOf(report, 'label-issues')?.how).toContain('does not look for poisoning');
    expect(of(report, 'poisoning')).toEqual([]);
    expect(sectionOf(report, 'poisoning')?.how).not.toContain('label');
    expect(
      report.findings.filter(({ section }) => section !== 'poisoning').every(({ atlas }) => atlas.length === 0),
    ).toBe(true);
  });

  const y = memoryTable({ label: ['b', 'a', 'b', 'a', null, 'b', 'a', 'b'] });
  // Columns a, b; the first row is labelled b and looks like a.
  const given = [0.9, 0.1, 0.9, 0.1, 0.2, 0.8, 0.8, 0.2, 0.5, 0.5, 0.1, 0.9, 0.9, 0.1, 0.1, 0.9];

  it('reads given probabilities by sorted labels, or by the order that is given', async () => {
    const sorted = await check(y, { ...label, beside: { probabilities: named(2, given) } });
    expect(sorted.listed.filter(({ section }) => section === 'label-issues')).toMatchObject([
      { row: 1, why: 'labelled "b", likelier "a"' },
    ]);
    expect(sectionOf(sorted, 'label-issues')?.how).toContain('"a", "b", the labels sorted');
    expect(sorted.coverage.notExamined).toContainEqual({ what: 'label issues in 1 rows', why: 'they have no label' });
    const swapped = await check(y, { ...label, beside: { probabilities: named(2, given), classes: ['b', 'a'] } });
    expect(of(swapped, 'label-issues').map(({ rule }) => rule)).toContain('label.model');
  });

  it('sorts numbers by size', async () => {
    const table = memoryTable({ label: [10, 9, 10, 9, 10, 9] });
    const one = [0.9, 0.1];
    const other = [0.1, 0.9];
    const beside = { probabilities: named(2, [...other, ...one, ...other, ...one, ...other, ...one]) };
    expect(of(await check(table, { ...label, beside }), 'label-issues')).toEqual([]);
  });

  it('says nothing where its own model knows nothing', async () => {
    const table = memoryTable({
      x: Array.from({ length: 200 }, (_, i) => i),
      label: Array.from({ length: 200 }, (_, i) => `${i % 2}`),
    });
    expect(sectionOf(await check(table, label), 'label-issues')).toMatchObject({
      examined: false,
      why: expect.stringContaining('knows no more') as string,
    });
  });

  it('leaves one class to the balance', async () => {
    const table = memoryTable({ label: ['a', 'a'] });
    const report = await check(table, {
      ...label,
      beside: { probabilities: named(2, [1, 0, 1, 0]), classes: ['a', 'b'] },
    });
    expect(sectionOf(report, 'label-issues')).toMatchObject({ examined: false });
    expect(report.findings.map(({ rule }) => rule)).toContain('class.single');
  });
});

describe('outliers', () => {
  it('finds a row far from all others whatever the scale of its column', async () => {
    const random = mulberry32(1);
    const small = Array.from({ length: 300 }, (_, i) => (i === 40 ? 0.9 : random() / 100));
    const table = memoryTable({ small, large: small.map(() => random() * 1e300) });
    expect(of(await check(table), 'outliers')).toMatchObject([
      { rule: 'row.outlier', count: 1, n: 300, rows: [41], severity: 'info' },
    ]);
  });

  it('bears the largest doubles and infinities', async () => {
    const row = Array.from({ length: 100 }, (_, i) => i);
    const table = memoryTable({
      x: row.map((i) => (i % 9 === 0 ? Infinity : i)),
      y: row.map((i) => 1e308 * (-1) ** i),
      label: row.map((i) => `${i % 2}`),
    });
    const report = await check(table, label);
    expect(sectionOf(report, 'poisoning')?.examined).toBe(true);
    expect(report.findings.map(({ rule }) => rule)).toContain('column.not_finite');
  });

  it('does not call rows far where most have equals', async () => {
    const table = memoryTable({ x: Array.from({ length: 300 }, (_, i) => (i < 290 ? i % 3 : i)) });
    expect(sectionOf(await check(table), 'outliers')).toMatchObject({ examined: false });
  });

  it('says how many rows of a large table were compared', async () => {
    const random = mulberry32(5);
    const x = Array.from({ length: 10_100 }, random);
    const { coverage, metrics } = await check(memoryTable({ x }));
    expect(metrics.find(({ id }) => id === 'outliers.far')?.n).toBe(10_000);
    expect(coverage.notExamined.map(({ what }) => what)).toContain('outliers among 100 of 10100 rows');
  });
});

describe('poisoning', () => {
  /** Sixteen columns that tell four classes, and two that say nothing; 24 rows of class 0 carry a mark and the label of class 3. */
  function marked(): Table {
    const random = mulberry32(9);
    const truth = Array.from({ length: 1200 }, (_, i) => i % 4);
    const planted = truth.map((of, i) => of === 0 && i < 96);
    const columns = Array.from(
      { length: 18 },
      (_, c) =>
        [
          `c${c}`,
          truth.map((of, i) =>
            c > 15 ? Number(planted[i] === true || random() < 0.01) : (c % 4 === of ? 8 : 0) + random() * 3,
          ),
        ] as const,
    );
    return memoryTable({
      ...Object.fromEntries(columns),
      label: truth.map((of, i) => (planted[i] === true ? '3' : String(of))),
    });
  }

  it('names a planted mark by its columns, and which detectors could not run', async () => {
    const report = await check(marked(), label);
    expect(report.outcome).toBe('fail');
    const [mark] = of(report, 'poisoning');
    expect(mark).toMatchObject({
      rule: 'poison.mark',
      severity: 'critical',
      count: 26,
      n: 1200,
      atlas: ['AML.T0020', 'AML.T0018.000'],
    });
    expect(mark?.message).toContain('column c16');
    expect(report.listed.filter(({ section }) => section === 'poisoning')).toHaveLength(26);
    expect(sectionOf(report, 'poisoning')?.how).toMatch(/^neighbour-disagreement, value-pattern on 18 number columns/);
    expect(report.coverage.notExamined.map(({ what }) => what)).toEqual(
      expect.arrayContaining([
        'detector activation-cluster',
        'detector strip',
        'detector source-shift',
        'attacks made for these detectors',
      ]),
    );
  });

  it('does not call the one column that tells the label a planted mark', async () => {
    const random = mulberry32(2);
    const rows = Array.from({ length: 600 }, (_, i) => i % 2);
    const table = memoryTable({
      x: rows.map((of) => of * 3 + random() * 2),
      ...Object.fromEntries(['a', 'b', 'c'].map((name) => [name, rows.map(random)])),
      label: rows.map(String),
    });
    const found = of(await check(table, label), 'poisoning');
    expect(new Set(found.map(({ rule, severity }) => [rule, severity].join()))).toEqual(
      new Set(['poison.telling,medium']),
    );
  });

  it('runs more detectors on more: activations, sources, texts', async () => {
    const { table: plain } = clouds(200, false);
    const text = Array.from({ length: 200 }, (_, i) => `some words about number ${i}`);
    const table: Table = memoryTable({
      text,
      source: text.map((_, i) => `s${i % 3}`),
      label: text.map((_, i) => `${i % 2}`),
    });
    const activations = named(
      2,
      text.flatMap((_, i) => [i % 2, i / 200]),
    );
    const report = await check(table, { roles: { label: 'label', source: 'source' }, beside: { activations } });
    expect(sectionOf(report, 'poisoning')?.how).toBe(
      'neighbour-disagreement, activation-cluster, spectral-signature, source-shift, duplicate-burst, hidden characters',
    );
    expect(sectionOf(await check(plain, {}), 'poisoning')).toMatchObject({
      examined: false,
      why: 'no label was named (--label)',
    });
  });

  it('finds characters that nobody sees without any numbers', async () => {
    const text = Array.from({ length: 400 }, (_, i) => `mail ${i}${i % 2 === 0 && i < 80 ? '\u200b' : ''} says hello`);
    const report = await check(memoryTable({ text, label: text.map((_, i) => (i % 2 === 0 ? 'ham' : 'spam')) }), label);
    expect(of(report, 'poisoning')).toMatchObject([{ rule: 'poison.hidden-characters', count: 40, n: 200 }]);
  });
});

describe('what is handed in beside a table', () => {
  const two = memoryTable({ x: [1, 2], label: ['a', 'b'] });
  it.each<[string, Beside, string]>([
    ['other rows', { features: named(1, [1, 2, 3]) }, 'm.npy has 3 rows, and the table has 2'],
    ['NaN', { features: named(2, [1, 2, 3, NaN]) }, 'm.npy: row 2, column 2 is NaN, infinite or beyond 1e+100'],
    [
      'an infinity',
      { activations: named(1, [Infinity, 1]) },
      'm.npy: row 1, column 1 is NaN, infinite or beyond 1e+100',
    ],
    [
      'other classes',
      { probabilities: named(3, [1, 0, 0, 1, 0, 0]) },
      'm.npy has 3 columns, and there are 2 classes: "a", "b"',
    ],
    [
      'a label of no class',
      { probabilities: named(2, [1, 0, 0, 1]), classes: ['a', 'c'] },
      'label holds "b", which --classes does not name',
    ],
    ['a class twice', { probabilities: named(2, [1, 0, 0, 1]), classes: ['a', 'a'] }, 'a class is named twice'],
    ['classes alone', { classes: ['a'] }, 'belongs to probabilities'],
    ['no probabilities', { probabilities: named(2, [1, 2, 0, 1]) }, 'm.npy: row 0 has a number that is no probability'],
  ])('is refused with %s', async (_, beside, why) => {
    await expect(check(two, { ...label, beside })).rejects.toThrow(why);
  });

  it('is refused without a label to compare it with', async () => {
    await expect(check(two, { beside: { activations: named(1, [1, 2]) } })).rejects.toThrow('are compared with labels');
  });

  it('refuses an image that does not fill the columns', async () => {
    const table = memoryTable({
      x: Array.from({ length: 60 }, (_, i) => i),
      label: Array.from({ length: 60 }, (_, i) => `${i % 2}`),
    });
    await expect(check(table, { ...label, beside: { image: { width: 2, height: 2, channels: 1 } } })).rejects.toThrow(
      'an image of 2 x 2 x 1',
    );
  });
});
