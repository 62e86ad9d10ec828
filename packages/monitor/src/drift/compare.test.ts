// The judge: what it sees, what it must not see, and what it says when there is little to see.
import { describe, expect, it } from 'vitest';
import type { ColumnReport, Comparison } from './report.js';
import { compareSamples } from './compare.js';
import type { Sample } from './sample.js';
import { dice, numbers, OPTIONS, sample, texts } from '../testing/rows.js';

const column = (comparison: Comparison, name: string): ColumnReport => {
  const found = comparison.columns.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no column ${name}`);
  return found;
};
const compare = (reference: Sample, current: Sample, more = {}): Promise<Comparison> =>
  compareSamples(reference, current, { ...OPTIONS, ...more });

describe('what changes', () => {
  const { normal, uniform } = dice(5);
  const rows = 1500;
  const pair = (of: (moved: boolean) => () => number): readonly [Sample, Sample] => [
    sample('a', numbers('x', rows, of(false))),
    sample('b', numbers('x', rows, of(true))),
  ];
  const cases = [
    ['a shift', 'shift', pair((moved) => () => normal() + (moved ? 0.3 : 0))],
    ['a wider spread', 'spread', pair((moved) => () => normal() * (moved ? 1.35 : 1))],
    ['a bump at one value', 'bumps', pair((moved) => () => (moved && uniform() < 0.06 ? 0.5 : normal()))],
    [
      'two humps of the same mean and spread',
      'bumps',
      pair((moved) => () => (moved ? (uniform() < 0.5 ? -0.98 : 0.98) + 0.2 * normal() : normal())),
    ],
    ['a shift of heavy tails', 'shift', pair((moved) => () => normal() / Math.sqrt(uniform()) + (moved ? 0.5 : 0))],
    ['a shift of few whole numbers', 'shift', pair((moved) => () => Math.floor(uniform() * 4 + (moved ? 0.4 : 0)))],
  ] as const;
  it.each(cases)('%s is seen as %s', async (_, aspect, [reference, current]) => {
    const { outcome, columns } = await compare(reference, current);
    expect(outcome).toBe('drift');
    expect(columns[0]?.answers[0]).toMatchObject({ concern: 'values', aspect, sure: true, large: true });
  });

  it('shares of categories, of booleans and of missing values', async () => {
    const side = (name: string, share: number): Sample =>
      sample(
        name,
        texts(
          'colour',
          Array.from({ length: rows }, () => (uniform() < 0.3 + share ? 'red' : 'blue')),
        ),
        { ...numbers('paid', rows, () => (uniform() < 0.5 + share ? 1 : 0)), kind: 'boolean' },
        numbers('age', rows, () => (uniform() < 0.05 + share ? NaN : normal())),
      );
    const { columns } = await compare(side('a', 0), side('b', 0.1));
    expect(columns.map(({ state }) => state)).toEqual(['drift', 'drift', 'drift']);
    const age = columns.find(({ name }) => name === 'age');
    expect(age?.answers[0]?.concern).toBe('missing');
    expect(age?.answers.find(({ concern }) => concern === 'values')?.sure).toBe(false);
  });

  it('what texts are like', async () => {
    const say = (odd: number): string[] =>
      Array.from(
        { length: 400 },
        (_, row) => `order ${row} ${uniform() < odd ? '\u200bfree \u20ac\u20ac' : 'thank you'}`,
      );
    const comparison = await compare(sample('a', texts('note', say(0))), sample('b', texts('note', say(0.2))));
    const note = column(comparison, 'note');
    expect(note.kind).toBe('text');
    expect(note.state).toBe('drift');
    expect(note.answers.filter(({ sure }) => sure).map(({ concern }) => concern)).toContain('foreign');
  });
});

describe('what does not change', () => {
  it('is left alone: at most as many false alarms as asked for, in columns that depend on each other', async () => {
    const { normal } = dice(11);
    const side = (rows: number): Sample => {
      const common = Float64Array.from({ length: rows }, normal);
      return sample(
        'x',
        ...Array.from({ length: 6 }, (_, at) => numbers(`c${at}`, rows, (row) => Math.exp(common[row]! + normal()))),
      );
    };
    let alarms = 0;
    const runs = 80;
    for (let run = 0; run < runs; run += 1) {
      const { outcome } = await compare(side(120), side(60), { permutations: 99, seed: run, detect: 5 });
      if (outcome === 'drift') alarms += 1;
    }
    // 5 % of 80 is 4; 11 or more have a chance of 0.2 %.
    expect(alarms).toBeLessThan(11);
  });

  it('a change below both floors is small, and no drift', async () => {
    const { normal } = dice(3);
    const reference = sample('a', numbers('x', 9000, normal));
    const current = sample(
      'b',
      numbers('x', 9000, () => normal() + 0.09),
    );
    const found = await compare(reference, current, { floorShift: 0.3, floorMoved: 0.2 });
    expect(found.outcome).toBe('no-drift');
    expect(found.columns[0]?.state).toBe('small');
    const { shift } = found.columns[0]!.answers[0]!.effect;
    expect(shift!.low).toBeLessThan(0.09);
    expect(shift!.high).toBeGreaterThan(0.09);
  });

  it('the same rows give the same answer twice, and another seed another p-value at most', async () => {
    const { normal } = dice(8);
    const [a, b] = [sample('a', numbers('x', 200, normal)), sample('b', numbers('x', 100, normal))];
    expect(await compare(a, b)).toEqual(await compare(a, b));
  });
});

describe('little to see', () => {
  const { normal } = dice(21);
  it('too few rows are said to be too few, with the rows that would do', async () => {
    const { outcome, columns } = await compare(
      sample('a', numbers('x', 40, normal)),
      sample('b', numbers('x', 10, normal)),
    );
    expect(outcome).toBe('not-enough-data');
    const { needed, smallestSeen } = columns[0]!;
    expect(smallestSeen).toBeGreaterThan(0.5);
    const rows = (many: number): Float64Array => Float64Array.from({ length: many }, normal);
    const enough = await compare(
      sample('a', { name: 'x', kind: 'number', values: rows(needed!.reference) }),
      sample('b', { name: 'x', kind: 'number', values: rows(needed!.current) }),
    );
    expect(enough.columns[0]!.smallestSeen).toBeLessThanOrEqual(0.5);
  });

  it('a column without values on both sides is not compared, on one side it is', async () => {
    const none = (rows: number): Sample =>
      sample(
        'a',
        numbers('x', rows, () => NaN),
        numbers('y', rows, normal),
      );
    const some = sample('b', numbers('x', 300, normal), numbers('y', 300, normal));
    const both = await compare(none(300), none(300));
    expect(column(both, 'x').state).toBe('not-compared');
    expect(both.outcome).toBe('no-drift');
    const one = await compare(none(300), some);
    expect(column(one, 'x').answers[0]).toMatchObject({ concern: 'missing', sure: true });
  });

  it('one row, no rows and no columns are not enough data', async () => {
    const some = sample('b', numbers('x', 100, normal));
    expect((await compare(sample('a', numbers('x', 1, normal)), some)).outcome).toBe('not-enough-data');
    expect((await compare(sample('a', numbers('x', 0, normal)), some)).outcome).toBe('not-enough-data');
    expect((await compare(sample('a'), sample('b'))).outcome).toBe('not-enough-data');
  });

  it('constants: the same one is no drift, another one is', async () => {
    const constant = (value: number): Sample =>
      sample(
        'a',
        numbers('x', 200, () => value),
      );
    expect((await compare(constant(3), constant(3))).outcome).toBe('no-drift');
    expect((await compare(constant(3), constant(4))).outcome).toBe('drift');
  });
});

describe('hostile tables', () => {
  const { normal } = dice(33);
  it('infinities and the largest doubles are values like others', async () => {
    const wild = (row: number): number =>
      [Infinity, -Infinity, Number.MAX_VALUE, -Number.MAX_VALUE, normal()][row % 5]!;
    const { columns, outcome } = await compare(
      sample('a', numbers('x', 300, wild)),
      sample('b', numbers('x', 300, wild)),
    );
    expect(outcome).toBe('no-drift');
    expect(JSON.stringify(columns)).not.toMatch(/null|NaN/);
  });

  it('columns on one side only and columns of another type are drift, and named', async () => {
    const a = sample('a', numbers('x', 100, normal), numbers('gone', 100, normal), numbers('mixed', 100, normal));
    const b = sample(
      'b',
      numbers('x', 100, normal),
      numbers('new', 100, normal),
      texts('mixed', new Array<string>(100).fill('1')),
    );
    const { structure, outcome, columns } = await compare(a, b);
    expect(outcome).toBe('drift');
    expect(structure.map(({ column: name, change }) => [name, change])).toEqual([
      ['gone', 'gone'],
      ['mixed', 'type'],
      ['new', 'new'],
    ]);
    expect(columns.map(({ name }) => name)).toEqual(['x']);
  });

  it('unseen categories are counted and named', async () => {
    const a = sample(
      'a',
      texts(
        'c',
        Array.from({ length: 300 }, (_, row) => `k${row % 3}`),
      ),
    );
    const b = sample(
      'b',
      texts(
        'c',
        Array.from({ length: 300 }, (_, row) => `k${row % 4}`),
      ),
    );
    const found = column(await compare(a, b), 'c');
    expect(found.unseen).toEqual({ categories: 1, rows: 75, examples: ['k3'] });
    expect(found.state).toBe('drift');
  });

  it('names such as __proto__ are names, and a name that comes twice is refused', async () => {
    const proto = sample(
      'a',
      numbers('__proto__', 100, normal),
      texts('constructor', new Array<string>(100).fill('toString')),
    );
    expect((await compare(proto, proto)).outcome).toBe('no-drift');
    const twice = sample('a', numbers('x', 10, normal), numbers('x', 10, normal));
    await expect(compare(twice, twice)).rejects.toMatchObject({ code: 'DRIFT_SAMPLE' });
  });

  it('stops when it is told to', async () => {
    const control = new AbortController();
    control.abort(new Error('enough'));
    const side = sample('a', numbers('x', 100, normal));
    await expect(compare(side, side, { signal: control.signal })).rejects.toThrow('enough');
  });
});

describe('many columns', () => {
  it('the rate of false discoveries finds at least what the family does', async () => {
    const { normal } = dice(55);
    const side = (shift: number): Sample =>
      sample(
        'x',
        ...Array.from({ length: 12 }, (_, at) => numbers(`c${at}`, 500, () => normal() + (at < 6 ? shift : 0))),
      );
    const [a, b] = [side(0), side(0.2)];
    const drifted = async (control: string): Promise<number> =>
      (await compare(a, b, { control })).columns.filter(({ state }) => state === 'drift').length;
    const [family, fdr] = [await drifted('family'), await drifted('fdr')];
    expect(fdr).toBeGreaterThanOrEqual(family);
    expect(fdr).toBeGreaterThan(3);
  });
});
