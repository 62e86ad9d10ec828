// Patterns: the same answers as the language's own engine where both can answer, and linear time where that one has none.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VallumError } from '@vallum/core';
import { compilePattern, MAX_MATCHED } from './pattern.js';

const code = (pattern: string): string => {
  try {
    compilePattern(pattern);
    return 'read';
  } catch (error) {
    return error instanceof VallumError ? error.code : 'other';
  }
};

describe('patterns', () => {
  it.each([
    ['[A-Z]{3}-\\d{4}', 'ABC-1234', true],
    ['[A-Z]{3}-\\d{4}', 'ABC-12345', false],
    ['(?:ham|spam)', 'spam', true],
    ['(?:ham|spam)', 'spams', false],
    ['a*', '', true],
    ['.+', 'a\nb', false],
    ['[^@]+@[^@]+', 'a@b', true],
    ['\\w+(\\.\\w+)*', 'a.b.c', true],
    ['😀{2}', '😀😀', true],
    ['[\\-\\]]+', '-]', true],
    ['x{0}', '', true],
    ['|a', '', true],
  ])('%s on %s: %s', (pattern, text, expected) => {
    expect(compilePattern(pattern).test(text)).toBe(expected);
  });

  it.each(['(?=a)', '(?<n>a)', '\\1', '[b-a]', '(', ')', 'a{2,1}', '^a$', '*', '[', '\\', '\\p{L}', 'a{1001}', 'a**{'])(
    'refuses %s',
    (pattern) => expect(code(pattern)).toBe('DATA_PATTERN'),
  );

  it('refuses what unfolds to millions of states', () => {
    expect(code('((a{1000}){1000}){1000}')).toBe('DATA_PATTERN');
    expect(code('('.repeat(400) + ')'.repeat(400))).toBe('DATA_PATTERN');
  });

  it('takes linear time where a backtracking engine takes forever', () => {
    // 2^40 ways to split the text for an engine that tries them all.
    expect(compilePattern('(a|a)*b').test('a'.repeat(40_000))).toBe(false);
    expect(compilePattern('(a*)*(a*)*c').test('a'.repeat(40_000))).toBe(false);
    expect(compilePattern('(x+x+)+y').test('x'.repeat(40_000))).toBe(false);
  });

  it('does not say no about a text that it did not read', () => {
    expect(compilePattern('a*').test('a'.repeat(MAX_MATCHED + 1))).toBeUndefined();
  });

  it('answers as the own engine of the language does, for patterns that both read', () => {
    const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\d', '\\w', '(a|b)', '(?:ab)*', 'é', '[a-c]');
    const part = fc
      .tuple(atom, fc.constantFrom('', '*', '+', '?', '{2}', '{1,3}'))
      .map(([a, b]) => (a.endsWith('*') ? a : a + b));
    const pattern = fc.array(part, { maxLength: 6 }).map((parts) => parts.join(''));
    const text = fc
      .array(fc.constantFrom('a', 'b', 'c', '1', 'é', '\n', ' '), { maxLength: 8 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(pattern, fc.array(text, { minLength: 1, maxLength: 5 }), (source, texts) => {
        const own = new RegExp(`^(?:${source})$`, 'u');
        const ours = compilePattern(source);
        // The own "." excludes further line ends, which are not among these texts.
        for (const each of texts) expect([source, each, ours.test(each)]).toEqual([source, each, own.test(each)]);
      }),
      { numRuns: 500 },
    );
  });

  it('reads or refuses anything', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (source) => ['read', 'DATA_PATTERN'].includes(code(source))),
      { numRuns: 2000 },
    );
  });
});
