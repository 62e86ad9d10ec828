// Rows of a table in memory: all of them up to a bound, a fair part beyond it, and what is missing stays missing.
import type { Batch, Table } from '@vallum/formats';
import { describe, expect, it } from 'vitest';
import { collectSample } from './collect-sample.js';
import type { NumberColumn, TextColumn } from './sample.js';

/** Rows 0, 1, 2, ... in batches that use their arrays again, as readers may. */
function counting(rows: number, batch = 7): Table {
  const values = new Float64Array(batch);
  const codes = new Int32Array(batch);
  return {
    format: 'csv',
    columns: [
      { name: 'x', type: 'number', stored: 'csv' },
      { name: 't', type: 'text', stored: 'csv' },
    ],
    rows,
    notes: [],
    read: 0,
    bytes: 0,
    close: () => Promise.resolve(),
    async *batches({ columns = ['x', 't'] } = {}): AsyncIterable<Batch> {
      for (let start = 0; start < rows; start += batch) {
        const many = Math.min(batch, rows - start);
        const missing = new Uint8Array(batch);
        const levels: string[] = [];
        for (let row = 0; row < many; row += 1) {
          values[row] = start + row;
          missing[row] = (start + row) % 10 === 3 ? 1 : 0;
          codes[row] = (start + row) % 10 === 4 ? -1 : levels.push(`t${(start + row) % 5}`) - 1;
        }
        const all = {
          x: { type: 'number' as const, values, missing },
          t: { type: 'text' as const, codes, levels },
        };
        yield { start, rows: many, columns: columns.map((name) => all[name as 'x' | 't']) };
        await Promise.resolve();
      }
    },
  };
}

const x = (columns: readonly unknown[]): Float64Array => (columns[0] as NumberColumn).values;

describe('collecting', () => {
  it('keeps every row below the bound, across batches', async () => {
    const { rows, of, columns } = await collectSample(counting(3000), { name: 'a', seed: 1 });
    expect([rows, of]).toEqual([3000, undefined]);
    expect(
      Array.from(x(columns), (value, row) => (row % 10 === 3 ? Number.isNaN(value) : value === row)),
    ).not.toContain(false);
    const { codes, levels } = columns[1] as TextColumn;
    expect([...levels].sort()).toEqual(['t0', 't1', 't2', 't3', 't4']);
    const words = Array.from(codes, (code) => (code < 0 ? null : levels[code]));
    expect(words.every((word, row) => word === (row % 10 === 4 ? null : `t${row % 5}`))).toBe(true);
  });

  it('draws a fair part beyond it: the same rows of all columns, by seed', async () => {
    const options = { name: 'a', seed: 5, mostValues: 2000 };
    const sample = await collectSample(counting(10_000), options);
    expect([sample.rows, sample.of]).toEqual([1000, 10_000]);
    expect(await collectSample(counting(10_000), options)).toEqual(sample);
    const { codes, levels } = sample.columns[1] as TextColumn;
    const kept = x(sample.columns);
    kept.forEach((value, row) => {
      const code = codes[row] as number;
      if (!Number.isNaN(value)) expect(code < 0 ? value % 10 === 4 : levels[code] === `t${value % 5}`).toBe(true);
    });
    const present = kept.filter((value) => !Number.isNaN(value));
    expect(new Set(present).size).toBe(present.length);
    // Uniform on 0..9999: the mean of about 900 has a standard error of 92.
    expect(Math.abs(present.reduce((sum, value) => sum + value, 0) / present.length - 5000)).toBeLessThan(400);
  });

  it('takes the columns that are asked for, and names those that are not there', async () => {
    const names = async (more: object): Promise<readonly string[]> =>
      (await collectSample(counting(20), { name: 'a', seed: 1, ...more })).columns.map(({ name }) => name);
    expect(await names({ columns: ['t'] })).toEqual(['t']);
    expect(await names({ ignore: ['t'] })).toEqual(['x']);
    await expect(names({ columns: ['y'] })).rejects.toMatchObject({ code: 'DRIFT_COLUMN' });
  });

  it('is a sample of no rows for a table of none', async () => {
    expect((await collectSample(counting(0), { name: 'a', seed: 1 })).rows).toBe(0);
  });
});
