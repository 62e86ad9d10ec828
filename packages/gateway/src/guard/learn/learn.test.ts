// What is learned from rows and from a profile of them, and that the file says the same when it is read again.
import type { JsonValue } from '@vallum/core';
import { sha256 } from '@vallum/core';
import { ProfileBuilder, profileBytes } from '@vallum/stats';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoryTable } from '../testing/memory-table.js';
import { learnFromTable } from './from-table.js';
import type { GatewayRanges } from './ranges.js';
import { widen } from './ranges.js';
import { rangesBytes, readLearned } from './read-ranges.js';

const digest = sha256('rows');
const cities = [...new Array<string>(60).fill('Lima'), ...new Array<string>(60).fill('Kyiv')];
const table = memoryTable({
  age: cities.map((_, i) => (i === 3 ? undefined : 20 + (i % 50))),
  city: cities,
  name: cities.map((_, i) => `person ${i}`),
  mail: cities.map((city) => `${city}@mailbox.org`),
  text: cities.map((city) => city.repeat(30)),
  member: cities.map((_, i) => i % 2 === 0),
  bad: cities.map(() => NaN),
});

describe('learnFromTable', () => {
  it('takes bounds of numbers and lists of categories, and says what it does not check and why', async () => {
    const learned = await learnFromTable(table, { sha256: digest });
    expect(learned).toMatchObject({ rows: 120, margin: 0.1, source: { kind: 'table', sha256: digest } });
    expect('columns' in learned && learned.columns).toEqual([
      { name: 'age', check: 'number', minimum: 20, maximum: 69 },
      { name: 'city', check: 'categories', categories: ['Kyiv', 'Lima'] },
      { name: 'name', check: 'none', why: 'about 100.0 % of its rows would have a text that was not seen' },
      { name: 'mail', check: 'none', why: 'its texts look like personal data or secrets' },
      { name: 'text', check: 'none', why: 'it has long texts' },
      { name: 'member', check: 'boolean' },
      { name: 'bad', check: 'none', why: 'it has no finite number' },
    ]);
  });

  it('leaves out what callers do not send', async () => {
    const learned = await learnFromTable(table, { sha256: digest, ignore: ['bad', 'name', 'mail', 'text', 'city'] });
    expect('columns' in learned && learned.columns.map(({ name }) => name)).toEqual(['age', 'member']);
    await expect(learnFromTable(table, { sha256: digest, ignore: ['label'] })).rejects.toMatchObject({
      code: 'LEARN_COLUMN',
    });
  });

  it('takes one range of all numbers of an array', async () => {
    const pixels = { c0: [0, 12, NaN], c1: [255, -3, Infinity], c2: [1, undefined, 1] };
    const learned = await learnFromTable(memoryTable(pixels, 'npy'), { sha256: digest, margin: 0 });
    expect(learned).toMatchObject({ rows: 3, margin: 0, tensor: { elements: 3, minimum: -3, maximum: 255 } });
    const byColumn = await learnFromTable(memoryTable(pixels, 'npy'), { sha256: digest, as: 'columns' });
    expect(byColumn).toHaveProperty('columns');
    const asked = await learnFromTable(memoryTable({ a: [1], b: [2] }), { sha256: digest, as: 'tensor' });
    expect(asked).toMatchObject({ tensor: { elements: 2, minimum: 1, maximum: 2 } });
    expect(await learnFromTable(memoryTable({ a: [1] }, 'npy'), { sha256: digest })).toHaveProperty('columns');
  });

  it('refuses what has nothing to learn', async () => {
    const learn = (columns: object, as: 'tensor' | 'columns'): Promise<unknown> =>
      learnFromTable(memoryTable(columns as Record<string, number[]>), { sha256: digest, as });
    await expect(learn({ a: [] }, 'columns')).rejects.toMatchObject({ code: 'LEARN_EMPTY' });
    await expect(learn({ a: [NaN] }, 'tensor')).rejects.toMatchObject({ code: 'LEARN_EMPTY' });
    await expect(learn({ a: ['x'] }, 'tensor')).rejects.toMatchObject({ code: 'LEARN_TEXTS' });
  });
});

