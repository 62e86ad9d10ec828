// UBJSON as XGBoost writes it, and counts that announce more than there is.
import { describe, expect, it } from 'vitest';
import { parseBytes } from '../bytes/parser.js';
import { ubjson } from '../testing/index.js';
import type { NumberRun, UbjsonReport } from './read-ubjson.js';
import { looksLikeUbjson, readUbjson } from './read-ubjson.js';

const read = (hex: string): UbjsonReport => {
  const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  return parseBytes(readUbjson(bytes.length), bytes);
};

describe('readUbjson', () => {
  it('keeps integers and counts floats', () => {
    const bytes = ubjson({ a: [1, -2, 3], b: [0.5, 1.5], c: ['x', null, true, 7] });
    const { value } = parseBytes(readUbjson(bytes.length), bytes);
    const { a, b, c } = value as Record<string, NumberRun>;
    expect([a?.length, a?.at(1), a?.whole]).toEqual([3, -2, true]);
    expect([b?.length, b?.at(1), b?.whole]).toEqual([2, undefined, false]);
    expect(c).toEqual(['x', null, true, 7]);
    expect(parseBytes(looksLikeUbjson(bytes.length), bytes)).toBe(true);
  });

  it.each([
    ['7b 55 01 61 69 ff 55 01 62 54 7d', { a: -1, b: true }],
    ['7b 23 69 01 55 01 61 5a', { a: null }],
    ['7b 24 69 23 69 02 55 01 61 05 55 01 62 06', { a: 5, b: 6 }],
    ['5b 23 69 02 54 46', [true, false]],
    ['5b 4e 54 4e 5d', [true]],
    ['5b 24 54 23 69 03', [true, true, true]],
    ['53 69 02 6869', 'hi'],
  ])('reads %s', (hex, value) => {
    expect(read(hex)).toMatchObject({ value, end: hex.replaceAll(' ', '').length / 2 });
  });

  it.each([
    ['a list of 2^62 nulls', '5b 24 5a 23 4c 4000000000000000'],
    ['a list of 2^40 numbers', '5b 24 64 23 4c 0000010000000000 00000000'],
    ['an object of 2^31 entries', '7b 23 6c 7fffffff 55 01 61 5a'],
    ['a negative length', '53 69 80'],
    ['a length that is a text', '53 53 69 01 61'],
    ['a type without a count', '5b 24 69 05'],
    ['an unknown marker', '5b 00 5d'],
    ['a text beyond the end', '53 6c 00100000 61'],
  ])('refuses %s', (_, hex) => {
    expect(read(hex)).toMatchObject({ value: undefined, fault: expect.any(String) as string });
  });

  it('tells keys that stand twice, and keeps a prototype a key', () => {
    expect(read('7b 55 01 61 5a 55 01 61 54 7d').duplicates).toEqual(['a']);
    const { value } = read(`7b 55 09 ${Buffer.from('__proto__').toString('hex')} 54 7d`);
    expect(Object.keys(value as object)).toEqual(['__proto__']);
  });
});
