// Expressions: precedence, types, three-valued logic, bounds, and no way out of the language.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VallumError } from '@vallum/core';
import type { Values } from '@vallum/formats';
import { memoryTable } from '../../tables/testing/memory-table.js';
import type { ValueType } from './ast.js';
import { compileExpression } from './evaluate.js';
import { parseExpression } from './parse.js';

const names = ['n', 'm', 't', 'b', 'd'];
const types: Readonly<Record<string, ValueType>> = { n: 'number', m: 'number', t: 'text', b: 'boolean', d: 'time' };

async function batchOf(row: { n?: number; m?: number; t?: string; b?: boolean; d?: Date }): Promise<readonly Values[]> {
  const columns = Object.fromEntries(names.map((name) => [name, [row[name as keyof typeof row] ?? null]]));
  const table = memoryTable(columns, { types: { n: 'number', m: 'number', t: 'text', b: 'boolean', d: 'time' } });
  for await (const batch of table.batches()) return batch.columns;
  return [];
}

async function value(text: string, row: Parameters<typeof batchOf>[0]): Promise<unknown> {
  const tree = parseExpression(text, (name) => types[name]);
  return compileExpression(tree, (name) => names.indexOf(name))(await batchOf(row), 0);
}

const refusal = (text: string): string => {
  try {
    parseExpression(text, (name) => (Object.hasOwn(types, name) ? types[name] : undefined));
    return 'read';
  } catch (error) {
    return error instanceof VallumError ? `${error.code}: ${error.message}` : `other: ${String(error)}`;
  }
};

describe('expressions', () => {
  it.each([
    ['n + m * 2 == 7', { n: 1, m: 3 }, true],
    ['(n + m) * 2 == 8', { n: 1, m: 3 }, true],
    ['n - m - 1 == -3', { n: 1, m: 3 }, true],
    ['-n < 0 and not (m < 0)', { n: 1, m: 3 }, true],
    ['n in (1, -2, 3)', { n: -2 }, true],
    ['t not in ("a", \'b\')', { t: 'c' }, true],
    ['lower(t) == "abc" and length(t) == 3', { t: 'ABC' }, true],
    ['length(t) == 2', { t: '😀é' }, true],
    ["t == 'it''s'", { t: "it's" }, true],
    ['b == true or n > 5', { b: false, n: 6 }, true],
    ["d >= time('2020-01-01') and d - time('2020-01-01') <= 1", { d: new Date('2020-01-01T12:00:00Z') }, true],
    ["d < time('1899-12-31')", { d: new Date('1850-05-05') }, true],
    ["matches(t, '[a-z]+')", { t: 'abc' }, true],
    ['abs(n) % 2 == 1', { n: -3 }, true],
    ['`n` == 1', { n: 1 }, true],
    // Missing values: unknown, unless the answer does not depend on them.
    ['n > 1', {}, null],
    ['not (n > 1)', {}, null],
    ['n > 1 and m > 1', { m: 0 }, false],
    ['n > 1 or m > 1', { m: 2 }, true],
    ['n > 1 or m > 1', { m: 0 }, null],
    ['n is null', {}, true],
    ['n is not null', {}, false],
    ['n in (1)', {}, null],
    // What has no meaning is unknown too.
    ['n / m > 1', { n: 1, m: 0 }, null],
    ['n > 1', { n: NaN }, null],
    ['n > 1', { n: Infinity }, true],
    ['n - n == 0', { n: Infinity }, null],
  ])('%s for %j is %s', async (text, row, expected) => {
    expect(await value(text, row)).toBe(expected);
  });

  it.each([
    ['n', 'gives a number'],
    ['n == t', 'a number is compared with a text'],
    ['t + 1 > 2', 'a text stands where a number'],
    ['n and b', 'a number stands where a boolean'],
    ['x > 1', 'there is no column "x"'],
    ['constructor == 1', 'there is no column'],
    ['__proto__ == 1', 'there is no column'],
    ['toString(t) == "a"', 'there is no function'],
    ['eval(t) == "a"', 'there is no function'],
    ['n == 1; n', 'it holds ";"'],
    ['n in (1, "a")', 'a number is looked for'],
    ['n in (m)', 'plain values only'],
    ['b < true', 'have no order'],
    ["time('2020-13-01') == d", 'a time is written'],
    ["time('yesterday') == d", 'a time is written'],
    ['n == 1e999', 'too large'],
    ["t == 'a", 'quotation mark'],
    ['', 'does not fit'],
    ['n == ', 'does not fit'],
    ['matches(t, t)', 'a pattern in quotation marks'],
    ["matches(t, '(?=a)')", 'DATA_PATTERN'],
    [`${'('.repeat(100)}n == 1${')'.repeat(100)}`, 'nested deeper'],
    [`${'not '.repeat(100)}b`, 'nested deeper'],
    [`${'-'.repeat(100)}n == 1`, 'nested deeper'],
    [`n == ${'1+'.repeat(1500)}1`, 'more than 1000 parts'],
    ['n'.repeat(5000), 'more than 4000 characters'],
  ])('refuses %s', (text, why) => {
    expect(refusal(text)).toContain(why);
  });

  it('holds for long chains without running out of stack', async () => {
    expect(await value(`n == ${'0+'.repeat(480)}1`, { n: 1 })).toBe(true);
  });

  it('reads or refuses anything', () => {
    const word = fc.constantFrom(
      'n',
      't',
      'b',
      'd',
      '(',
      ')',
      'and',
      'or',
      'not',
      'is',
      'null',
      'in',
      ',',
      '1',
      '"x"',
      '==',
      '<',
      '-',
      '`',
      'length',
      'matches',
      'time',
    );
    const text = fc.oneof(
      fc.string({ maxLength: 40 }),
      fc.array(word, { maxLength: 15 }).map((words) => words.join(' ')),
    );
    fc.assert(
      fc.property(text, (each) => /^read$|^DATA_/.test(refusal(each))),
      { numRuns: 3000 },
    );
  });

  it('agrees with plain arithmetic', async () => {
    const number = fc.integer({ min: -1000, max: 1000 });
    await fc.assert(
      fc.asyncProperty(number, number, async (n, m) => {
        expect(await value('n * m - (n - m) >= n + m', { n, m })).toBe(n * m - (n - m) >= n + m);
      }),
      { numRuns: 50 },
    );
  });
});
