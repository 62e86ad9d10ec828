// The Kolmogorov tail against closed forms, against each other's methods where they overlap, and against published values.
import { describe, expect, it } from 'vitest';
import { durbinMatrix } from './durbin-matrix.js';
import { oneSidedTail } from './one-sided-tail.js';
import { pelzGood } from './pelz-good.js';
import { kolmogorovTail } from './tail.js';

const relative = (actual: number, wanted: number): number => Math.abs(actual / wanted - 1);

describe('kolmogorovTail', () => {
  it('is 1 below 1 / 2n and 0 from 1', () => {
    expect([kolmogorovTail(7, 1 / 14), kolmogorovTail(7, 0), kolmogorovTail(7, 1)]).toEqual([1, 1, 0]);
  });

  it('is linear for one value: P(D >= d) = 2 (1 - d) from 1/2 on', () => {
    for (const d of [0.5, 0.6, 0.75, 0.99]) expect(kolmogorovTail(1, d)).toBeCloseTo(2 * (1 - d), 14);
  });

  it('gives 1 - 0.6284796154565043 for n = 10, d = 0.274 (Marsaglia, Tsang and Wang 2003)', () => {
    expect(kolmogorovTail(10, 0.274)).toBeCloseTo(1 - 0.6284796154565043, 13);
  });

  it('falls where the methods change, but for the error of the expansion', () => {
    for (const n of [5, 60, 140, 141, 500, 3000])
      for (const d of [1 / n, 0.5, 2 / Math.sqrt(n), Math.sqrt(2.2 / n), (1.4 / n) ** (2 / 3)]) {
        if (d >= 0.6) continue;
        const [before, after] = [kolmogorovTail(n, d * (1 - 1e-9)), kolmogorovTail(n, d * (1 + 1e-9))];
        const room = n > 140 ? 0.5 / n ** 2 : 1e-13;
        expect(before - after).toBeGreaterThan(-room);
        expect(before - after).toBeLessThan(room + 1e-7);
      }
  });

  it('refuses what is no size', () => {
    expect(() => kolmogorovTail(0, 0.5)).toThrow(expect.objectContaining({ code: 'STATS_ARGUMENT' }));
    expect(() => kolmogorovTail(3, NaN)).toThrow(expect.objectContaining({ code: 'STATS_ARGUMENT' }));
  });
});

describe('methods', () => {
  it('the expansion errs by about 0.05 / n^2 beside the exact matrix', () => {
    for (const n of [100, 200, 400, 800])
      for (const z of [0.6, 0.8, 1.2]) {
        const d = z / Math.sqrt(n);
        expect(Math.abs(pelzGood(n, d) - durbinMatrix(n, d)) * n * n).toBeLessThan(0.06);
      }
  });

  it('twice the one-sided tail is the two-sided one where both at once are impossible', () => {
    for (const n of [3, 8, 20])
      expect(relative(2 * oneSidedTail(n, 0.52), 1 - durbinMatrix(n, 0.52))).toBeLessThan(1e-11);
  });

  it('the expansion of the one-sided tail continues its sum at n = 100,000', () => {
    for (const square of [2.2, 5, 12]) {
      const at = (n: number): number => oneSidedTail(n, Math.sqrt(square / n));
      // 100,000 is summed and 100,001 expanded; between neighbours the tail itself moves by less.
      expect(relative(at(100_001), at(100_000))).toBeLessThan(1e-7);
    }
  });
});
