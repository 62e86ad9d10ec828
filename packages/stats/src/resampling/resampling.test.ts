// Bootstrap, permutation and corrections: promised error rates counted under the null, and cases worked by hand.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clopperPearson } from '../intervals.js';
import { mulberry32 } from '../random.js';
import { adjustP } from './adjust-p.js';
import { bootstrapInterval } from './bootstrap.js';
import { permutationTest } from './permutation.js';

const bad = expect.objectContaining({ code: 'STATS_INPUT' }) as unknown;
const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const meanGap = (x: Float64Array, y: Float64Array): number => Math.abs(mean(x) - mean(y));
const draw = (n: number, random: () => number): Float64Array => Float64Array.from({ length: n }, random);

describe('bootstrapInterval', () => {
  it.each(['percentile', 'bca'] as const)(
    '%s covers the mean of skewed values nine times in ten, over 400 samples of 60',
    (method) => {
      const random = mulberry32(12);
      let covered = 0;
      for (let run = 0; run < 400; run += 1) {
        const sample = draw(60, () => -Math.log(1 - random()));
        const { low, high } = bootstrapInterval(sample, mean, { seed: run, resamples: 400, level: 0.9, method });
        covered += Number(low <= 1 && high >= 1);
      }
      // A bootstrap is approximate: 84 % to 95 % is what 60 skewed values allow.
      expect(covered).toBeGreaterThan(336);
      expect(covered).toBeLessThan(380);
    },
  );

  it('bca leans towards the long tail, percentile less', () => {
    const sample = draw(60, mulberry32(4)).map((u) => -Math.log(1 - u));
    const options = { seed: 1, resamples: 4000 };
    const bca = bootstrapInterval(sample, mean, options);
    const plain = bootstrapInterval(sample, mean, { ...options, method: 'percentile' });
    expect(bca.low).toBeGreaterThan(plain.low);
    expect(bca.high).toBeGreaterThan(plain.high);
  });

  it('is a point for a constant, repeats from its seed, and not from another', () => {
    const same = new Float64Array(9).fill(3);
    expect(bootstrapInterval(same, mean, { seed: 1, resamples: 50 })).toEqual({ low: 3, high: 3 });
    const sample = draw(30, mulberry32(2));
    const of = (seed: number) => bootstrapInterval(sample, mean, { seed, resamples: 99 });
    expect(of(5)).toEqual(of(5));
    expect(of(5)).not.toEqual(of(6));
  });

  it.each([
    ['one value', () => bootstrapInterval(Float64Array.of(1), mean, { seed: 1, resamples: 99 })],
    ['NaN', () => bootstrapInterval(Float64Array.of(1, NaN), mean, { seed: 1, resamples: 99 })],
    ['no resamples', () => bootstrapInterval(Float64Array.of(1, 2), mean, { seed: 1, resamples: 0 })],
    ['a level of 1', () => bootstrapInterval(Float64Array.of(1, 2), mean, { seed: 1, resamples: 99, level: 1 })],
    ['a statistic of NaN', () => bootstrapInterval(Float64Array.of(1, 2), () => NaN, { seed: 1, resamples: 99 })],
    ['hours of work', () => bootstrapInterval(new Float64Array(1e5), mean, { seed: 1, resamples: 1e4 })],
  ])('refuses %s', (_, call) => {
    expect(call).toThrow(bad);
  });
});

