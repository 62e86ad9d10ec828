// What has to hold for every input: symmetry, invariance, bounds, refusals.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mulberry32 } from '../random.js';
import { andersonDarling } from './anderson-darling.js';
import { chiSquareContingency, chiSquareGoodness, gTest } from './chi-square.js';
import { cramerVonMises } from './cramer-von-mises.js';
import { eppsSingleton } from './epps-singleton.js';
import { fisherExact } from './fisher.js';
import { ksStatisticSorted, ksTest } from './ks.js';
import { mannWhitney } from './mann-whitney.js';
import { twoProportionZ } from './proportions.js';

const array = (...values: number[]): Float64Array => Float64Array.from(values);
const sample = fc
  .array(fc.oneof(fc.integer({ min: -5, max: 5 }), fc.double({ min: -10, max: 10, noNaN: true })), {
    minLength: 5,
    maxLength: 60,
  })
  .map((values) => Float64Array.from(values));

describe('two samples', () => {
  const tests = { ksTest, cramerVonMises, mannWhitney };

  it.each(Object.entries(tests))('%s gives the same p when the sides change places, and p in [0, 1]', (_, test) => {
    fc.assert(
      fc.property(sample, sample, (x, y) => {
        const [there, back] = [test(x, y), test(y, x)];
        expect(there.p).toBeGreaterThanOrEqual(0);
        expect(there.p).toBeLessThanOrEqual(1);
        expect(back.p).toBeCloseTo(there.p, 11);
      }),
    );
  });

  it.each(Object.entries(tests))('%s sees ranks only: a rising map changes nothing', (_, test) => {
    const rising = (value: number): number => Math.atan(value) * 1e6 + 3 * value;
    fc.assert(
      fc.property(sample, sample, (x, y) => {
        // Values so near that the map merges them would be other data.
        fc.pre(new Set([...x, ...y]).size === new Set([...x, ...y].map(rising)).size);
        expect(test(x.map(rising), y.map(rising))).toEqual(test(x, y));
      }),
    );
  });

  it('the KS statistic is the largest gap at any value', () => {
    const share = (values: Float64Array, limit: number): number =>
      values.filter((value) => value <= limit).length / values.length;
    fc.assert(
      fc.property(sample, sample, (x, y) => {
        const gaps = [...x, ...y].map((value) => Math.abs(share(x, value) - share(y, value)));
        expect(ksStatisticSorted(x.slice().sort(), y.slice().sort())).toBeCloseTo(Math.max(...gaps), 14);
      }),
    );
  });

  it('infinities have ranks', () => {
    expect(ksTest(array(1, Infinity), array(-Infinity, 2)).statistic).toBe(0.5);
    expect(mannWhitney(array(Infinity), array(1, 2)).statistic).toBe(2);
  });

  it('all values equal are no evidence', () => {
    const same = array(3, 3, 3, 3, 3);
    for (const test of [ksTest, cramerVonMises, mannWhitney]) expect(test(same, same).p).toBe(1);
  });

  it('Epps-Singleton of two values is the test of two shares without pooling', () => {
    const zeroOne = (ones: number, n: number): Float64Array =>
      Float64Array.from({ length: n }, (_, i) => Number(i < ones));
    const { statistic, p } = eppsSingleton(zeroOne(40, 100), zeroOne(90, 150));
    expect(statistic).toBeCloseTo(0.2 ** 2 / (0.24 / 100 + 0.24 / 150), 8);
    expect(p).toBeCloseTo(0.00157, 4);
    // Where neither side varies, a difference is certain.
    expect(eppsSingleton(array(7, 7, 7, 7, 7), zeroOne(4, 8))).toEqual({ statistic: Infinity, p: 0 });
  });

  it('KS says when it fell back on the asymptotic law', () => {
    const x = Float64Array.from({ length: 50_000 }, mulberry32(1));
    const y = Float64Array.from({ length: 49_999 }, mulberry32(2));
    expect(ksTest(x, y, { method: 'exact' }).method).toBe('asymptotic');
    expect(ksTest(x, x.slice(), { method: 'exact' }).method).toBe('exact');
    expect(ksTest(x, y).method).toBe('asymptotic');
  });
});

