// Published intervals, and the property that makes the exact one exact.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clopperPearson, wilson } from './intervals.js';

// R. G. Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, methods 3 (score) and 5 (exact), 95 %.
const NEWCOMBE = [
  { k: 81, n: 263, score: [0.2553, 0.3662], exact: [0.2527, 0.3676] },
  { k: 15, n: 148, score: [0.0624, 0.1605], exact: [0.0578, 0.1617] },
  { k: 0, n: 20, score: [0, 0.1611], exact: [0, 0.1684] },
  { k: 1, n: 29, score: [0.0061, 0.1718], exact: [0.0009, 0.1776] },
] as const;

describe('published intervals', () => {
  it.each(NEWCOMBE)('$k of $n', ({ k, n, score, exact }) => {
    expect(wilson(k, n).low).toBeCloseTo(score[0], 4);
    expect(wilson(k, n).high).toBeCloseTo(score[1], 4);
    expect(clopperPearson(k, n).low).toBeCloseTo(exact[0], 4);
    expect(clopperPearson(k, n).high).toBeCloseTo(exact[1], 4);
  });

  it('matches closed forms at the ends: (alpha/2)^(1/n) and its mirror', () => {
    expect(clopperPearson(30, 30).low).toBeCloseTo(0.025 ** (1 / 30), 13);
    expect(clopperPearson(0, 30).high).toBeCloseTo(1 - 0.025 ** (1 / 30), 13);
    expect(clopperPearson(0, 1_000_000, 0.99).high).toBeCloseTo(-Math.expm1(Math.log(0.005) / 1_000_000), 13);
  });

  it('knows nothing without data', () => {
    expect(clopperPearson(0, 0)).toEqual({ low: 0, high: 1 });
    expect(wilson(0, 0)).toEqual({ low: 0, high: 1 });
  });
});

// Coverage counted exactly over the binomial distribution, not sampled.
function coverage(p: number, n: number, interval: typeof clopperPearson): number {
  let mass = (1 - p) ** n;
  let covered = 0;
  for (let k = 0; k <= n; k += 1) {
    const { low, high } = interval(k, n);
    if (low <= p && p <= high) covered += mass;
    mass *= ((n - k) / (k + 1)) * (p / (1 - p));
  }
  return covered;
}

describe('properties', () => {
  it('the exact interval covers at least 95 %, the score interval not always', () => {
    const rates = [0.005, 0.03, 0.1, 0.25, 0.5, 0.77, 0.98];
    for (const p of rates) expect(coverage(p, 40, clopperPearson)).toBeGreaterThanOrEqual(0.95);
    expect(Math.min(...rates.map((p) => coverage(p, 40, wilson)))).toBeLessThan(0.95);
  });

  it('holds the point, mirrors, and grows with the level', () => {
    const rate = fc
      .integer({ min: 1, max: 5000 })
      .chain((n) => fc.tuple(fc.integer({ min: 0, max: n }), fc.constant(n)));
    fc.assert(
      fc.property(rate, fc.constantFrom(clopperPearson, wilson), ([k, n], interval) => {
        const { low, high } = interval(k, n);
        const mirror = interval(n - k, n);
        const wide = interval(k, n, 0.99);
        expect(low).toBeLessThanOrEqual(k / n);
        expect(high).toBeGreaterThanOrEqual(k / n);
        expect(mirror.low).toBeCloseTo(1 - high, 10);
        expect(wide.low).toBeLessThanOrEqual(low);
        expect(wide.high).toBeGreaterThanOrEqual(high);
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    [3, 2, 0.95],
    [-1, 2, 0.95],
    [0.5, 2, 0.95],
    [1, 2, 1],
    [1, 2, Number.NaN],
  ])('refuses %s of %s at level %s', (k, n, level) => {
    for (const interval of [clopperPearson, wilson])
      expect(() => interval(k, n, level)).toThrow(expect.objectContaining({ code: 'STATS_ARGUMENT' }));
  });
});
