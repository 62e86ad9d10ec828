// Exact probabilities against counting every order of the pooled values by hand, for small samples.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cramerVonMises } from './cramer-von-mises.js';
import { fisherExact } from './fisher.js';
import { ksTest } from './ks.js';
import { mannWhitney } from './mann-whitney.js';

/** Every way to give n of n + m distinct values to x. */
function* splits(n: number, m: number): Generator<readonly [Float64Array, Float64Array]> {
  for (let mask = 0; mask < 2 ** (n + m); mask += 1) {
    const places = Array.from({ length: n + m }, (_, i) => i);
    const x = places.filter((i) => (mask >> i) & 1);
    if (x.length === n) yield [Float64Array.from(x), Float64Array.from(places.filter((i) => !((mask >> i) & 1)))];
  }
}

const SIZES = [
  [1, 1],
  [2, 1],
  [3, 2],
  [3, 3],
  [4, 6],
  [5, 5],
  [2, 9],
  [7, 4],
] as const;

describe.each([
  ['Kolmogorov-Smirnov', ksTest, (statistic: number) => statistic],
  ['Mann-Whitney', mannWhitney, (statistic: number, middle: number) => Math.abs(statistic - middle)],
  ['Cramer-von Mises', cramerVonMises, (statistic: number) => statistic],
] as const)('%s', (name, test, extremity) => {
  it.each(SIZES.filter(([, m]) => name !== 'Cramer-von Mises' || m > 1))('counts all orders of %i and %i', (n, m) => {
    const results = [...splits(n, m)].map(([x, y]) => test(x, y));
    const extremes = results.map(({ statistic }) => extremity(statistic, (n * m) / 2));
    results.forEach(({ p }, i) => {
      const beyond = extremes.filter((other) => other >= (extremes[i] as number) - 1e-9).length;
      expect(p).toBeCloseTo(beyond / results.length, 12);
    });
  });
});

describe('Fisher', () => {
  const choose = (n: number, k: number): bigint => {
    let value = 1n;
    for (let i = 0; i < k; i += 1) value = (value * BigInt(n - i)) / BigInt(i + 1);
    return value;
  };

  it('adds up all tables that are at most as likely, counted in whole numbers', () => {
    const cell = fc.nat(40);
    fc.assert(
      fc.property(cell, cell, cell, cell, (a, b, c, d) => {
        const [row, rest, column] = [a + b, c + d, a + c];
        fc.pre(row > 0 && rest > 0 && column > 0 && b + d > 0);
        const ways = (k: number): bigint =>
          k > row || column - k > rest ? 0n : choose(row, k) * choose(rest, column - k);
        const all = Array.from({ length: column + 1 }, (_, k) => ways(k));
        const rare = all.filter((count) => count <= ways(a)).reduce((sum, count) => sum + count, 0n);
        const total = all.reduce((sum, count) => sum + count, 0n);
        const p = Number((rare * 10n ** 15n) / total) / 1e15;
        expect(
          fisherExact([
            [a, b],
            [c, d],
          ]).p,
        ).toBeCloseTo(p, 11);
      }),
    );
  });

  it('stays exact for large counts, where a log-gamma would not', () => {
    // 2^-(n - 1) for the extreme table of a perfectly split margin is 2 / C(2n, n).
    const n = 500;
    const wanted = 2 / (Number(choose(2 * n, n) / 10n ** 280n) * 1e280);
    const { p } = fisherExact([
      [n, 0],
      [0, n],
    ]);
    expect(Math.abs(p / wanted - 1)).toBeLessThan(1e-11);
  });
});