describe('null distribution', () => {
  it('p of KS, Mann-Whitney, Cramer-von Mises is at most alpha in about alpha of 2,000 pairs of 40 and 60', () => {
    const random = mulberry32(9);
    const below = { ksTest: 0, mannWhitney: 0, cramerVonMises: 0 };
    for (let run = 0; run < 2000; run += 1) {
      const [x, y] = [Float64Array.from({ length: 40 }, random), Float64Array.from({ length: 60 }, random)];
      for (const [name, test] of Object.entries({ ksTest, mannWhitney, cramerVonMises }))
        below[name as keyof typeof below] += Number(test(x, y).p <= 0.1);
    }
    // 200 are expected; four standard deviations are 54. KS is discrete and may stay below.
    expect(below.mannWhitney).toBeGreaterThan(146);
    expect(below.cramerVonMises).toBeGreaterThan(146);
    expect(below.ksTest).toBeGreaterThan(120);
    expect(Math.max(...Object.values(below))).toBeLessThan(254);
  });
});

describe('counts', () => {
  it('an outcome that was impossible has p = 0', () => {
    expect(chiSquareGoodness([5, 5], [10, 0])).toEqual({ statistic: Infinity, p: 0 });
    expect(gTest([5, 5], [10, 0])).toEqual({ statistic: Infinity, p: 0 });
  });

  it('proportions agree with the contingency table and know the direction', () => {
    const { statistic, p } = twoProportionZ(30, 100, 45, 100);
    const table = chiSquareContingency([
      [30, 70],
      [45, 55],
    ]);
    expect(statistic).toBeCloseTo(-Math.sqrt(table.statistic), 12);
    expect(p).toBeCloseTo(table.p, 14);
    expect(twoProportionZ(0, 5, 0, 9)).toEqual({ statistic: 0, p: 1 });
  });

  it('an empty margin says nothing', () => {
    expect(
      fisherExact([
        [0, 0],
        [3, 4],
      ]),
    ).toEqual({ statistic: NaN, p: 1 });
  });
});

describe('refusals', () => {
  const bad = expect.objectContaining({ code: 'STATS_INPUT' }) as unknown;
  const good = array(1, 2, 3, 4, 5);

  it.each(Object.entries({ ksTest, cramerVonMises, mannWhitney, eppsSingleton }))(
    '%s takes no NaN and no nothing',
    (_, test) => {
      for (const wrong of [array(), array(1, NaN, 2, 3, 4, 5)]) {
        expect(() => test(good, wrong)).toThrow(bad);
        expect(() => test(wrong, good)).toThrow(bad);
      }
    },
  );

  it.each([
    ['one sample', () => andersonDarling([good])],
    ['three values in all', () => andersonDarling([array(1), array(2, 3)])],
    ['one distinct value', () => andersonDarling([array(1, 1), array(1, 1)])],
    ['infinity', () => eppsSingleton(good, array(1, 2, 3, 4, Infinity))],
    ['no spread', () => eppsSingleton(array(1, 1, 1, 1, 1), array(1, 1, 1, 1, 1))],
    ['constants', () => eppsSingleton(array(1, 1, 1, 1, 1), array(2, 2, 2, 2, 2))],
    ['totals apart', () => chiSquareGoodness([1, 2], [2, 2])],
    ['lengths apart', () => gTest([1, 2], [3])],
    ['empty on both sides', () => chiSquareGoodness([3, 0], [3, 0])],
    ['negative', () => chiSquareGoodness([-1, 4], [1, 2])],
    ['ragged', () => chiSquareContingency([[1, 2], [3]])],
    [
      'an empty column',
      () =>
        chiSquareContingency([
          [1, 0],
          [3, 0],
        ]),
    ],
    ['no table', () => chiSquareContingency([])],
    [
      'halves',
      () =>
        fisherExact([
          [0.5, 1],
          [1, 1],
        ]),
    ],
    ['k above n', () => twoProportionZ(3, 2, 1, 2)],
    ['n of zero', () => twoProportionZ(0, 0, 1, 2)],
  ])('%s', (_, call) => {
    expect(call).toThrow(bad);
  });
});
