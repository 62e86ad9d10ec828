// The sort against the built-in one, on data that takes each of its ways.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { radixSort } from './radix-sort.js';
import { mulberry32 } from './random.js';

/** Equal as numbers: -0 and 0 may stand in either order. */
function expectSorted(values: Float64Array): void {
  const before = Float64Array.from(values);
  const sorted = radixSort(values);
  expect(values).toEqual(before);
  const wanted = Float64Array.from(values).sort();
  expect(sorted.length).toBe(wanted.length);
  expect(sorted.every((value, i) => value === wanted[i])).toBe(true);
}

const random = mulberry32(3);
const draw = (n: number, value: (u: number) => number): Float64Array =>
  Float64Array.from({ length: n }, () => value(random()));

it.each([
  ['both signs', draw(50_000, (u) => (u - 0.5) * 10 ** (20 * random()))],
  ['many ties', draw(50_000, (u) => Math.floor(u * 7) - 3)],
  ['the same upper half, so that the full passes run', draw(50_000, (u) => 1 + Math.floor(u * 2 ** 31) * 2 ** -52)],
  ['the same upper half, negative', draw(50_000, (u) => -1 - Math.floor(u * 2 ** 31) * 2 ** -52)],
  ['infinities and zeros', draw(5000, (u) => [Infinity, -Infinity, 0, -0, 5e-324, -5e-324][Math.floor(u * 6)] ?? 0)],
  ['sorted', Float64Array.from({ length: 5000 }, (_, i) => i)],
  ['falling', Float64Array.from({ length: 5000 }, (_, i) => -i)],
  ['one value', Float64Array.of(4)],
  ['nothing', new Float64Array()],
])('%s', (_, values) => {
  expectSorted(values);
});

it('any floats, on both sides of the size where the passes begin', () => {
  const floats = fc.float64Array({ noNaN: true, minLength: 0, maxLength: 40 });
  fc.assert(
    fc.property(floats, fc.boolean(), (values, long) => {
      // Repeated with shifts of the last bits until it is long enough for the passes.
      expectSorted(
        long
          ? Float64Array.from({ length: 2000 }, (_, i) => (values[i % values.length] ?? 0) * (1 + i * 2 ** -52))
          : values,
      );
    }),
  );
});

it('takes a view into a larger buffer', () => {
  expectSorted(draw(4000, (u) => u).subarray(1000, 3000));
});

it('refuses NaN, wherever it stands and however long the sample', () => {
  for (const n of [1, 2, 3, 5000])
    for (const at of [0, n - 1]) {
      const values = new Float64Array(n);
      values[at] = NaN;
      expect(() => radixSort(values)).toThrow(expect.objectContaining({ code: 'STATS_INPUT' }));
    }
});