describe('the file', () => {
  it('says the same when it is read again, whole numbers beyond 2^53 too', async () => {
    const learned = await learnFromTable(memoryTable({ a: [1e20, -1e300, 0.1], b: [5e-324, 1, 2] }), {
      sha256: digest,
    });
    const bytes = rangesBytes(learned);
    expect(readLearned(bytes)).toEqual(learned);
    expect(rangesBytes(readLearned(bytes))).toEqual(bytes);
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.string(), (value, name) => {
        const column = { name: name.toWellFormed(), check: 'number', minimum: value + 0, maximum: value + 0 } as const;
        const one: GatewayRanges = { ...learned, columns: [column] };
        expect(readLearned(rangesBytes(one))).toEqual(one);
      }),
    );
  });

  it('may be a profile instead', () => {
    const builder = new ProfileBuilder([{ name: 'age', type: 'number' }]);
    builder.add({ rows: 2, columns: [{ type: 'number', values: Float64Array.of(3, 5), missing: undefined }] });
    const bytes = profileBytes(builder.finish());
    expect(readLearned(bytes)).toMatchObject({
      source: { kind: 'profile', sha256: sha256(bytes) },
      rows: 2,
      margin: 0.1,
      columns: [{ name: 'age', check: 'number', minimum: 3, maximum: 5 }],
    });
  });

  const good = {
    schema: 'vallum/gateway-ranges/v1',
    source: { kind: 'table', sha256: digest },
    rows: 10,
    margin: 0.1,
    columns: [{ name: 'a', check: 'number', minimum: 0, maximum: 1 }],
  };
  it.each<readonly [string, object]>([
    ['another schema', { ...good, schema: 'vallum/gateway-ranges/v2' }],
    ['a field that nobody knows', { ...good, extra: 1 }],
    ['both columns and a tensor', { ...good, tensor: { elements: 1, minimum: 0, maximum: 1 } }],
    ['neither', { ...good, columns: undefined }],
    ['no columns', { ...good, columns: [] }],
    ['a column twice', { ...good, columns: [good.columns[0], good.columns[0]] }],
    ['crossed bounds', { ...good, columns: [{ name: 'a', check: 'number', minimum: 2, maximum: 1 }] }],
    ['a bound missing', { ...good, columns: [{ name: 'a', check: 'number', minimum: 2 }] }],
    ['a bound that is no number', { ...good, columns: [{ name: 'a', check: 'number', minimum: 'x', maximum: 1 }] }],
    ['a bound too large', { ...good, columns: [{ name: 'a', check: 'number', minimum: 0, maximum: '9'.repeat(310) }] }],
    ['no categories', { ...good, columns: [{ name: 'a', check: 'categories', categories: [] }] }],
    ['a check that nobody knows', { ...good, columns: [{ name: 'a', check: 'maybe' }] }],
    ['no rows', { ...good, rows: 0 }],
    ['a margin below zero', { ...good, margin: -1 }],
    ['no digest', { ...good, source: { kind: 'table', sha256: 'abc' } }],
    ['a crossed tensor', { ...good, columns: undefined, tensor: { elements: 1, minimum: 1, maximum: 0 } }],
    ['a list', [good]],
  ])('with %s is refused', (_, value) => {
    expect(readLearned(Buffer.from(JSON.stringify(good))).rows).toBe(10);
    const read = (): unknown => readLearned(Buffer.from(JSON.stringify(value as JsonValue)));
    expect(read).toThrow(expect.objectContaining({ code: 'RANGES_INVALID' }) as Error);
  });

  it('that is no JSON is refused, and any bytes give an error with a code', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        expect(() => readLearned(bytes)).toThrow(
          expect.objectContaining({ code: expect.any(String) as string }) as Error,
        );
      }),
    );
  });
});

describe('widen', () => {
  it('adds the margin at each end and stays finite', () => {
    expect(widen(0, 10, 0.1)).toEqual({ low: -1, high: 11 });
    expect(widen(5, 5, 0.1)).toEqual({ low: 5, high: 5 });
    expect(widen(0, 10, 0)).toEqual({ low: 0, high: 10 });
    expect(widen(-1e308, 1e308, 0.1)).toEqual({ low: -Number.MAX_VALUE, high: Number.MAX_VALUE });
  });
});
