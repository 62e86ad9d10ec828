// Profiles as a whole: every figure against the rows, 100 shards against one pass, bytes there and back, comparisons against
// the exact statistics, and profiles that somebody made up.
import { canonicalJson } from '@vallum/core';
import type { JsonValue } from '@vallum/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mulberry32 } from '../random.js';
import { ksTest } from '../tests/ks.js';
import { binnedShares, heavyValues, ksBounds, psiOf, quantileBounds } from './compare.js';
import { DISTINCT_ERROR, HyperLogLog } from './hyper-log-log.js';
import { sketchRank } from './kll.js';
import { mergeProfiles } from './merge-profiles.js';
import { momentsOf } from './moments.js';
import type { NumberProfile, Profile, ProfileBatch, TextProfile } from './profile.js';
import { profileBytes, readProfile } from './profile-bytes.js';
import { ProfileBuilder } from './profile-builder.js';
import type { ProfileOptions } from './profile-builder.js';

function numbers(values: Float64Array, options: ProfileOptions = {}, batch = 10_000): Profile {
  const builder = new ProfileBuilder([{ name: 'x', type: 'number' }], options);
  for (let at = 0; at < values.length; at += batch) {
    const part = values.subarray(at, at + batch);
    builder.add({ rows: part.length, columns: [{ type: 'number', values: part, missing: undefined }] });
  }
  return builder.finish();
}

const column = (profile: Profile): NumberProfile => profile.columns[0] as NumberProfile;

/** Log-normal with ties and negative values: heavy tails on both sides. */
function heavyTailed(n: number, seed: number, shift = 0): Float64Array {
  const random = mulberry32(seed);
  return Float64Array.from({ length: n }, () => {
    const z = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()) + shift;
    return random() < 0.2 ? Math.round(z) : Math.sign(z) * Math.exp(2 * Math.abs(z));
  });
}

const mixed: ProfileBatch = {
  rows: 6,
  columns: [
    {
      type: 'number',
      values: Float64Array.of(3, -0, Number.NaN, Infinity, -2, 99),
      missing: Uint8Array.of(0, 0, 0, 0, 0, 1),
    },
    { type: 'boolean', values: Float64Array.of(1, 0, 1, 1, 0, 0), missing: Uint8Array.of(0, 0, 0, 0, 0, 1) },
    { type: 'time', values: Float64Array.of(-1e12, 0, 1e12, 1e12, 2, 3), missing: undefined },
    { type: 'text', codes: Int32Array.of(0, 1, 0, -1, 2, 3), levels: ['ab 1', '', 'a\u200bé\u{1f600}', 'ab 1'] },
  ],
};
const mixedColumns = [
  { name: 'n', type: 'number' },
  { name: 'b', type: 'boolean' },
  { name: 't', type: 'time' },
  { name: 's', type: 'text' },
] as const;

function profileOf(...batches: ProfileBatch[]): Profile {
  const builder = new ProfileBuilder(mixedColumns);
  for (const batch of batches) builder.add(batch);
  return builder.finish();
}