describe('permutationTest', () => {
  it('is uniform under the null: p <= alpha in at most alpha of 1,500 pairs of 12 and 20', () => {
    const random = mulberry32(77);
    const ps = Array.from({ length: 1500 }, (_, seed) => {
      const [x, y] = [draw(12, () => random() ** 4), draw(20, () => random() ** 4)];
      return permutationTest(x, y, meanGap, { seed, permutations: 99 }).p;
    });
    for (const alpha of [0.05, 0.2, 0.5, 0.9]) {
      const { low, high } = clopperPearson(ps.filter((p) => p <= alpha).length, ps.length, 0.999);
      expect(low).toBeLessThan(alpha);
      expect(high).toBeGreaterThan(alpha);
    }
  });

  it('comes near the exact p of all splits', () => {
    const [x, y] = [Float64Array.of(1, 2, 3, 4), Float64Array.of(3.5, 5, 6, 7)];
    // 70 splits, of which 4 have a gap of means of at least 2.875: {1,2,3,3.5}, {1,2,3,4} and their mirrors.
    const { statistic, p } = permutationTest(x, y, meanGap, { seed: 3, permutations: 20_000 });
    expect(statistic).toBeCloseTo(2.875, 14);
    expect(Math.abs(p - 4 / 70)).toBeLessThan(0.006);
  });

  it('never gives 0, leaves its samples alone and repeats from its seed', () => {
    const [x, y] = [draw(20, mulberry32(1)), draw(20, mulberry32(2)).map((v) => v + 5)];
    const before = [...x, ...y];
    const run = () => permutationTest(x, y, meanGap, { seed: 8, permutations: 199 });
    expect(run().p).toBe(1 / 200);
    expect(run()).toEqual(run());
    expect([...x, ...y]).toEqual(before);
  });

  it.each([
    [
      'an empty side',
      () => permutationTest(new Float64Array(), Float64Array.of(1), meanGap, { seed: 1, permutations: 9 }),
    ],
    [
      'no permutations',
      () => permutationTest(Float64Array.of(1), Float64Array.of(1), meanGap, { seed: 1, permutations: 0 }),
    ],
    [
      'a statistic of NaN',
      () => permutationTest(Float64Array.of(1), Float64Array.of(1), () => NaN, { seed: 1, permutations: 9 }),
    ],
    [
      'hours of work',
      () => permutationTest(new Float64Array(1e6), Float64Array.of(1), meanGap, { seed: 1, permutations: 1e4 }),
    ],
  ])('refuses %s', (_, call) => {
    expect(call).toThrow(bad);
  });
});

describe('adjustP', () => {
  const ps = [0.01, 0.04, 0.03, 0.005];

  it('gives the values worked by hand', () => {
    const close = (actual: readonly number[], wanted: readonly number[]): void =>
      actual.forEach((value, i) => expect(value).toBeCloseTo(wanted[i] as number, 14));
    close(adjustP(ps, 'bonferroni'), [0.04, 0.16, 0.12, 0.02]);
    close(adjustP(ps, 'holm'), [0.03, 0.06, 0.06, 0.02]);
    close(adjustP(ps, 'benjamini-hochberg'), [0.02, 0.04, 0.04, 0.02]);
    const harmonic = 1 + 1 / 2 + 1 / 3 + 1 / 4;
    close(
      adjustP(ps, 'benjamini-yekutieli'),
      [0.02, 0.04, 0.04, 0.02].map((p) => p * harmonic),
    );
  });

  it('keeps the order, grows no smaller than p, and rejects more from left to right', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 30 }), (list) => {
        const [bonferroni, holm, hochberg, yekutieli] = (
          ['bonferroni', 'holm', 'benjamini-hochberg', 'benjamini-yekutieli'] as const
        ).map((name) => adjustP(list, name)) as [number[], number[], number[], number[]];
        list.forEach((p, i) => {
          const [b, h, f, y] = [bonferroni, holm, hochberg, yekutieli].map((adjusted) => adjusted[i] as number) as [
            number,
            number,
            number,
            number,
          ];
          expect(f).toBeGreaterThanOrEqual(p - 1e-15);
          expect(h).toBeGreaterThanOrEqual(f - 1e-15);
          expect(b).toBeGreaterThanOrEqual(h - 1e-15);
          expect(y).toBeGreaterThanOrEqual(f - 1e-15);
          list.forEach((q, j) => {
            if (p < q) expect(h).toBeLessThanOrEqual(holm[j] as number);
          });
        });
      }),
    );
  });

  it('holds the family-wise rate: 20 clean tests raise an alarm in at most 5 % of 4,000 runs', () => {
    const random = mulberry32(31);
    let alarms = 0;
    for (let run = 0; run < 4000; run += 1)
      alarms += Number(Math.min(...adjustP(Array.from({ length: 20 }, random), 'holm')) <= 0.05);
    expect(clopperPearson(alarms, 4000, 0.999).low).toBeLessThan(0.05);
    expect(alarms).toBeGreaterThan(120);
  });

  it('refuses what is no probability', () => {
    for (const wrong of [-0.1, 1.1, NaN]) expect(() => adjustP([wrong], 'holm')).toThrow(bad);
  });
});
