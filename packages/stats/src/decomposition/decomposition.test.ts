// Frozen values are NumPy's (linalg.svd) on the same seeded numbers; the rest is what defines each decomposition.
import { describe, expect, it } from 'vitest';
import type { Matrix } from '../matrix.js';
import { mulberry32 } from '../random.js';
import { fastIca } from './fast-ica.js';
import { symmetricEigen } from './symmetric-eigen.js';
import { truncatedSvd } from './truncated-svd.js';

function seeded(rows: number, columns: number, scale: readonly number[]): Matrix {
  const random = mulberry32(42);
  const values = Float64Array.from({ length: rows * columns }, (_, i) => random() * (scale[i % columns] ?? 1));
  return { rows, columns, values };
}

describe('symmetricEigen', () => {
  it('finds A v = lambda v, descending, with vectors at right angles', () => {
    const a = Float64Array.of(4, 1, 2, 1, 3, 0, 2, 0, 1);
    const { values, vectors } = symmetricEigen(a, 3);
    expect([...values]).toEqual([...values].sort((x, y) => y - x));
    expect(values.reduce((sum, value) => sum + value)).toBeCloseTo(8, 12);
    for (let d = 0; d < 3; d += 1)
      for (let i = 0; i < 3; i += 1) {
        const image = [0, 1, 2].reduce((sum, j) => sum + a[i * 3 + j]! * vectors[d * 3 + j]!, 0);
        expect(image).toBeCloseTo(values[d]! * vectors[d * 3 + i]!, 12);
        const dot = [0, 1, 2].reduce((sum, j) => sum + vectors[d * 3 + j]! * vectors[i * 3 + j]!, 0);
        expect(dot).toBeCloseTo(d === i ? 1 : 0, 12);
      }
  });

  it('refuses what is no square matrix of numbers', () => {
    expect(() => symmetricEigen(new Float64Array(3), 2)).toThrow(expect.objectContaining({ code: 'STATS_INPUT' }));
    expect(() => symmetricEigen(Float64Array.of(Number.NaN), 1)).toThrow(
      expect.objectContaining({ code: 'STATS_INPUT' }),
    );
  });
});

describe('truncatedSvd', () => {
  it('has the singular values of the reference, by covariance', () => {
    const { singular } = truncatedSvd(seeded(40, 6, [5, 3]), { rank: 3, seed: 1 });
    const expected = [9.157418955937349, 5.06328825463152, 1.9740862716960526];
    for (const [i, value] of expected.entries()) expect(singular[i]! / value - 1).toBeCloseTo(0, 11);
  });

  it('comes to the same by power iteration on many columns', () => {
    const few = seeded(30, 5, [5, 3, 2]);
    // The same five columns among 200 of zeros: too many for the covariance.
    const values = new Float64Array(30 * 200);
    for (let row = 0; row < 30; row += 1)
      for (let c = 0; c < 5; c += 1) values[row * 200 + c * 40] = few.values[row * 5 + c]!;
    const direct = truncatedSvd(few, { rank: 2, seed: 1 });
    const iterated = truncatedSvd({ rows: 30, columns: 200, values }, { rank: 2, seed: 1 });
    for (let d = 0; d < 2; d += 1) expect(iterated.singular[d]).toBeCloseTo(direct.singular[d]!, 9);
    for (const [i, score] of iterated.scores.entries()) expect(score).toBeCloseTo(direct.scores[i]!, 6);
  });

  it('gives a constant matrix no variance and no NaN', () => {
    const { singular, scores } = truncatedSvd(
      { rows: 4, columns: 3, values: new Float64Array(12).fill(7) },
      { rank: 2, seed: 1 },
    );
    expect([...singular]).toEqual([0, 0]);
    expect(scores.every((value) => value === 0)).toBe(true);
  });

  it('cuts the rank to the shape and refuses a rank of nothing', () => {
    expect(truncatedSvd(seeded(2, 6, []), { rank: 9, seed: 1 }).rank).toBe(2);
    expect(() => truncatedSvd(seeded(2, 2, []), { rank: 0, seed: 1 })).toThrow(
      expect.objectContaining({ code: 'STATS_INPUT' }),
    );
  });
});

describe('fastIca', () => {
  it('takes mixed signals apart', () => {
    const random = mulberry32(5);
    const rows = 2000;
    const pure = Array.from({ length: rows }, (_, t) => [Math.sign(Math.sin(t / 7)), random() * 2 - 1] as const);
    const values = Float64Array.from(pure.flatMap(([a, b]) => [a + 0.6 * b, 0.5 * a - b, a + b]));
    const { count, sources, converged } = fastIca({ rows, columns: 3, values }, { components: 2, seed: 1 });
    expect([count, converged]).toEqual([2, true]);
    const correlation = (d: number, which: 0 | 1): number => {
      const xs = pure.map((row) => row[which]);
      const mean = xs.reduce((sum, x) => sum + x, 0) / rows;
      const sd = Math.sqrt(xs.reduce((sum, x) => sum + (x - mean) ** 2, 0) / rows);
      return Math.abs(xs.reduce((sum, x, i) => sum + (x - mean) * sources[i * 2 + d]!, 0) / rows / sd);
    };
    const best = [0, 1].map((which) => Math.max(correlation(0, which as 0 | 1), correlation(1, which as 0 | 1)));
    expect(Math.min(...best)).toBeGreaterThan(0.99);
  });

  it('leaves out directions without variance', () => {
    const values = Float64Array.from({ length: 60 }, (_, i) => (i % 3 === 0 ? i : 1));
    expect(fastIca({ rows: 20, columns: 3, values }, { components: 3, seed: 1 }).count).toBe(1);
    expect(fastIca({ rows: 5, columns: 2, values: new Float64Array(10) }, { components: 2, seed: 1 }).count).toBe(0);
  });
});
