// Strict JSON: what two readers could understand in two ways is refused.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseJsonStrict } from './json.js';

function outcome(work: () => unknown): { readonly value: unknown } | { readonly error: string } {
  try {
    return { value: work() };
  } catch (error) {
    return { error: (error as Error).message };
  }
}

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

  test('reads what JSON.parse reads, as it does, but for what it refuses by name', () => {
    const pieces = [
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '"a"',
      '"\\u0062"',
      '"\\ud83d\\ude00"',
      '\\',
      '\\"',
      'true',
      'null',
    ];
    const numbers = ['0', '-', '1', '12', '.5', '.', 'e', 'E+3', 'e-', '01', '9007199254740993'];
    const text = fc.array(fc.constantFrom(...pieces, ...numbers, ' ', '\n', '\t', '\r', '\f', 'x', 'é'), {
      maxLength: 12,
    });
    const broken = fc
      .tuple(fc.json(), fc.nat(), fc.constantFrom(...pieces, ...numbers, ''))
      .map(([json, at, piece]) => {
        const cut = at % (json.length + 1);
        return json.slice(0, cut) + piece + json.slice(cut + 1);
      });
    const named = /stands twice|surrogate|too large/;
    fc.assert(
      fc.property(
        fc.oneof(
          text.map((parts) => parts.join('')),
          broken,
        ),
        (json) => {
          const [strict, loose] = [parseJsonStrict, JSON.parse].map((parse) => outcome(() => parse(json)));
          if (loose !== undefined && 'error' in loose) expect(strict).toHaveProperty('error');
          else if (strict !== undefined && 'error' in strict) expect(strict.error).toMatch(named);
          else expect(strict).toEqual(loose);
        },
      ),
      { numRuns: 10_000 },
    );
  });

  test('strings, numbers and white space as long as a document may be', () => {
    const long = { maxBytes: 64 * 1024 * 1024 };
    const letters = 'a"\\é'.repeat(4 * 1024 * 1024);
    for (const value of ['a'.repeat(40 * 1024 * 1024), letters, { [letters]: 1 }])
      expect(
        Buffer.from(JSON.stringify(parseJsonStrict(JSON.stringify(value), long))).equals(
          Buffer.from(JSON.stringify(value)),
        ),
      ).toBe(true);
    expect(parseJsonStrict(`${' '.repeat(10_000_000)}0.${'1'.repeat(10_000_000)}`, long)).toBeCloseTo(1 / 9);
    expect(() => parseJsonStrict(`"${'a'.repeat(10_000_000)}`)).toThrow('broken');
    expect(() => parseJsonStrict(`"${'\\"'.repeat(5_000_000)}`)).toThrow('broken');
    expect(() => parseJsonStrict('1'.repeat(10_000_000))).toThrow('too large');
  });

  test('a limit on values counts those in others, empty ones and the document itself', () => {
    const text = '[[],{},{"a":1,"b":[null,"x"]}]';
    expect(parseJsonStrict(text, { maxValues: 8 })).toEqual(JSON.parse(text));
    expect(() => parseJsonStrict(text, { maxValues: 7 })).toThrow('more than 7 values');
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
