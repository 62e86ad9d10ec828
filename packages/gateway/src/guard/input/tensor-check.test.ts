// Numbers and texts by the order of their columns, of every kind of array.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InputTensor } from '../../protocol/inspected.js';
import { outcome, ranges, request, tensor, texts } from '../testing/requests.js';

describe('numbers of many columns and kinds', () => {
  it('property: a loop over each value one by one finds the same place', () => {
    const kinds = [Float64Array, Float32Array, Int32Array, Uint8Array, Int16Array] as const;
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 7 }),
        fc.nat({ max: 1500 }),
        fc.nat(),
        fc.constantFrom(...kinds),
        (k, rows, seed, Kind) => {
          const columns = Array.from(
            { length: k },
            (_, i) => ({ name: `c${i}`, check: 'number', minimum: i, maximum: i + 3 }) as const,
          );
          const learned = { ...ranges(...columns), margin: 0 };
          const numbers = new Kind(Array.from({ length: (rows + 1) * k }, (_, i) => (i % k) + (i % 4)));
          const at = seed % numbers.length;
          numbers[at] = (at % k) + 4;
          const input: InputTensor = { name: 'all', datatype: 'FP64', shape: [rows + 1, k], numbers };
          const place = k === 1 ? `value ${at} of column "c0"` : `column "c${at % k}" of row ${Math.floor(at / k)}`;
          expect(outcome({}, request(input), learned)).toBe(`the input "all": ${place} is above ${(at % k) + 3}`);
          numbers[at] = at % k;
          expect(outcome({}, request(input), learned)).toBe('passes');
        },
      ),
      { numRuns: 60 },
    );
  });

  it('rows of numbers and texts by their order are refused', () => {
    const both = ranges(
      { name: 'a', check: 'number', minimum: 0, maximum: 1 },
      { name: 'b', check: 'categories', categories: ['x'] },
    );
    expect(outcome({}, request(tensor(Float64Array.of(1, 1), [1, 2])), both)).toMatch(/where both were learned/);
    expect(outcome({}, request(texts(['1', 'x'], 'all', [1, 2])), both)).toMatch(/where both were learned/);
    const lists = ranges(
      { name: 'a', check: 'categories', categories: ['y'] },
      { name: 'b', check: 'categories', categories: ['x'] },
    );
    expect(outcome({}, request(texts(['y', 'x', 'y', 'x'], 'all', [2, 2])), lists)).toBe('passes');
    expect(outcome({}, request(texts(['y', 'x', 'x', 'x'], 'all', [2, 2])), lists)).toMatch(/column "a" of row 1/);
  });
});
