import { parseJsonStrict, VallumError } from '@vallum/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readJsonLines } from './read-json-lines.js';
import { parseLine } from './strict-line.js';

const bytes = (text: string): Uint8Array => Buffer.from(text);

function refusal(input: Uint8Array, limits = {}): VallumError {
  try {
    Array.from(readJsonLines(input, limits));
  } catch (error) {
    if (error instanceof VallumError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

/** What core's slower reader says, as the same kind of value. */
function oracle(text: string): unknown {
  try {
    return { ok: true, value: parseJsonStrict(text, { maxDepth: 8 }) };
  } catch {
    return { ok: false };
  }
}

function ours(text: string): unknown {
  const result = parseLine(text, 8);
  return result.ok ? result : { ok: false };
}

/** JSON text with damage where the two readers could disagree. */
const damagedJson = fc
  .tuple(
    fc.json({ maxDepth: 12 }),
    fc.nat(),
    fc.constantFrom(
      '',
      '"',
      '\\',
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '1',
      '-',
      'e9',
      '9007199254740993',
      '1e999',
      '\\ud800',
      '\ud800',
      ' ',
      '\t',
      '\u0001',
      '"a":1,"a":2',
    ),
  )
  .map(([json, at, damage]) => {
    const cut = at % (json.length + 1);
    return json.slice(0, cut) + damage + json.slice(cut);
  });

describe('parseLine', () => {
  it('accepts and refuses exactly what parseJsonStrict does', () => {
    fc.assert(
      fc.property(damagedJson, (text) => {
        expect(ours(text)).toEqual(oracle(text));
      }),
      { numRuns: 3000 },
    );
  });

  it.each([
    '{"a":1,"a":2}',
    '{"a":1,"\\u0061":2}',
    '{"x":{"b":1,"c":[{"b":1,"b":1}]}}',
    '{"a":"\\ud800"}',
    '[9007199254740993]',
    '[1e400]',
    '[[[[[[[[[1]]]]]]]]]',
    '{"a":1}}',
    '{"__proto__":1,"__proto__":2}',
  ])('refuses %s', (text) => {
    expect(ours(text)).toEqual({ ok: false });
    expect(oracle(text)).toEqual({ ok: false });
  });

  it.each([
    '{"a":{"a":{"a":1}},"b":[{"a":1},{"a":1}]}',
    '{"a":"\\\\","b":"\\"}{"}',
    '[[[[[[[[[]]]]]]]]]',
    '{"a":"\\ud83d\\ude00"}',
  ])('accepts %s', (text) => {
    expect(ours(text)).toEqual({ ok: true, value: JSON.parse(text) as unknown });
    expect(oracle(text)).toEqual(ours(text));
  });
});

describe('readJsonLines', () => {
  it('numbers lines from 1, with and without a last line break, and takes CRLF', () => {
    expect([...readJsonLines(bytes('{"a":1}\n[2]'))]).toEqual([
      { line: 1, value: { a: 1 } },
      { line: 2, value: [2] },
    ]);
    expect([...readJsonLines(bytes('1\r\n2\r\n'))].map(({ value }) => value)).toEqual([1, 2]);
    expect([...readJsonLines(bytes(''))]).toEqual([]);
  });

  it.each([
    ['{"a":1}\n{"a":1,"a":2}\n', /line 2.*"a" stands twice/],
    ['1\n\n3\n', /line 2.*empty/],
    ['1\n2\n\ufeff3\n', /line 3/],
    ['{"a":1} {"a":2}\n', /line 1/],
  ])('names the line of %j', (text, message) => {
    const error = refusal(bytes(text));
    expect(error.code).toBe('JSONL_LINE');
    expect(error.message).toMatch(message);
  });

  it('refuses bytes that are not UTF-8', () => {
    expect(refusal(Buffer.from([0x22, 0xff, 0x22])).message).toMatch(/line 1.*UTF-8/);
  });

  it('bounds the whole, each line, the number of lines and the depth', () => {
    expect(refusal(bytes('1\n2\n'), { maxBytes: 3 }).code).toBe('JSONL_TOO_LARGE');
    expect(refusal(bytes('1\n"aaaaaaaa"\n'), { maxLineBytes: 5 }).message).toMatch(/line 2/);
    expect(refusal(bytes('1\n2\n3'), { maxLines: 2 }).code).toBe('JSONL_TOO_LARGE');
    expect(refusal(bytes('[[[1]]]'), { maxDepth: 2 }).message).toMatch(/deeper/);
    expect(refusal(bytes(`${'['.repeat(200_000)}`)).code).toBe('JSONL_LINE');
  });

  it('gives values or a typed error for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (input) => {
        try {
          for (const { line } of readJsonLines(input)) expect(line).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(VallumError);
        }
      }),
    );
  });
});
