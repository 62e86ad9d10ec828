// Tails against closed forms and against each other.
import { describe, expect, it } from 'vitest';
import { scaledBesselK } from './bessel-k.js';
import { cramerVonMisesTail } from './cramer-von-mises-tail.js';
import { binomialTerm, deviance, hypergeometricTerm, poissonTerm } from './deviance.js';
import { chiSquareTail, lowerGamma, upperGamma } from './gamma.js';
import { erf, erfc, normalCdf, normalTail } from './normal.js';

const relative = (actual: number, wanted: number): number => Math.abs(actual / wanted - 1);

describe('gamma', () => {
  it('matches closed forms: exponential, Erlang, two degrees of freedom', () => {
    for (const x of [1e-8, 0.1, 1, 3, 30, 300]) {
      expect(relative(upperGamma(1, x), Math.exp(-x))).toBeLessThan(1e-13);
      expect(relative(lowerGamma(1, x), -Math.expm1(-x))).toBeLessThan(1e-13);
      expect(relative(upperGamma(3, x), Math.exp(-x) * (1 + x + (x * x) / 2))).toBeLessThan(1e-13);
      expect(relative(chiSquareTail(x, 2), Math.exp(-x / 2))).toBeLessThan(1e-13);
    }
  });

  it('steps by its recurrence at any size: Q(a + 1, x) - Q(a, x) = x^a e^-x / gamma(a + 1)', () => {
    for (const a of [0.5, 7.3, 100, 4e4, 1e6])
      for (const x of [a * 0.98, a, a * 1.02]) {
        const step = upperGamma(a + 1, x) - upperGamma(a, x);
        expect(Math.abs(step - poissonTerm(a, x))).toBeLessThan(1e-13);
      }
  });

  it('has ends, and refuses what lies outside', () => {
    expect([lowerGamma(2, 0), lowerGamma(2, Infinity), upperGamma(2, 0), upperGamma(2, Infinity)]).toEqual([
      0, 1, 1, 0,
    ]);
    expect(chiSquareTail(0, 0)).toBe(1);
    expect(() => upperGamma(-1, 1)).toThrow(expect.objectContaining({ code: 'STATS_ARGUMENT' }));
    expect(() => lowerGamma(1, NaN)).toThrow(expect.objectContaining({ code: 'STATS_ARGUMENT' }));
  });
});

describe('normal', () => {
  it('has the printed values of erf and erfc', () => {
    expect(relative(erf(0.5), 0.5204998778130465)).toBeLessThan(1e-13);
    expect(relative(erf(-1), -0.8427007929497149)).toBeLessThan(1e-13);
    expect(relative(erfc(2), 0.004677734981047266)).toBeLessThan(1e-13);
    expect(relative(erfc(10), 2.088487583762545e-45)).toBeLessThan(1e-13);
  });

  it('keeps the digits of far tails', () => {
    expect(relative(normalTail(8), 6.220960574271785e-16)).toBeLessThan(1e-13);
    expect(relative(normalTail(30), 4.906713927148187e-198)).toBeLessThan(1e-12);
    expect(normalCdf(1.3) + normalTail(1.3)).toBeCloseTo(1, 15);
  });
});

describe('single outcomes', () => {
  it('add up to 1, and keep their digits at sizes where log-gammas do not', () => {
    let [binomial, hypergeometric] = [0, 0];
    for (let k = 0; k <= 300; k += 1) binomial += binomialTerm(k, 300, 0.37);
    for (let k = 0; k <= 90; k += 1) hypergeometric += hypergeometricTerm(k, 90, 140, 400);
    expect(binomial).toBeCloseTo(1, 13);
    expect(hypergeometric).toBeCloseTo(1, 13);
    // Neighbouring terms differ by a known ratio.
    const [n, k] = [2e9, 1e9];
    expect(relative(binomialTerm(k + 1, n, 0.5) / binomialTerm(k, n, 0.5), (n - k) / (k + 1))).toBeLessThan(1e-13);
  });

  it('deviance is 0 at the mean, curved around it, and infinite where nothing was expected', () => {
    expect([deviance(3, 3), deviance(0, 2), deviance(1, 0)]).toEqual([0, 2, Infinity]);
    expect(relative(deviance(1 + 1e-9, 1), 5e-19)).toBeLessThan(1e-6);
  });
});

describe('Bessel K and the Cramer-von Mises law', () => {
  it('has the closed form of order 1/2', () => {
    for (const x of [1e-3, 0.1, 1, 20, 1e4])
      expect(relative(scaledBesselK(0.5, x), Math.sqrt(Math.PI / (2 * x)))).toBeLessThan(1e-13);
  });

  it('has the percentage points that Anderson and Darling print', () => {
    expect(cramerVonMisesTail(0.3473)).toBeCloseTo(0.1, 5);
    expect(cramerVonMisesTail(0.46136)).toBeCloseTo(0.05, 5);
    expect(cramerVonMisesTail(0.74346)).toBeCloseTo(0.01, 5);
    expect(cramerVonMisesTail(1.16786)).toBeCloseTo(0.001, 5);
  });

  it('does not jump where the series hands over to the integral', () => {
    expect(cramerVonMisesTail(1 - 1e-14)).toBeCloseTo(cramerVonMisesTail(1), 14);
    expect([cramerVonMisesTail(0), cramerVonMisesTail(1e6)]).toEqual([1, 0]);
  });
});