describe('a profile', () => {
  it('counts what there is, by column type', () => {
    const [n, b, t, s] = profileOf(mixed).columns as [NumberProfile, unknown, NumberProfile, TextProfile];
    expect(n).toMatchObject({
      missing: 1,
      nan: 1,
      positiveInfinity: 1,
      negativeInfinity: 0,
      zeros: 1,
      negative: 1,
      min: -2,
      max: 3,
    });
    expect(n.cdf).toMatchObject({ n: 3, certificate: 0 });
    expect(b).toEqual({ name: 'b', type: 'boolean', missing: 1, false: 2, true: 3 });
    expect(t).toMatchObject({ missing: 0, min: -1e12, max: 1e12 });
    expect(heavyValues(t, 0.3)).toEqual([{ value: 1e12, count: { low: 2, high: 2 } }]);
    expect(s.labels).toEqual({
      n: 5,
      error: 0,
      counts: [
        ['ab 1', 3],
        ['', 1],
        ['a\u200bé\u{1f600}', 1],
      ],
    });
    expect(s.text).toMatchObject({
      ...{ empty: 1, characters: 16, letters: 8, digits: 3, space: 3, control: 0, invisible: 1, withInvisible: 1 },
      ...{ nonAscii: 3, shortest: 0, longest: 4 },
    });
  });

  it('has the moments of the values, also for times', () => {
    const values = Float64Array.from({ length: 30_000 }, (_, i) => 1.7e12 + ((i * 7919) % 1000));
    const moments = momentsOf(column(numbers(values)).moments!);
    // All residues of 1000 equally often: mean 499.5, population variance (1000^2 - 1) / 12, kurtosis -6/5 (m^2+1)/(m^2-1).
    expect(moments.mean - 1.7e12).toBeCloseTo(499.5, 3);
    expect(moments.variance / (((1000 ** 2 - 1) / 12) * (30_000 / 29_999))).toBeCloseTo(1, 9);
    expect(moments.skewness).toBeCloseTo(0, 6);
    // The mean itself is held to 2e-4 here, as an ulp of 1.7e12.
    expect(moments.kurtosis).toBeCloseTo((-6 / 5) * ((1000 ** 2 + 1) / (1000 ** 2 - 1)), 4);
    expect(column(numbers(Float64Array.of(1e200, -1e200, 3))).moments).toBeNull();
  });

  it('estimates distinct values within four standard errors, and ranks within 2 %', () => {
    for (const distinct of [5, 400, 3000, 50_000]) {
      const values = Float64Array.from({ length: 100_000 }, (_, i) => (i % distinct) * 1.5);
      const profile = column(numbers(values));
      const estimate = HyperLogLog.fromJson(profile.distinct)!.estimate();
      expect(Math.abs(estimate / distinct - 1)).toBeLessThan(4 * DISTINCT_ERROR);
      for (const q of [0.01, 0.1, 0.5, 0.9, 0.99]) {
        const rank = (Math.floor(q * distinct) + 1) / distinct;
        expect(Math.abs(sketchRank(profile.quantiles, Math.floor(q * distinct) * 1.5) - rank)).toBeLessThan(0.02);
      }
    }
  });

  it('keeps heavy labels with a certain bound, and no long text', () => {
    const builder = new ProfileBuilder([{ name: 's', type: 'text' }]);
    const truth = new Map<string, number>();
    for (let batch = 0; batch < 20; batch += 1) {
      const levels = Array.from({ length: 2000 }, (_, i) => (i < 5 ? `heavy ${i}` : `light ${batch} ${i}`));
      levels.push('x'.repeat(65), `#text:forged`);
      const codes = Int32Array.from({ length: 6000 }, (_, i) => (i < 4000 ? i % 5 : i % levels.length));
      for (const code of codes) truth.set(levels[code]!, (truth.get(levels[code]!) ?? 0) + 1);
      builder.add({ rows: codes.length, columns: [{ type: 'text', codes, levels }] });
    }
    const { labels, distinct } = builder.finish().columns[0] as TextProfile;
    expect(labels.error).toBeGreaterThan(0);
    expect(labels.error).toBeLessThanOrEqual(labels.n / 2049);
    for (const [label, count] of labels.counts) {
      const real = truth.get(label) ?? 0;
      if (!label.startsWith('#')) expect(count <= real && real <= count + labels.error).toBe(true);
    }
    expect(
      labels.counts
        .slice(0, 5)
        .map(([label]) => label)
        .sort(),
    ).toEqual([0, 1, 2, 3, 4].map((i) => `heavy ${i}`));
    expect(labels.counts.some(([label]) => label.includes('xx') || label === '#text:forged')).toBe(false);
    expect(Math.abs(HyperLogLog.fromJson(distinct)!.estimate() / truth.size - 1)).toBeLessThan(4 * DISTINCT_ERROR);
  });

  it('refuses rows that are not those announced', () => {
    const batch = { code: 'PROFILE_BATCH' };
    const of =
      (columns: ProfileBatch['columns'], rows = 1) =>
      () =>
        new ProfileBuilder(mixedColumns.slice(1, 2)).add({ rows, columns });
    expect(of([])).toThrow(expect.objectContaining(batch));
    expect(of([{ type: 'number', values: new Float64Array(1), missing: undefined }])).toThrow(
      expect.objectContaining(batch),
    );
    expect(of([{ type: 'boolean', values: Float64Array.of(2), missing: undefined }])).toThrow(
      expect.objectContaining(batch),
    );
    expect(of([{ type: 'boolean', values: new Float64Array(1), missing: undefined }], 2)).toThrow(
      expect.objectContaining(batch),
    );
  });
});

