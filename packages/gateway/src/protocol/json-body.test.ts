// Strict JSON: what is refused, and that what passes means the same to JSON.parse and to the strict reader of core.
import { parseJsonStrict } from '@vallum/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRefusal } from '../door/refusal.js';
import { readJson } from './json-body.js';
import { accepted, json, refusal } from './testing/bodies.js';

const BOUNDS = { maxDepth: 8, maxElements: 100 };
const read = (text: string | Buffer): unknown => readJson(Buffer.from(text as string), BOUNDS, 'bad-input');

function strictly(text: string): unknown {
  try {
    return parseJsonStrict(text, { maxDepth: BOUNDS.maxDepth });
  } catch {
    return 'refused';
  }
}

describe('readJson', () => {
  it('reads what JSON.parse reads', () => {
    const value = { a: [1, -2.5, 1e3, true, null], ключ: 'text \u{1f600} "quoted" \\', b: {} };
    expect(read(JSON.stringify(value))).toEqual(value);
  });

  it.each([
    ['duplicate keys', '{"a":1,"a":2}', 'a key stands twice'],
    ['duplicate keys under an escape', String.raw`{"a":1,"\u0061":2}`, 'a key stands twice'],
    ['duplicate keys deep inside', '{"x":[{"a":1,"b":{},"a":2}]}', 'a key stands twice'],
    ['a key of prototypes', '{"__proto__":{"x":1}}', '__proto__'],
    ['that key under an escape', String.raw`{"\u005f_proto__":1}`, '__proto__'],
    ['a large integer', '{"id":9007199254740993}', 'too large for a double'],
    ['a large negative integer', '[-9007199254740993]', 'too large for a double'],
    ['half a surrogate pair', String.raw`["\ud83d"]`, 'half of a surrogate pair'],
    ['half a surrogate pair in capitals', String.raw`["\uDE00"]`, 'half of a surrogate pair'],
    ['half a surrogate pair in a key', String.raw`{"\ud83d":1}`, 'half of a surrogate pair'],
    ['depth', '['.repeat(9) + ']'.repeat(9), 'nested deeper than 8'],
    ['NaN', '[NaN]', 'no JSON'],
    ['Infinity', '[-Infinity]', 'no JSON'],
    ['a comment', '[1]//', 'no JSON'],
    ['a trailing comma', '[1,]', 'no JSON'],
    ['a byte-order mark', '\ufeff[1]', 'no JSON'],
    ['two values', '{}{}', 'no JSON'],
    ['nothing', '', 'no JSON'],
  ])('refuses %s', (_name, text, reason) => {
    expect(refusal(read(text))).toContain(reason);
  });

  it('takes whole surrogate pairs, and integers that a double holds', () => {
    expect(read(String.raw`["\ud83d\ude00", 9007199254740991]`)).toEqual(['\u{1f600}', 9007199254740991]);
  });

  it('refuses bytes that are no UTF-8', () => {
    expect(refusal(read(Buffer.from([0x22, 0xc0, 0xaf, 0x22])))).toContain('not UTF-8');
  });

  it('bounds values before it builds them', () => {
    expect(refusal(read(`[${'1,'.repeat(5_000)}1]`))).toMatch(/^too-large: .* values$/);
    expect(refusal(read(`[${'[],'.repeat(4_195)}[]]`))).toContain('arrays and objects');
    expect(refusal(read('['.repeat(100_000)))).toContain('nested deeper');
  });

  it('never quotes the body in a reason', () => {
    expect(refusal(read('{"secret":sk-live-1234}'))).not.toContain('sk-live');
  });

  it('agrees with the strict reader of core on every JSON value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const text = JSON.stringify(value);
        const ours = read(text);
        if (text.includes('__proto__')) return;
        expect(isRefusal(ours) ? 'refused' : ours).toEqual(strictly(text));
      }),
      { numRuns: 300 },
    );
  });

  it('accepts no more than the strict reader when bytes are changed', () => {
    const clean = json({ id: '1', inputs: [{ name: 'a\u00e9', shape: [1, 2], data: [1.5, -2] }], x: { y: null } });
    fc.assert(
      fc.property(fc.nat(clean.length - 1), fc.nat(255), fc.boolean(), (at, byte, isCut) => {
        const bytes = isCut ? clean.subarray(0, at) : Buffer.from(clean);
        if (!isCut) bytes[at] = byte;
        const ours = readJson(bytes, BOUNDS, 'bad-input');
        if (isRefusal(ours)) return;
        expect(parseJsonStrict(bytes)).toEqual(accepted(ours));
      }),
      { numRuns: 1_000 },
    );
  });
});
