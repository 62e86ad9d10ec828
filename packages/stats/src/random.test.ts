// The generator's known first values, and a shuffle whose orders are counted.
import { describe, expect, it } from 'vitest';
import { quantile } from './quantile.js';
import { mulberry32, shuffle } from './random.js';

describe('mulberry32', () => {
  it('starts with the known values for seed 42', () => {
    const random = mulberry32(42);
    expect([random(), random(), random()].map((value) => value.toFixed(8))).toEqual([
      '0.60110375',
      '0.44829056',
      '0.85246579',
    ]);
  });

  it('repeats from the same seed and not from another', () => {
    const take = (seed: number): number[] => Array.from({ length: 20 }, mulberry32(seed));
    expect(take(7)).toEqual(take(7));
    expect(take(7)).not.toEqual(take(8));
  });
});

describe('shuffle', () => {
  it('keeps the items, leaves the original alone and gives every order about equally often', () => {
    const random = mulberry32(1);
    const original = ['a', 'b', 'c'] as const;
    const counts = new Map<string, number>();
    for (let i = 0; i < 6000; i += 1) {
      const order = shuffle(original, random).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(original).toEqual(['a', 'b', 'c']);
    expect([...counts.keys()].sort()).toEqual(['abc', 'acb', 'bac', 'bca', 'cab', 'cba']);
    // Pearson's chi-square over six orders: 20.5 is the 99.9 % point with 5 degrees of freedom.
    const chi = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(chi).toBeLessThan(20.5);
  });

  it('refuses a source outside [0, 1)', () => {
    expect(() => shuffle([1, 2], () => 1)).toThrow('[0, 1)');
  });
});

describe('quantile', () => {
  it('interpolates as R type 7', () => {
    const values = [15, 20, 35, 40, 50];
    expect(quantile(values, 0.4)).toBeCloseTo(29, 12);
    expect([quantile(values, 0), quantile(values, 0.5), quantile(values, 1)]).toEqual([15, 35, 50]);
    expect(quantile([10, 9, 2], 0.5)).toBe(9);
    expect(quantile([-Infinity, -Infinity, 1], 0.25)).toBe(-Infinity);
  });

  it('refuses nothing, NaN and levels outside 0 to 1', () => {
    expect(() => quantile([], 0.5)).toThrow('at least one');
    expect(() => quantile([Number.NaN], 0.5)).toThrow('no NaN');
    expect(() => quantile([1], 1.5)).toThrow('between 0 and 1');
  });
});
