import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readJsonc } from './read-jsonc.js';

describe('readJsonc', () => {
  it('takes comments, commas and quotes as editors do', () => {
    const text = `// a\n{ "a": [1, 2,], /* b */ 'c': "x//y\\u0041", d: true, }`;
    expect(readJsonc(text)).toMatchObject({ value: { a: [1, 2], c: 'x//yA', d: true }, loose: true });
    expect(readJsonc('\uFEFF{"a": null}')).toEqual({ value: { a: null }, hidden: [], loose: false });
  });

  it('keeps both values of a key that stands twice', () => {
    expect(readJsonc('{"a": 1, "a": 2}')).toMatchObject({ value: { a: 2 }, hidden: [{ a: 1 }] });
  });

  it.each(['{', '{"a" 1}', '[1 2]', '"a', '{} x', '', `${'['.repeat(200)}`])('names what is broken in %j', (text) => {
    expect(readJsonc(text)).toMatchObject({ problem: expect.any(String) as string });
  });

  it('reads JSON as JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        expect(readJsonc(JSON.stringify(value)).value).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('answers for any text', () => {
    const piece = fc.constantFrom('{', '}', '[', ']', ':', ',', '"', "'", 'a', '1', '//', '/*', '*/', '\n', '\\');
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 40 }),
        (parts) => void expect(readJsonc(parts.join('')).hidden).toBeInstanceOf(Array),
      ),
      { numRuns: 1000 },
    );
  });
});
