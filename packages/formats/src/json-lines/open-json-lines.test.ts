import { VallumError } from '@vallum/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesSource } from '../bytes/parser.js';
import type { Table } from '../table/table.js';
import { contractFaults, readColumns } from '../table/testing/contract.js';
import type { JsonTableOptions } from './open-json-lines.js';
import { openJsonLines } from './open-json-lines.js';

const open = (text: string | Uint8Array, options: JsonTableOptions = {}): Promise<Table> =>
  openJsonLines(bytesSource(Buffer.from(text)), options);

async function columns(text: string, options: JsonTableOptions = {}): Promise<Record<string, unknown>> {
  return Object.fromEntries(await readColumns(await open(text, options)));
}

async function refusal(text: string | Uint8Array, options: JsonTableOptions = {}): Promise<string> {
  try {
    await readColumns(await open(text, options));
  } catch (error) {
    if (error instanceof VallumError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'nothing was refused';
}

const noted = async (text: string): Promise<unknown> =>
  (await open(text)).notes.map(({ code, column, count }) => [code, column, count]);

describe('openJsonLines', () => {
  it('refuses keys that grow with the rows', async () => {
    const text = Array.from({ length: 10_001 }, (_, row) => `{"k${row}":1}`).join('\n');
    expect(await refusal(text)).toContain('TABLE_LIMIT: it has more than 10000 different keys');
    const sparse = `${Array.from({ length: 5000 }, (_, row) => `{"k${row}":1}`).join('\n')}\n${'{}\n'.repeat(196_000)}`;
    expect(await refusal(sparse)).toContain('lack more than 1000000000 of the values');
  });

  it('reads different keys, nested objects and arrays', async () => {
    const text =
      '{"n":1,"a":{"b":{"c":"x"}},"l":[1,"y"]}\n{"n":-2.5e3,"t":"1850-01-01","e":{}}\r\n{"ok":true,"n":null,"t":"2001-02-03T04:05Z"}\n';
    const table = await open(text);
    expect(table.columns.map(({ name, type }) => [name, type])).toEqual([
      ['n', 'number'],
      ['a.b.c', 'text'],
      ['l', 'text'],
      ['t', 'time'],
      ['e', 'text'],
      ['ok', 'boolean'],
    ]);
    expect(Object.fromEntries(await readColumns(table))).toEqual({
      n: [1, -2500, null],
      'a.b.c': ['x', null, null],
      l: ['[1,"y"]', null, null],
      t: [null, Date.parse('1850-01-01'), Date.parse('2001-02-03T04:05Z')],
      e: [null, '{}', null],
      ok: [null, null, 1],
    });
  });

  it('reads one array of objects just so', async () => {
    const rows = [{ a: 1, s: '}]"\\' }, { a: 2, s: 'é[{' }, {}];
    const lines = await columns(rows.map((row) => JSON.stringify(row)).join('\n'));
    for (const space of [undefined, 2])
      expect(await columns(JSON.stringify(rows, null, space), { layout: 'array' })).toEqual(lines);
    expect((await open(' [ ] ', { layout: 'array' })).rows).toBe(0);
  });

  it('keeps to the types of JSON: digits in quotes are text, and so is a column of both', async () => {
    expect(await columns('{"a":"1","b":1}\n{"a":"2","b":"x"}\n')).toEqual({ a: ['1', '2'], b: ['1', 'x'] });
    expect(await noted('{"a":1}\n{"a":"x"}\n{"a":2}\n')).toEqual([['mixed-types', 'a', 1]]);
    expect(await noted('{"a":1}\n{"b":1}\n')).toEqual([
      ['absent-keys', 'a', 1],
      ['absent-keys', 'b', 1],
    ]);
  });

  it('counts integers that a double does not hold, in the column they stand in', async () => {
    expect(await noted('{"a":9007199254740993,"b":1}\n{"a":9007199254740992,"b":1e300}\n')).toEqual([
      ['integers-rounded', 'a', 1],
    ]);
  });

  it('is not led astray by names of the prototype', async () => {
    expect(await columns('{"__proto__":1,"constructor":{"name":"x"}}\n')).toEqual({
      ['__proto__']: [1],
      'constructor.name': ['x'],
    });
  });

  it.each([
    ['{"a":1}\n{"a":1,"a":2}\n', 'TABLE_JSON: line 2 is refused: the key "a" stands twice'],
    ['{"a":1}\n{"a.b":1,"a":{"b":2}}\n', 'TABLE_JSON: line 2 is refused: two of its values are the column "a.b"'],
    ['{"a":1}\n\n[1]\n', 'TABLE_JSON: line 3 is refused: it is no object'],
    ['{"a":1}\n{"a":', 'TABLE_JSON: line 2 is refused: it is not JSON'],
    ['{"a":1e999}\n', 'TABLE_JSON: line 1 is refused: a number is too large'],
    [`${'{"a":'.repeat(40)}1${'}'.repeat(40)}\n`, 'TABLE_JSON: line 1 is refused: it is nested deeper'],
  ])('refuses %j', async (text, message) => {
    expect(await refusal(text)).toContain(message);
  });

  it.each([
    ['[{"a":1}', 'does not end'],
    ['[{"a":1},{"a":', 'row 2 does not end'],
    ['[{"a":1} {"a":2}]', 'a comma is missing behind row 1'],
    ['[{"a":1},]', 'row 2 is no object'],
    ['[1]', 'row 1 is no object'],
    ['[{"a":1}]x', 'behind the array'],
    ['[{"a":}]', 'row 1 is refused: it is not JSON'],
  ])('refuses the array %j', async (text, message) => {
    expect(await refusal(text, { layout: 'array' })).toContain(message);
  });

  it('bounds columns and rows', async () => {
    expect(await refusal('{"a":1,"b":2}\n', { limits: { maxColumns: 1 } })).toContain('TABLE_LIMIT');
    expect(await refusal(`{"a":"${'x'.repeat(3_000_000)}"`, { limits: { maxRowBytes: 1_000_000 } })).toContain(
      'TABLE_LIMIT',
    );
  });

  it('keeps the contract of tables over several batches, wherever the pieces are cut', async () => {
    const rows = Array.from({ length: 70_000 }, (_, row) => ({
      n: row / 3,
      ...(row % 5 === 0 ? {} : { s: `w${row % 50}` }),
      b: row % 2 === 0,
    }));
    const lines = Buffer.from(rows.map((row) => JSON.stringify(row)).join('\n'));
    expect(await contractFaults(() => openJsonLines(bytesSource(lines)))).toEqual([]);
    const text = Buffer.from(' [ {"a":"}é\\"{"} ,\n{"a":"x","b":[1,{}]}] ');
    for (let size = 1; size < 9; size++) {
      const source = { size: text.length, read: async (offset: number) => text.subarray(offset, offset + size) };
      expect(Object.fromEntries(await readColumns(await openJsonLines(source, { layout: 'array' })))).toEqual({
        a: ['}é"{', 'x'],
        b: [null, '[1,{}]'],
      });
    }
  });

  it('ends in values or in a TABLE_ error for any bytes', async () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      '"',
      ':',
      ',',
      '\\',
      '\n',
      ' ',
      '1',
      '-',
      'e9',
      '"a"',
      '"b":',
      'true',
      'null',
      '{"a":1}',
      '\0',
      '\ud800',
      '{"a":{"b":[]}}',
    );
    const input = fc.oneof(
      fc.array(piece, { maxLength: 30 }).map((parts) => Buffer.from(parts.join(''))),
      fc.uint8Array({ maxLength: 100 }),
    );
    await fc.assert(
      fc.asyncProperty(input, fc.constantFrom('lines' as const, 'array' as const), async (bytes, layout) => {
        expect(await refusal(bytes, { layout })).toMatch(/^(?:TABLE_|nothing)/);
      }),
      { numRuns: 2000 },
    );
  });
});
