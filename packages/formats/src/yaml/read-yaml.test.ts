import { VallumError } from '@vallum/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { readYaml } from './read-yaml.js';

function refusal(text: string, limits = {}): string {
  try {
    readYaml(text, limits);
  } catch (error) {
    if (error instanceof VallumError && error.code === 'YAML_INVALID') return error.message;
    throw error;
  }
  throw new Error('nothing was refused');
}

/** Integers that a double cannot hold are refused, so that they are no part of the round trip. */
function safeNumber(_key: string, value: unknown): unknown {
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? 0 : value;
}

describe('readYaml', () => {
  it('reads what a person writes', () => {
    const text =
      'name: v1 # comment\nfeeds: [a, "b"]\nyes: no\nn: 12\nrate: 0.5\nday: 2026-01-31\nlong: |\n  !one\n  *two\nnone:\n';
    expect(readYaml(text)).toEqual({
      name: 'v1',
      feeds: ['a', 'b'],
      yes: 'no',
      n: 12,
      rate: 0.5,
      day: '2026-01-31',
      long: '!one\n*two\n',
      none: null,
    });
  });

  it('takes tags, aliases and directives inside a text for text', () => {
    expect(readYaml('--- |\n!one\n*two\n')).toBe('!one\n*two\n');
    expect(readYaml('a: "!x *y"\nb: x !y *z\n')).toEqual({ a: '!x *y', b: 'x !y *z' });
  });

  it('follows an alias', () => {
    expect(readYaml('a: &x [1, 2]\nb: *x\n')).toEqual({ a: [1, 2], b: [1, 2] });
  });

  it.each([
    ['a: 1\nb: 2\na: 3\n', /"a" stands twice \(line 3, column 1\)/],
    ['a:\n  - b: 1\n    b: 2\n', /"b" stands twice \(line 3, column 5\)/],
    ['a: 1\nb: !!js/function x\n', /tag "!!js\/function" is not allowed \(line 2, column 4\)/],
    ['a: !!str 1\n', /tag/],
    ['%YAML 1.1\n---\na: yes\n', /directive.*line 1, column 1/],
    ['%TAG ! tag:x:\n---\na: 1\n', /directive/],
    ['a: 1\n---\nb: 2\n', /document/],
    ['a: [1, 2\n', /line/],
    ['a: "x\n', /line/],
    ['\tb: 1\n', /line/],
    ['1: x\n', /key is not a string/],
    ['? [a]\n: 1\n', /key is not a string/],
    ['a: .nan\n', /not finite \(line 1, column 4\)/],
    ['a: 9007199254740993\n', /integer is too large/],
    ['a: *nothing\n', /line 1/],
    ['a: &x [*x]\n', /deeper/],
    ['a: "\ud800"\n', /surrogate/],
  ])('refuses %j', (text, message) => {
    expect(refusal(text)).toMatch(message);
  });

  it('bounds size, depth and aliases', () => {
    expect(refusal('a'.repeat(11), { maxBytes: 10 })).toMatch(/10 bytes/);
    expect(refusal('a: [[[1]]]', { maxDepth: 3 })).toMatch(/deeper than 3/);
    expect(refusal(`a: &x 1\nb: [${'*x,'.repeat(4)}]`, { maxAliases: 3 })).toMatch(/more than 3 aliases/);
  });

  it('stops a billion laughs early', () => {
    const layers = Array.from({ length: 9 }, (_, n) => `l${n + 1}: &l${n + 1} [${`*l${n},`.repeat(9)}]`);
    expect(refusal(`l0: &l0 lol\n${layers.join('\n')}\n`, { maxAliases: 1000 })).toMatch(/more than 100000 values/);
  });

  it('does not walk a large document again for every use of an alias', () => {
    const filler = `filler: [${'1,'.repeat(50_000)}]`;
    const layers = Array.from({ length: 9 }, (_, n) => `l${n + 1}: &l${n + 1} [${`*l${n},`.repeat(9)}]`);
    expect(refusal(`${filler}\nl0: &l0 lol\n${layers.join('\n')}\n`)).toMatch(/more than 100000 values/);
  });

  it.each(['[', '- ', '? ', 'a: ', '{a: ', '&a ', '"', '|\n', '!', '*a '])(
    'ends on a hundred thousand times %j',
    (piece) => {
      try {
        readYaml(piece.repeat(100_000 / piece.length));
      } catch (error) {
        expect(error).toBeInstanceOf(VallumError);
      }
    },
  );

  it('has time for twenty thousand keys', () => {
    const text = Array.from({ length: 20_000 }, (_, n) => `k${n}: ${n}\n`).join('');
    expect(Object.keys(readYaml(text) as object)).toHaveLength(20_000);
  });

  it('reads back any JSON value that a writer wrote', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const plain = JSON.parse(JSON.stringify(value, safeNumber)) as unknown;
        expect(readYaml(stringify(plain))).toEqual(plain);
      }),
      { numRuns: 300 },
    );
  });

  it('gives a value or a typed error for any text', () => {
    const pieces = fc.constantFrom(
      'a',
      ': ',
      '- ',
      '\n',
      ' ',
      '&a',
      '*a',
      '!t',
      '[',
      ']',
      '{',
      '}',
      ',',
      '"',
      "'",
      '|',
      '>',
      '#',
      '%',
      '---',
      '1',
      '?',
      '\t',
      '\0',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
        try {
          readYaml(parts.join(''));
        } catch (error) {
          expect(error).toBeInstanceOf(VallumError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
