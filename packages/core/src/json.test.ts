// Strict JSON: what two readers could understand in two ways is refused.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseJsonStrict } from './json.js';

describe('parseJsonStrict', () => {
  test('reads what JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const text = JSON.stringify(value);
        // Integers beyond 2^53 are refused on purpose; everything else comes back as it was.
        fc.pre(!/(?<![.eE\d])\d{16,}(?![.\d]*e)/.test(text));
        expect(parseJsonStrict(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  test('never accepts a text that JSON.parse refuses', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'{}[]":,0123456789.eE+-truefalsn \\u\n') }), (text) => {
        try {
          parseJsonStrict(text);
        } catch {
          return;
        }
        JSON.parse(text);
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ['a duplicate key', '{"a":1,"a":2}', 'stands twice'],
    ['a duplicate key written with an escape', '{"a":1,"\\u0061":2}', 'stands twice'],
    ['an integer beyond 2^53', '9007199254740993', 'too large'],
    ['a number that overflows', '1e999', 'too large'],
    ['half a surrogate pair', '"\\ud800"', 'surrogate'],
    ['a byte-order mark', '\ufeff{}', 'missing or broken'],
    ['a trailing value', '{} {}', 'follows'],
    ['a trailing comma', '[1,]', 'missing or broken'],
    ['a raw line break in a string', '"a\nb"', 'broken'],
    ['deep nesting', '['.repeat(100) + ']'.repeat(100), 'nested deeper'],
  ])('refuses %s', (_what, text, why) => {
    expect(() => parseJsonStrict(text)).toThrow(why);
  });

  test('refuses bytes that are not UTF-8 and documents over the limit', () => {
    expect(() => parseJsonStrict(Uint8Array.of(0x22, 0xff, 0x22))).toThrow('not UTF-8');
    expect(() => parseJsonStrict('"aaaa"', { maxBytes: 5 })).toThrow('more than the 5');
  });

  test('a key named __proto__ stays a key', () => {
    const value = parseJsonStrict('{"__proto__":{"polluted":true}}');
    expect(Object.keys(value as object)).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});