describe('merging', () => {
  it('of 100 shards equals one pass within the certified error: shuffled, sorted, with ties', () => {
    const values = heavyTailed(100_000, 6);
    const sorted = values.slice().sort();
    for (const order of [values, sorted]) {
      const shards = Array.from({ length: 100 }, (_, i) => numbers(order.subarray(i * 1000, (i + 1) * 1000)));
      const merged = column(shards.reduce(mergeProfiles));
      const single = column(numbers(order));
      expect(merged.cdf.n).toBe(100_000);
      expect(merged.cdf.certificate / 100_000).toBeLessThan(0.004);
      expect([merged.zeros, merged.negative, merged.min, merged.max]).toEqual([
        single.zeros,
        single.negative,
        single.min,
        single.max,
      ]);
      expect(merged.distinct).toEqual(single.distinct);
      expect(merged.moments!.m2 / single.moments!.m2).toBeCloseTo(1, 10);
      // The same rows twice: the true distance is 0, and the bounds say so up to both certificates.
      const bounds = ksBounds(merged, single);
      expect(bounds.low).toBe(0);
      expect(bounds.high).toBeLessThanOrEqual((merged.cdf.certificate + single.cdf.certificate) / 100_000 + 1e-12);
      for (const q of [0.001, 0.25, 0.5, 0.999]) {
        const exact = sorted[Math.ceil(q * 100_000) - 1]!;
        const { low, high } = quantileBounds(merged, q);
        expect(low <= exact && exact <= high).toBe(true);
        const rank = values.reduce((count, value) => count + Number(value <= exact), 0) / 100_000;
        expect(Math.abs(sketchRank(merged.quantiles, exact) - rank)).toBeLessThan(0.02);
      }
    }
  });

  it('adds what mixed columns count, and refuses other columns', () => {
    const twice = mergeProfiles(profileOf(mixed), profileOf(mixed));
    const once = profileOf(mixed, mixed);
    expect({ ...twice, columns: twice.columns.slice(1) }).toEqual({ ...once, columns: once.columns.slice(1) });
    expect(column(twice).cdf).toEqual(column(once).cdf);
    expect(() => mergeProfiles(profileOf(mixed), numbers(Float64Array.of(1)))).toThrow(
      expect.objectContaining({ code: 'PROFILE_MISMATCH' }),
    );
  });

  it('with nothing changes nothing', () => {
    const some = profileOf(mixed);
    expect(column(mergeProfiles(some, profileOf())).cdf).toEqual(column(some).cdf);
    expect(readProfile(profileBytes(profileOf()))).toEqual(profileOf());
  });
});

describe('comparing', () => {
  it.each([0, 0.05, 0.5])('bounds the exact statistic at a shift of %f, tightly with a reference', (shift) => {
    const [x, y] = [heavyTailed(80_000, 1), heavyTailed(20_000, 2, shift)];
    const reference = numbers(x);
    const exact = ksTest(x, y).statistic;
    for (const window of [numbers(y), numbers(y, { reference })]) {
      const { low, high } = ksBounds(column(reference), column(window));
      expect(low - 1e-12 <= exact && exact <= high + 1e-12).toBe(true);
      expect(high - low).toBeLessThan(0.005);
    }
    const { cuts, a, b } = binnedShares(column(reference), column(numbers(y, { reference })));
    const count = (values: Float64Array): number[] => {
      const counts = new Array<number>(cuts.length + 1).fill(0);
      for (const value of values) {
        const bin = cuts.findIndex((cut) => value <= cut);
        counts[bin < 0 ? cuts.length : bin]! += 1;
      }
      return counts.map((k) => k / values.length);
    };
    const [p, q] = [count(x), count(y)];
    p.forEach((share, i) => expect(share >= a[i]!.low - 1e-12 && share <= a[i]!.high + 1e-12).toBe(true));
    const psi = p.reduce((sum, share, i) => sum + (share - q[i]!) * Math.log(share / q[i]!), 0);
    expect(b.every(({ low, high }) => high - low < 1e-12)).toBe(true);
    const bounds = psiOf(column(reference), column(numbers(y, { reference })));
    expect(bounds.low).toBeCloseTo(psi, 9);
    expect(bounds.high).toBeCloseTo(psi, 9);
  });

  it('counts infinities as values at the ends, and refuses columns without values', () => {
    const a = column(numbers(Float64Array.of(-Infinity, 1, 2, Infinity)));
    const b = column(numbers(Float64Array.of(1, 2, 2, 3)));
    expect(ksBounds(a, b)).toEqual({ low: 0.25, high: 0.25 });
    expect(ksTest(Float64Array.of(-Infinity, 1, 2, Infinity), Float64Array.of(1, 2, 2, 3)).statistic).toBe(0.25);
    expect(() => ksBounds(a, column(numbers(Float64Array.of(Number.NaN))))).toThrow(
      expect.objectContaining({ code: 'STATS_INPUT' }),
    );
  });
});

