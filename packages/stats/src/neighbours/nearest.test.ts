// Neighbours against the plain definition, with ties, hidden columns, rows without a vote, and what is refused.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Matrix } from '../matrix.js';
import { mulberry32 } from '../random.js';
import { nearest } from './nearest.js';
import type { NearestOptions } from './nearest.js';
import { NONE } from './nearest-lists.js';

function random(rows: number, columns: number, seed: number, levels = 1e6): Matrix {
  const next = mulberry32(seed);
  const values = Float64Array.from({ length: rows * columns }, () => Math.floor(next() * levels) / levels);
  return { rows, columns, values };
}

/** By the definition: every pair, every column that counts, a full sort. */
function plain({ rows, columns, values }: Matrix, { k, exclude, metric }: NearestOptions, hidden: readonly number[]) {
  return Array.from({ length: rows }, (_, i) => {
    const others = Array.from({ length: rows }, (_, j) => {
      let sum = 0;
      let dot = 0;
      let a = 0;
      let b = 0;
      for (let c = 0; c < columns; c += 1) {
        if (hidden.includes(c)) continue;
        const x = values[i * columns + c]!;
        const y = values[j * columns + c]!;
        sum += (x - y) ** 2;
        dot += x * y;
        a += x * x;
        b += y * y;
      }
      return { j, d: metric === 'cosine' ? 1 - dot / Math.sqrt(a * b) : Math.sqrt(sum) };
    }).filter(({ j }) => j !== i && exclude?.[j] !== 1);
    return others.sort((p, q) => p.d - q.d || p.j - q.j).slice(0, k);
  });
}

function compare(matrix: Matrix, options: NearestOptions, found: Awaited<ReturnType<typeof nearest>>): void {
  for (const [view, { index, distance }] of found.entries()) {
    const hidden = view === 0 ? [] : [...options.hidden![view - 1]!];
    for (const [row, list] of plain(matrix, options, hidden).entries())
      for (const [at, { j, d }] of list.entries()) {
        expect(distance[row * options.k + at]).toBeCloseTo(d, 6);
        expect(index[row * options.k + at]).toBe(j);
      }
  }
}

describe('nearest', () => {
  it.each<[string, number, Partial<NearestOptions>]>([
    ['whole blocks', 64, {}],
    ['a last block of one row', 65, {}],
    ['cosine', 70, { metric: 'cosine' }],
    ['hidden columns', 50, { hidden: [Uint32Array.of(0, 1, 2), Uint32Array.of(6)] }],
    ['rows without a vote', 50, { exclude: Uint8Array.from({ length: 50 }, (_, i) => (i % 3 === 0 ? 1 : 0)) }],
  ])('agrees with the definition: %s', async (_, rows, options) => {
    const matrix = random(rows, 7, rows);
    const asked = { k: 5, ...options };
    compare(matrix, asked, await nearest(matrix, asked));
  });

  it('gives ties to the smaller row number, and keeps order among equals', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 40 }), fc.nat(1000), async (rows, seed) => {
        const whole = random(rows, 2, seed, 3);
        const matrix = { ...whole, values: whole.values.map((value) => Math.round(value * 3)) };
        compare(matrix, { k: 4 }, await nearest(matrix, { k: 4 }));
      }),
      { numRuns: 50 },
    );
  });

  it('says where there are fewer neighbours than asked for', async () => {
    const [found] = await nearest(random(3, 2, 1), { k: 5 });
    expect([...found!.index.subarray(2, 5)]).toEqual([NONE, NONE, NONE]);
    expect(found!.distance[4]).toBe(Infinity);
  });

  it('puts rows of zeros at cosine distance 0 from each other and 1 from all else', async () => {
    const matrix = { rows: 3, columns: 2, values: Float32Array.of(0, 0, 3, 4, 0, 0) };
    const [found] = await nearest(matrix, { k: 2, metric: 'cosine' });
    expect([...found!.distance.subarray(0, 2)]).toEqual([0, 1]);
  });

  it('gives others their turn, and stops when that throws', async () => {
    let turns = 0;
    await nearest(random(100, 3, 1), { k: 2, turn: async () => void (turns += 1) });
    expect(turns).toBe(4);
    await expect(nearest(random(9, 3, 1), { k: 2, turn: () => Promise.reject(new Error('enough')) })).rejects.toThrow(
      'enough',
    );
  });

  it.each<[string, Matrix, Partial<NearestOptions>]>([
    ['NaN', { rows: 1, columns: 1, values: Float64Array.of(Number.NaN) }, {}],
    ['an infinity', { rows: 1, columns: 1, values: Float64Array.of(Infinity) }, {}],
    ['no rows', { rows: 0, columns: 1, values: new Float64Array() }, {}],
    ['a false shape', { rows: 2, columns: 2, values: new Float64Array(3) }, {}],
    ['too many columns', { rows: 1, columns: 2000, values: new Float64Array(2000) }, {}],
    ['k of nothing', random(3, 2, 1), { k: 0 }],
    ['a column that is not there', random(3, 2, 1), { hidden: [Uint32Array.of(2)] }],
    ['nothing to hide', random(3, 2, 1), { hidden: [new Uint32Array()] }],
    ['hiding from cosine', random(3, 2, 1), { metric: 'cosine', hidden: [Uint32Array.of(1)] }],
    ['flags of another length', random(3, 2, 1), { exclude: new Uint8Array(2) }],
  ])('refuses %s', async (_, matrix, options) => {
    await expect(nearest(matrix, { k: 1, ...options })).rejects.toMatchObject({ code: 'STATS_INPUT' });
  });
});
