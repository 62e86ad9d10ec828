import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lowestRows, portableOrder } from './portable-order.js';
import { pairwiseSum, roundHalfEven, roundKeepingSum } from './rounding.js';

const numbers = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 300 });
const fewValues = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 400 });

describe('whole numbers from estimates', () => {
  it('keep the rounded sum and move no entry by more than rounding and one step', () => {
    fc.assert(
      fc.property(numbers, (values) => {
        const estimates = Float64Array.from(values);
        const whole = roundKeepingSum(estimates);
        expect(whole.reduce((sum, value) => sum + value, 0)).toBe(roundHalfEven(pairwiseSum(estimates)));
        for (const [i, value] of whole.entries()) expect(Math.abs(value - (values[i] ?? 0))).toBeLessThanOrEqual(1.5);
      }),
    );
  });

  it('rounds halves to the even number', () => {
    expect([0.5, 1.5, 2.5, 2.4999, -0.5, -1.5].map((value) => roundHalfEven(value) + 0)).toEqual([0, 2, 2, 2, 0, -2]);
  });

  it('sums more exactly than one by one', () => {
    expect(pairwiseSum(new Float64Array(1_000_000).fill(0.1))).toBeCloseTo(100_000, 9);
  });
});

describe('the order of rows', () => {
  it('is ascending and has every row once', () => {
    fc.assert(
      fc.property(fewValues, (values) => {
        const order = [...portableOrder(Float64Array.from(values))];
        expect([...order].sort((a, b) => a - b)).toEqual(values.map((_, i) => i));
        for (let i = 1; i < order.length; i += 1)
          expect(values[order[i] ?? 0]).toBeGreaterThanOrEqual(values[order[i - 1] ?? 0] ?? 0);
      }),
    );
  });

  it('leaves ties as NumPy does: twenty equal values', () => {
    // numpy.argsort(numpy.zeros(20)), SIMD sorts off.
    expect([...portableOrder(new Float64Array(20))]).toEqual([
      0, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 18, 19,
    ]);
  });

  it('picks the same lowest rows with and without the short cut', () => {
    fc.assert(
      fc.property(fewValues, fc.nat(400), (values, count) => {
        const of = Float64Array.from(values);
        expect([...lowestRows(of, count)].sort()).toEqual([...portableOrder(of).subarray(0, count)].sort());
      }),
    );
  });

  it('does not slow down on values made to be slow', () => {
    // Each median of three is nearly the smallest value left (McIlroy 1999, by construction on organ pipes).
    const pipes = Float64Array.from({ length: 200_000 }, (_, i) => Math.min(i, 200_000 - i));
    expect(portableOrder(pipes)[0]).toBe(0);
  });
});
