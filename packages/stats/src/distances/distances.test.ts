// Distances: the axioms, closed forms, what empty bins do; bins: edges that cover, counts that add up.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { doaneEdges, histogram, sturgesEdges } from './bins.js';
import { energyDistance, wasserstein } from './sample-distances.js';
import { hellinger, jensenShannon, kullbackLeibler, psi, totalVariation } from './share-distances.js';

const array = (...values: number[]): Float64Array => Float64Array.from(values);
const bad = expect.objectContaining({ code: 'STATS_INPUT' }) as unknown;
const sample = fc
  .array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 1, maxLength: 40 })
  .map((values) => Float64Array.from(values));

describe('between samples', () => {
  it('Wasserstein is the cost of moving: 1 for a shift by 1, the area between the steps', () => {
    expect(wasserstein(array(0, 1, 3), array(5, 6, 8))).toBeCloseTo(5, 14);
    expect(wasserstein(array(0), array(0, 2))).toBe(1);
  });

  it("energy is the root of 2 E|X - Y| - E|X - X'| - E|Y - Y'|", () => {
    const mean = (x: Float64Array, y: Float64Array): number =>
      x.reduce((sum, a) => sum + y.reduce((inner, b) => inner + Math.abs(a - b), 0), 0) / (x.length * y.length);
    fc.assert(
      fc.property(sample, sample, (x, y) => {
        const squared = 2 * mean(x, y) - mean(x, x) - mean(y, y);
        expect(Math.abs(energyDistance(x, y) ** 2 - squared)).toBeLessThan(1e-9);
      }),
    );
  });

  it.each(Object.entries({ wasserstein, energyDistance }))(
    '%s is a metric that ignores shifts of both',
    (_, distance) => {
      fc.assert(
        fc.property(sample, sample, sample, (x, y, z) => {
          expect(distance(x, x)).toBe(0);
          expect(distance(y, x)).toBeCloseTo(distance(x, y), 9);
          expect(distance(x, z)).toBeLessThanOrEqual(distance(x, y) + distance(y, z) + 1e-9);
          expect(
            distance(
              x.map((v) => v + 4),
              y.map((v) => v + 4),
            ),
          ).toBeCloseTo(distance(x, y), 6);
        }),
      );
    },
  );

  it.each([[array()], [array(NaN)], [array(Infinity)]])('refuses %s', (wrong) => {
    for (const distance of [wasserstein, energyDistance]) expect(() => distance(array(1), wrong)).toThrow(bad);
  });
});

describe('between shares', () => {
  const counts = fc
    .array(fc.nat(1000), { minLength: 3, maxLength: 3 })
    .filter((list) => list.some((count) => count > 0));

  it('keeps bounds, symmetry and Pinsker: TV <= sqrt(KL / 2), H^2 <= TV <= sqrt(2) H', () => {
    fc.assert(
      fc.property(counts, counts, (p, q) => {
        const [tv, h, js] = [totalVariation(p, q), hellinger(p, q), jensenShannon(p, q, { base: 2 })];
        expect(tv).toBeLessThanOrEqual(Math.sqrt(kullbackLeibler(p, q) / 2) + 1e-9);
        expect(h * h).toBeLessThanOrEqual(tv + 1e-9);
        expect(tv).toBeLessThanOrEqual(Math.SQRT2 * h + 1e-9);
        expect(js).toBeLessThanOrEqual(1 + 1e-12);
        for (const distance of [totalVariation, hellinger, jensenShannon, psi])
          expect(
            distance(
              p,
              p.map((count) => 3 * count),
            ),
          ).toBeCloseTo(0, 7);
        expect(psi(p, q, { emptyBins: 'infinite' })).toBeCloseTo(psi(q, p, { emptyBins: 'infinite' }), 9);
      }),
    );
  });

  it('is 1 for disjoint sides', () => {
    expect(totalVariation([4, 0], [0, 9])).toBe(1);
    expect(hellinger([4, 0], [0, 9])).toBe(1);
    expect(jensenShannon([4, 0], [0, 9], { base: 2 })).toBeCloseTo(1, 14);
  });

  it('fills empty bins with 1e-4, or with a millionth of a share that is as small', () => {
    const term = (r: number, c: number): number => (c - r) * Math.log(c / r);
    expect(psi([50, 50, 0], [50, 0, 50])).toBeCloseTo(2 * term(0.5, 1e-4), 12);
    const small = [99_999, 1, 0];
    expect(psi(small, [1, 1, 1])).toBeCloseTo(term(0.99999, 1 / 3) + term(1e-5, 1 / 3) + term(1e-11, 1 / 3), 12);
  });

  it('says infinity where the definition does', () => {
    expect(psi([1, 1], [1, 0], { emptyBins: 'infinite' })).toBe(Infinity);
    expect(kullbackLeibler([1, 1], [1, 0])).toBe(Infinity);
    expect(kullbackLeibler([1, 0], [1, 1])).toBeCloseTo(Math.LN2, 14);
    expect(kullbackLeibler([1, 1], [1, 0], { emptyBins: 'fill' })).toBeCloseTo(0.5 * Math.log(0.25 / 1e-4), 2);
  });

  it('keeps its digits for nearly equal sides, where logarithms would cancel to noise', () => {
    // For shares 1/2 +- e against 1/2: KL = 2 e^2 + O(e^4).
    const e = 1e-7;
    expect(kullbackLeibler([0.5 + e, 0.5 - e], [0.5, 0.5]) / (2 * e * e)).toBeCloseTo(1, 6);
  });

  it.each([
    [[1], [1, 2]],
    [[], []],
    [
      [0, 0],
      [1, 1],
    ],
    [
      [-1, 2],
      [1, 1],
    ],
    [
      [NaN, 2],
      [1, 1],
    ],
  ])('refuses %j against %j', (p, q) => {
    for (const distance of [psi, kullbackLeibler, jensenShannon, hellinger, totalVariation])
      expect(() => distance(p, q)).toThrow(bad);
  });
});

describe('bins', () => {
  it('edges cover the range, and every value is counted once', () => {
    fc.assert(
      fc.property(sample, fc.constantFrom(sturgesEdges, doaneEdges), (values, rule) => {
        // Values that differ by less than the bins can resolve leave no room for edges.
        fc.pre(new Set(values).size === 1 || Math.max(...values) - Math.min(...values) > 1e-9);
        const { counts, below, above } = histogram(values, rule(values));
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(values.length);
        expect([below, above]).toEqual([0, 0]);
      }),
    );
  });

  it('are half-open but for the last, and say what lies outside', () => {
    const { counts, below, above } = histogram(array(-1, 0, 1, 1, 2, 3, 9, -Infinity), array(0, 1, 2, 3));
    expect([...counts]).toEqual([1, 2, 2]);
    expect([below, above]).toEqual([2, 1]);
  });

  it('gives a constant one bin', () => {
    expect([...sturgesEdges(array(4, 4, 4))]).toEqual([3.5, 4.5]);
    expect([...doaneEdges(array(4, 4, 4))]).toEqual([3.5, 4.5]);
  });

  it('refuses edges that do not ascend, no values, infinities, a range beyond any float', () => {
    expect(() => histogram(array(1), array(1, 1))).toThrow(bad);
    expect(() => histogram(array(1), array(1))).toThrow(bad);
    expect(() => histogram(array(NaN), array(0, 1))).toThrow(bad);
    expect(() => sturgesEdges(array())).toThrow(bad);
    expect(() => doaneEdges(array(1, Infinity))).toThrow(bad);
    expect(() => sturgesEdges(array(-1.7e308, 1.7e308))).toThrow(bad);
  });
});
