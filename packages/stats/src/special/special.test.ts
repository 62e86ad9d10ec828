// Special functions against closed forms and published tables.
import { describe, expect, it } from 'vitest';
import { incompleteBeta, inverseIncompleteBeta } from './beta.js';
import { logGamma } from './log-gamma.js';
import { normalQuantile } from './normal.js';

function relative(actual: number, wanted: number): number {
  return Math.abs(actual - wanted) / Math.abs(wanted);
}

describe('logGamma', () => {
  it('gives the logarithm of factorials and of half-integers', () => {
    let factorial = 1;
    for (let n = 2; n <= 20; n += 1) {
      factorial *= n - 1;
      if (n > 2) expect(relative(logGamma(n), Math.log(factorial))).toBeLessThan(1e-13);
    }
    expect(relative(logGamma(0.5), 0.5 * Math.log(Math.PI))).toBeLessThan(1e-13);
    // Reflection: gamma(1/4) gamma(3/4) = pi sqrt 2.
    expect(relative(logGamma(0.25) + logGamma(0.75), Math.log(Math.PI * Math.SQRT2))).toBeLessThan(1e-13);
  });
});

describe('incompleteBeta', () => {
  it('matches closed forms', () => {
    for (const x of [0.001, 0.2, 0.5, 0.83, 0.9999]) {
      expect(relative(incompleteBeta(x, 2, 2), 3 * x ** 2 - 2 * x ** 3)).toBeLessThan(1e-12);
      expect(relative(incompleteBeta(x, 7.5, 1), x ** 7.5)).toBeLessThan(1e-12);
      expect(relative(incompleteBeta(x, 0.5, 0.5), (2 / Math.PI) * Math.asin(Math.sqrt(x)))).toBeLessThan(1e-12);
    }
  });

  it('is the binomial tail: P(X >= k) = I_p(k, n - k + 1), summed by hand', () => {
    const n = 60;
    const p = 0.37;
    let mass = (1 - p) ** n;
    let tail = 1;
    for (let k = 1; k <= n; k += 1) {
      tail -= mass;
      mass *= ((n - k + 1) / k) * (p / (1 - p));
      if (tail > 1e-3) expect(incompleteBeta(p, k, n - k + 1)).toBeCloseTo(tail, 12);
    }
  });

  it('gives the percentage points of F that tables print: F(0.95; 5, 10) = 3.3258, F(0.95; 1, 1) = 161.448', () => {
    const upper = (f: number, d1: number, d2: number): number =>
      incompleteBeta((d1 * f) / (d1 * f + d2), d1 / 2, d2 / 2);
    expect(upper(3.325835, 5, 10)).toBeCloseTo(0.95, 7);
    expect(upper(161.4476, 1, 1)).toBeCloseTo(0.95, 7);
  });

  it('stays accurate with large shapes, and its inverse returns', () => {
    expect(incompleteBeta(0.5, 500_000, 500_000)).toBeCloseTo(0.5, 8);
    for (const p of [1e-6, 0.025, 0.5, 0.975])
      for (const [a, b] of [
        [1, 30],
        [81, 183],
        [3000, 5],
      ] as const)
        expect(relative(incompleteBeta(inverseIncompleteBeta(p, a, b), a, b), p)).toBeLessThan(1e-9);
  });
});

describe('normalQuantile', () => {
  it('gives the points that every table prints', () => {
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 12);
    expect(normalQuantile(0.995)).toBeCloseTo(2.5758293035489004, 12);
    expect(normalQuantile(0.999)).toBeCloseTo(3.090232306167813, 11);
    expect(normalQuantile(0.025)).toBe(-normalQuantile(0.975));
    expect(normalQuantile(0.5)).toBeCloseTo(0, 14);
  });
});
