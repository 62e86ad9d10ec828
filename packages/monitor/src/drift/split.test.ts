// Who moved, and when: a season, one bad source, another mix of sources, and slow movement must read differently.
import { describe, expect, it } from 'vitest';
import { dice, numbers, OPTIONS, sample, texts } from '../testing/rows.js';
import { measureDrift } from './measure.js';
import type { Sample } from './sample.js';

const ROWS = 3000;
const SOURCES = ['web', 'app', 'partner'] as const;
const { normal, uniform } = dice(77);

/** @param shares of web and app @param shift of the amounts by source */
function side(shares: readonly [number, number], shift: (source: string) => number, level = [0, 0.5, 3]): Sample {
  const sources = Array.from({ length: ROWS }, () => {
    const drawn = uniform();
    return SOURCES[drawn < shares[0] ? 0 : drawn < shares[0] + shares[1] ? 1 : 2];
  });
  const amounts = numbers('amount', ROWS, (row) => {
    const source = sources[row] as string;
    return normal() + (level[SOURCES.indexOf(source as 'web')] as number) + shift(source);
  });
  return sample('rows', texts('source', sources), amounts);
}

const split = async (reference: Sample, current: Sample) => {
  const { split: found, outcome } = await measureDrift({ reference, current, by: 'source' }, OPTIONS);
  const amount = found?.patterns.find(({ column }) => column === 'amount');
  return { pattern: amount?.pattern, moved: amount?.moved, mix: found?.mix.outcome, outcome };
};

describe('split by source', () => {
  const even = [0.4, 0.35] as const;
  const still = (): number => 0;
  it('a season moves all sources alike', async () => {
    expect(
      await split(
        side(even, still),
        side(even, () => 0.3),
      ),
    ).toMatchObject({
      pattern: 'together',
      mix: 'no-drift',
      outcome: 'drift',
    });
  });
  it('an attack moves one of them, and it is named', async () => {
    const attacked = side(even, (source) => (source === 'partner' ? 0.6 : 0));
    expect(await split(side(even, still), attacked)).toMatchObject({
      pattern: 'some',
      moved: ['partner'],
      mix: 'no-drift',
    });
  });
  it('another mix of sources moves the whole, and none of them', async () => {
    expect(await split(side(even, still), side([0.2, 0.3], still))).toMatchObject({ pattern: 'mix', mix: 'drift' });
  });
  it('nothing is nothing', async () => {
    expect(await split(side(even, still), side(even, still))).toMatchObject({ pattern: 'none', outcome: 'no-drift' });
  });
  it('a source that only one side has is listed without a comparison', async () => {
    const { split: found } = await measureDrift(
      { reference: side([0.5, 0.5], still), current: side(even, still), by: 'source' },
      OPTIONS,
    );
    const partner = found?.groups.find(({ name }) => name === 'partner');
    expect(partner?.rows.reference).toBe(0);
    expect(partner?.comparison).toBeUndefined();
  });
  it('a column that is not there is an error that names those that are', async () => {
    const rows = side(even, still);
    await expect(measureDrift({ reference: rows, current: rows, by: 'caller' }, OPTIONS)).rejects.toMatchObject({
      code: 'DRIFT_COLUMN',
      fix: expect.stringContaining('"source"') as string,
    });
  });
});

describe('over time', () => {
  const DAY = 86_400_000;
  const timed = (shift: (day: number) => number): Sample => {
    const day = (row: number): number => Math.floor(row / 300);
    return sample(
      'rows',
      { ...numbers('at', ROWS, (row) => (row === 7 ? NaN : Date.UTC(1899, 0, 1) + row * (DAY / 300))), kind: 'time' },
      numbers('x', ROWS, (row) => normal() + shift(day(row))),
    );
  };
  const run = async (current: Sample, window: { span: number } | { rows: number }) =>
    (await measureDrift({ reference: timed(() => 0), current, time: { column: 'at', window } }, OPTIONS)).time;

  it('shows when it began', async () => {
    const found = await run(
      timed((day) => (day < 6 ? 0 : 0.8)),
      { span: 2 * DAY },
    );
    expect(found?.windows.map(({ comparison }) => comparison.outcome === 'drift')).toEqual([
      false,
      false,
      false,
      true,
      true,
    ]);
    expect(found?.undated).toBe(1);
    expect(found?.windows[3]?.from.slice(0, 10)).toBe('1899-01-07');
  });
  it('leaves the times themselves out: later rows are later', async () => {
    const later = timed(() => 0);
    const shifted = later.columns.map((column) =>
      column.kind === 'time' ? { ...column, values: column.values.map((time) => time + 365 * DAY) } : column,
    );
    const { outcome } = await measureDrift(
      {
        reference: timed(() => 0),
        current: { ...later, columns: shifted },
        time: { column: 'at', window: { rows: 1000 } },
      },
      OPTIONS,
    );
    expect(outcome).toBe('no-drift');
  });
  it('refuses what makes too many windows, and a column without times', async () => {
    await expect(
      run(
        timed(() => 0),
        { rows: 5 },
      ),
    ).rejects.toMatchObject({ code: 'DRIFT_WINDOW' });
    const words = sample('rows', texts('at', new Array<string>(100).fill('monday')));
    await expect(
      measureDrift({ reference: words, current: words, time: { column: 'at', window: { rows: 50 } } }, OPTIONS),
    ).rejects.toMatchObject({ code: 'DRIFT_TIME' });
  });
});

describe('the first baseline', () => {
  it('shows movement that is too slow for the last one', async () => {
    const at = (mean: number): Sample =>
      sample(
        `${mean}`,
        numbers('x', 1500, () => normal() + mean),
      );
    const report = await measureDrift({ first: at(0), reference: at(0.36), current: at(0.4) }, OPTIONS);
    expect(report.comparison.outcome).toBe('no-drift');
    expect(report.first?.outcome).toBe('drift');
    expect(report.outcome).toBe('drift');
    expect(report.comparison.alpha).toBeCloseTo(0.025, 12);
  });
});

describe('all columns at once', () => {
  const pair = (together: number): Sample => {
    const common = Float64Array.from({ length: 600 }, normal);
    const of = (name: string) =>
      numbers(name, 600, (row) => together * common[row]! + Math.sqrt(1 - together ** 2) * normal());
    return sample('rows', of('a'), of('b'), of('c'));
  };
  it('sees columns that no longer move together, which none of them shows', async () => {
    const report = await measureDrift({ reference: pair(0.9), current: pair(0), multivariate: true }, OPTIONS);
    expect(report.comparison.outcome).toBe('no-drift');
    expect(report.joint?.outcome).toBe('drift');
    expect(report.outcome).toBe('drift');
  });
  it('and leaves alike alone', async () => {
    const report = await measureDrift({ reference: pair(0.5), current: pair(0.5), multivariate: true }, OPTIONS);
    expect(report.joint?.outcome).toBe('no-drift');
  });
});