describe('a wide table', () => {
  it('costs what its values cost', () => {
    const names = Array.from({ length: 20_000 }, (_, i) => ({ name: `c${i}`, type: 'number' as const }));
    const before = process.memoryUsage().arrayBuffers;
    const builder = new ProfileBuilder(names);
    builder.add({
      rows: 1,
      columns: names.map(({ type }) => ({ type, values: Float64Array.of(1), missing: undefined })),
    });
    // 131,072 bytes of scratch are shared by all of them.
    expect((process.memoryUsage().arrayBuffers - before) / names.length).toBeLessThan(500);
    expect(builder.finish().columns[19_999]).toMatchObject({
      min: 1,
      max: 1,
      distinct: [[expect.any(Number), expect.any(Number)]],
    });
  });

  it('looks once at texts that batches share, also where some are appended', () => {
    let reads = 0;
    const texts = ['a', 'b'];
    const levels = new Proxy(texts, {
      get: (of, key) => {
        if (key === '0') reads += 1;
        return Reflect.get(of, key) as unknown;
      },
    });
    const builder = new ProfileBuilder([{ name: 't', type: 'text' }]);
    for (let i = 0; i < 50; i += 1) {
      if (i === 40) texts.push('c');
      builder.add({ rows: 2, columns: [{ type: 'text', codes: Int32Array.of(0, i < 40 ? 1 : 2), levels }] });
    }
    expect(builder.finish().columns[0]).toMatchObject({
      labels: {
        n: 100,
        error: 0,
        counts: [
          ['a', 50],
          ['b', 40],
          ['c', 10],
        ],
      },
    });
    expect(reads).toBe(1);
  });
});

describe('bytes', () => {
  it('are the same for the same rows, and come back as the same profile', () => {
    const values = fc.array(fc.double(), { maxLength: 300 }).map((list) => Float64Array.from(list));
    fc.assert(
      fc.property(values, (list) => {
        const bytes = profileBytes(numbers(list));
        expect(profileBytes(numbers(list))).toEqual(bytes);
        // Sums of rows in other batches are rounded elsewhere; all else is the same.
        const [one, other] = [numbers(list), numbers(list, {}, 7)].map((each) => ({ ...column(each), moments: null }));
        expect(other).toEqual(one);
        expect(profileBytes(readProfile(bytes))).toEqual(bytes);
      }),
      { numRuns: 50 },
    );
    const mixedProfile = profileOf(mixed);
    expect(readProfile(profileBytes(mixedProfile))).toEqual(mixedProfile);
    const large = numbers(heavyTailed(90_000, 3));
    expect(readProfile(profileBytes(large))).toEqual(large);
  });

  it('that were changed are refused, or still a profile that agrees with itself', () => {
    const text = canonicalJson(JSON.parse(new TextDecoder().decode(profileBytes(profileOf(mixed)))) as JsonValue);
    fc.assert(
      fc.property(
        fc.nat(text.length - 1),
        fc.constantFrom('0', '9', '-', '"', ',', '[', '}', '1e9', 'x'),
        fc.nat(3),
        (at, put, cut) => {
          const bytes = new TextEncoder().encode(text.slice(0, at) + put + text.slice(at + cut));
          try {
            const profile = readProfile(bytes);
            expect(readProfile(profileBytes(profile))).toEqual(profile);
            ksBounds(column(profile), column(profileOf(mixed)));
          } catch (error) {
            expect((error as { code: string }).code).toMatch(/^(PROFILE_INVALID|JSON_INVALID|STATS_INPUT)$/);
          }
        },
      ),
      { numRuns: 800 },
    );
  });

  const forged: [string, (string | number)[], JsonValue][] = [
    ['bounds that cross', ['columns', 0, 'cdf', 'low', 1], 3],
    ['a certificate that is too small', ['columns', 0, 'cdf', 'low', 2], 0],
    ['rows that do not add up', ['rows'], 7],
    ['edges that fall', ['columns', 0, 'cdf', 'edges', 1], -9],
    ['a minimum above the first count', ['columns', 0, 'min'], -1],
    ['a mean outside', ['columns', 0, 'moments', 'mean'], 50],
    ['a sketch of more than was seen', ['columns', 0, 'quantiles', 'levels', 0], [-2, -2, 0, 3]],
    ['labels twice', ['columns', 3, 'labels', 'counts', 1, 0], 'ab 1'],
    ['booleans from nowhere', ['columns', 1, 'true'], 4],
    ['a broken HyperLogLog', ['columns', 0, 'distinct'], 'A'.repeat(4095)],
    ['another schema', ['schema'], 'vallum/profile/v2'],
  ];
  it.each(forged)('with %s are refused', (_, path, value) => {
    const good = JSON.parse(new TextDecoder().decode(profileBytes(profileOf(mixed)))) as JsonValue;
    const bytes = new TextEncoder().encode(canonicalJson(put(good, path, value)));
    expect(() => readProfile(bytes)).toThrow(expect.objectContaining({ code: 'PROFILE_INVALID' }));
  });
});

/** A copy with another value at the path. */
function put(into: JsonValue, [step, ...rest]: readonly (string | number)[], value: JsonValue): JsonValue {
  if (step === undefined) return value;
  if (Array.isArray(into)) return (into as JsonValue[]).map((item, i) => (i === step ? put(item, rest, value) : item));
  const object = into as Record<string, JsonValue>;
  return { ...object, [step]: put(object[step]!, rest, value) };
}
