// The certificate holds: whatever the values and their order, one pass or shards merged, the true count at every point lies
// within the bounds, and is never less certain than the certificate says.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mulberry32, shuffle } from '../random.js';
import { BinCounter } from './bin-counter.js';
import { CdfBuilder } from './cdf-builder.js';
import { boundsAt, cdfOfSorted, mergeCdfs } from './certified-cdf.js';
import type { CertifiedCdf } from './certified-cdf.js';
import { above, below } from './float-order.js';

function build(values: Float64Array, bins: number, buffer: number, block = 64): CertifiedCdf {
  const builder = new CdfBuilder({ bins, buffer });
  for (let start = 0; start < values.length; start += block) {
    const part = values.slice(start, start + block);
    builder.add(part, part.length, Math.min(...part), Math.max(...part));
  }
  return builder.value();
}

/** Checks at every value, just below and above each, and at the edges. */
function expectTruth(cdf: CertifiedCdf, values: Float64Array): void {
  const sorted = values.slice().sort();
  const points = Float64Array.from(new Set([...sorted].flatMap((v) => [below(v), v, above(v)]).concat(cdf.edges)))
    .filter(Number.isFinite)
    .sort();
  const { low, high } = boundsAt(cdf, points);
  let count = 0;
  points.forEach((point, i) => {
    while (count < sorted.length && (sorted[count] as number) <= point) count += 1;
    if (
      (low[i] as number) > count ||
      (high[i] as number) < count ||
      (high[i] as number) - (low[i] as number) > cdf.certificate
    )
      expect({ point, low: low[i], high: high[i], certificate: cdf.certificate }).toEqual({ count });
  });
  expect(cdf.n).toBe(values.length);
}

const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
const clumped = fc.oneof(
  finite,
  fc.integer({ min: -5, max: 5 }),
  fc.constantFrom(0, 5e-324, -5e-324, 1e308, -1.7976931348623157e308),
);
const manyValues = fc.array(clumped, { minLength: 1, maxLength: 700 }).map((values) => Float64Array.from(values));

describe('neighbours among doubles', () => {
  it('have nothing between them', () => {
    expect([below(1), above(1)]).toEqual([1 - 2 ** -53, 1 + 2 ** -52]);
    expect([below(0), above(0), above(-5e-324), below(5e-324)]).toEqual([-5e-324, 5e-324, 0, 0]);
    expect([above(Number.MAX_VALUE), below(-Number.MAX_VALUE)]).toEqual([Infinity, -Infinity]);
    fc.assert(fc.property(finite, (v) => below(v) < v && v < above(v) && (v === 0 || above(below(v)) === v)));
  });
});

describe('bins', () => {
  it('are those of a plain search, for any edges and values', () => {
    fc.assert(
      fc.property(manyValues, manyValues, (edges, values) => {
        const rising = Float64Array.from(new Set(edges)).sort();
        const counts = new Float64Array(rising.length + 1);
        new BinCounter(rising).count(values, values.length, counts);
        const plain = new Float64Array(rising.length + 1);
        for (const value of values) {
          const bin = rising.findIndex((edge) => value <= edge);
          plain[bin < 0 ? rising.length : bin] = (plain[bin < 0 ? rising.length : bin] as number) + 1;
        }
        expect(counts).toEqual(plain);
      }),
    );
  });
});

describe('a certified distribution function', () => {
  it('contains the truth for any values in any order', () => {
    fc.assert(fc.property(manyValues, (values) => expectTruth(build(values, 8, 64, 16), values)));
  });

  it('contains the truth after any merger, in either order, and certificates at most add', () => {
    fc.assert(
      fc.property(manyValues, manyValues, (a, b) => {
        const [left, right] = [build(a, 16, 64, 16), build(b, 16, 64, 16)];
        const merged = mergeCdfs(left, right, 16);
        expectTruth(merged, Float64Array.of(...a, ...b));
        expect(mergeCdfs(right, left, 16)).toEqual(merged);
        // One edge more than the sum of both would need is spent on the beginning.
        expect(merged.edges.length).toBeLessThanOrEqual(16);
      }),
      { numRuns: 60 },
    );
  });

  it('is exact for few distinct values', () => {
    const random = mulberry32(3);
    const values = Float64Array.from({ length: 20_000 }, () => Math.floor(random() * 30) / 10);
    expect(build(values, 64, 4096).certificate).toBe(0);
  });

  const n = 40_000;
  const random = mulberry32(8);
  const sorted = Float64Array.from({ length: n }, () => Math.tan(Math.PI * (random() - 0.5))).sort();
  const half = sorted.slice(n / 4, (3 * n) / 4);
  const orders: Record<string, Float64Array> = {
    shuffled: Float64Array.from(shuffle(Array.from(sorted), random)),
    rising: sorted,
    falling: sorted.slice().reverse(),
    'outside first, middle last': Float64Array.of(...sorted.slice(0, n / 4), ...sorted.slice((3 * n) / 4), ...half),
    'one spike in the middle of a gap': Float64Array.of(
      ...sorted.slice(0, n / 2),
      ...new Float64Array(n / 2).fill(0.123456),
    ),
    'zoom: each block between the middle two of the last': Float64Array.from(
      { length: n },
      (_, i) => ((i % 64) / 64 - 0.5) * 2 ** -Math.floor(i / 64),
    ),
  };
  it.each(Object.entries(orders))('is tight and true for %s', (name, values) => {
    const cdf = build(values, 256, 16_384);
    expectTruth(cdf, values);
    // Values in random order give about 1.2 to 1.5 / bins; HEAVY allows 2 / bins before the last thinning, which at most doubles it.
    expect(cdf.certificate / values.length).toBeLessThan(
      (name === 'shuffled' ? 1.6 : name.startsWith('zoom') ? 4 : 2.8) / 256,
    );
  });

  it('is exact on the edges of a reference', () => {
    const reference = cdfOfSorted(sorted, 128);
    const window = (orders['shuffled'] as Float64Array).slice(0, 5000);
    const builder = new CdfBuilder({ bins: 128, buffer: 1024, edges: reference.edges });
    builder.add(window, window.length, Math.min(...window), Math.max(...window));
    const cdf = builder.value();
    expectTruth(cdf, window);
    expect(cdf.low).toEqual(cdf.high);
    expect(reference.edges.filter((edge) => edge > Math.min(...window) && edge < Math.max(...window))).toEqual(
      cdf.edges.slice(1, -1),
    );
  });
});
