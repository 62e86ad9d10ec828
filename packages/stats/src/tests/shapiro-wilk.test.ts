// Shapiro-Wilk beside frozen answers of SciPy 1.17.1 (`scipy.stats.shapiro`), for samples of 3 to 5,000 values, ties among them.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mulberry32 } from '../random.js';
import { normalQuantile } from '../special/normal.js';
import { build } from '../testing/compare-with-scipy.js';
import type { Recipe } from '../testing/compare-with-scipy.js';
import answers from '../testing/shapiro-answers.json' with { type: 'json' };
import { shapiroWilk } from './shapiro-wilk.js';

const cases = answers as unknown as readonly (readonly [Recipe, readonly [number, number]])[];

describe('Shapiro-Wilk', () => {
  it('agrees with SciPy in W and p', () => {
    expect(cases.length).toBeGreaterThanOrEqual(50);
    for (const [recipe, [statistic, p]] of cases) {
      const own = shapiroWilk(build(recipe));
      expect(Math.abs(own.statistic - statistic), `W of ${recipe.join(' ')}`).toBeLessThan(1e-7);
      expect(Math.abs(own.p - p), `p of ${recipe.join(' ')}`).toBeLessThan(1e-6);
    }
  });

  it('rejects normal samples about as often as the level says', () => {
    const random = mulberry32(5);
    const normal = (): number => normalQuantile(Math.min(1 - 1e-9, Math.max(1e-9, random())));
    let rejected = 0;
    for (let i = 0; i < 300; i += 1) if (shapiroWilk(Float64Array.from({ length: 30 }, normal)).p < 0.05) rejected += 1;
    expect(rejected).toBeGreaterThanOrEqual(5);
    expect(rejected).toBeLessThanOrEqual(30);
  });

  it('does not depend on order, place or scale', () => {
    const values = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 3, maxLength: 60 });
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 50 }), (list, by) => {
        fc.pre(new Set(list).size > 1);
        const one = shapiroWilk(Float64Array.from(list));
        const other = shapiroWilk(Float64Array.from([...list].reverse(), (value) => by * value - 7));
        expect(other.statistic).toBeCloseTo(one.statistic, 9);
        expect(one.statistic).toBeGreaterThan(0);
        expect(one.statistic).toBeLessThanOrEqual(1);
        expect(one.p).toBeGreaterThanOrEqual(0);
        expect(one.p).toBeLessThanOrEqual(1);
      }),
    );
  });

  it.each([
    ['too few', [1, 2]],
    ['all equal', [4, 4, 4, 4]],
    ['not a number', [1, NaN, 3]],
    ['infinite', [1, Infinity, 3]],
    ['too many', Array.from({ length: 5_001 }, (_, i) => i)],
  ])('refuses %s', (_, list) => {
    expect(() => shapiroWilk(Float64Array.from(list))).toThrow(expect.objectContaining({ code: 'STATS_INPUT' }));
  });
});
