// The two formulas of the poison scan against published and recomputed values.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tailScore } from './binomial-tail.js';
import { excessOf } from './excess.js';

describe('excessOf', () => {
  it('gives the example of Newcombe 1998, table II (a), method 10', () => {
    const { value, low, high } = excessOf({ k: 56, n: 70 }, { k: 48, n: 80 }, 0.95);
    expect(value).toBeCloseTo(0.2, 10);
    expect(low).toBeCloseTo(0.0524, 4);
    expect(high).toBeCloseTo(0.3339, 4);
  });

  it('gives the example of Newcombe 1998 with an empty cell, table II (g)', () => {
    const { low, high } = excessOf({ k: 10, n: 10 }, { k: 0, n: 20 }, 0.95);
    expect(low).toBeCloseTo(0.6791, 4);
    expect(high).toBeCloseTo(1, 10);
  });
});

describe('tailScore', () => {
  it('is the exact tail, summed the slow way', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.double({ min: 0.001, max: 0.4, noNaN: true }), (n, p) => {
        let tail = 0;
        let term = (1 - p) ** n;
        const terms = [term];
        for (let i = 1; i <= n; i += 1) terms.push((term *= ((n - i + 1) / i) * (p / (1 - p))));
        for (let k = n; k > n * p; k -= 1) {
          tail += terms[k] ?? 0;
          if (tail > 1e-200) expect(tailScore(k, n, p)).toBeCloseTo(-Math.log10(tail), 6);
        }
      }),
    );
  });

  it('stays finite where a double has long gone to zero', () => {
    expect(tailScore(400, 400, 0.0001)).toBeCloseTo(1600, 6);
  });
});
