import { VallumError } from '@vallum/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesSource } from '../bytes/parser.js';
import type { Table } from '../table/table.js';
import { contractFaults, readColumns } from '../table/testing/contract.js';
import type { CsvOptions } from './open-csv.js';
import { openCsv } from './open-csv.js';
import { sniffDelimiter } from './sniff-delimiter.js';

const open = (text: string | Uint8Array, options: CsvOptions = {}): Promise<Table> =>
  openCsv(bytesSource(typeof text === 'string' ? Buffer.from(text) : text), options);

async function columns(text: string | Uint8Array, options: CsvOptions = {}): Promise<Record<string, unknown>> {
  return Object.fromEntries(await readColumns(await open(text, options)));
}

const codes = async (text: string): Promise<string[]> => (await open(text)).notes.map(({ code }) => code);

async function refusal(text: string | Uint8Array, options: CsvOptions = {}): Promise<string> {
  try {
    await readColumns(await open(text, options));
  } catch (error) {
    if (error instanceof VallumError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'nothing was refused';
}

describe('openCsv', () => {
  it('reads numbers, times, booleans, texts and gaps', async () => {
    const text = 'n,t,b,s\r\n1.5,2001-02-03,true,"a ""b"", c"\r\n,,,\r\n-2e3,1850-01-01,FALSE,"line\nbreak"\r\n';
    const table = await open(text);
    expect(table.columns.map(({ type }) => type)).toEqual(['number', 'time', 'boolean', 'text']);
    expect(table.rows).toBe(3);
    expect(Object.fromEntries(await readColumns(table))).toEqual({
      n: [1.5, null, -2000],
      t: [Date.parse('2001-02-03'), null, Date.parse('1850-01-01')],
      b: [1, null, 0],
      s: ['a "b", c', null, 'line\nbreak'],
    });
    expect(table.notes).toEqual([]);
    expect(table.read).toBe(text.length);
  });

  it('takes quoted fields for texts among texts, and for gaps among numbers', async () => {
    expect(await columns('s,n\n"",""\n"NA","1"\nNA,NA\nx,2\n')).toEqual({
      s: ['', 'NA', null, 'x'],
      n: [null, 1, null, 2],
    });
    expect(await codes('s,n\n"",""\n"NA","1"\nNA,NA\nx,2\n')).toEqual(['missing-words', 'blank-missing']);
  });

  it('never takes a doubtful spelling for a number', async () => {
    for (const odd of ['inf', '-Infinity', '1e400', '0x1F', '1,5', '1_000', "1'000", '01/02/03', 'x']) {
      const text = `v;w\n1;1\n${odd};1\n3;1\n`;
      const table = await open(text);
      expect([odd, table.columns[0]?.type, table.notes[0]?.code, table.notes[0]?.count]).toEqual([
        odd,
        'text',
        'mixed-types',
        1,
      ]);
      expect((await columns(text))['v']).toEqual(['1', odd, '3']);
    }
  });

  it('decides a type from all values, down to the last', async () => {
    const text = `v\n${'1\n'.repeat(300_000)}oops at the end of the file\n`;
    const table = await open(text);
    expect(table.columns[0]?.type).toBe('text');
    expect(table.notes).toEqual([
      {
        code: 'mixed-types',
        column: 'v',
        count: 1,
        message: '300000 values are number, but 1 text (first "oo** ** *** *** …" in row 300001)',
      },
    ]);
  });

  it('notes what changes the meaning of a figure', async () => {
    expect(await codes('a\n9007199254740993\n')).toEqual(['integers-rounded']);
    expect(await codes('a\n007\n')).toEqual(['leading-zeros']);
    expect(await codes('a,b\n1,2\n\n3,4\n')).toEqual(['blank-lines']);
    expect(await codes('a,b\n1,x"y\n')).toEqual(['stray-quotes']);
    expect(await codes('a,b\r1,2\r')).toEqual(['lone-returns']);
    expect(await codes('a,b\n1,\n2,\n')).toEqual(['all-missing']);
    expect(await codes('1,2\n3,4\n')).toEqual(['header-numbers']);
    expect(await codes('a\n2001-01-01T00:00:00.0001Z\n2001-01-01\n')).toEqual(['times-rounded', 'times-without-zone']);
  });

  it('gives each column a name of its own', async () => {
    const table = await open('a,a,,a (2)\n1,2,3,4\n');
    expect(table.columns.map(({ name }) => name)).toEqual(['a', 'a (3)', 'column 3', 'a (2)']);
    expect(table.notes.map(({ code }) => code)).toEqual(['header-duplicate', 'header-empty']);
    expect((await open('1,x\n', { header: false })).columns.map(({ name }) => name)).toEqual(['column 1', 'column 2']);
  });

  it('reads one row, no rows, and a last line without an end', async () => {
    expect(await columns('a,b\n1,')).toEqual({ a: [1], b: [null] });
    const none = await open('a,b\n');
    expect([none.rows, none.columns.map(({ stored }) => stored)]).toEqual([0, ['empty', 'empty']]);
    expect(await columns('a\n\n1\n')).toEqual({ a: [null, 1] });
  });

  it.each([
    ['', 'TABLE_EMPTY'],
    ['\n\n', 'TABLE_EMPTY'],
    ['a,b\n1,2\n3\n', 'TABLE_RAGGED: line 3 has 1 fields and the first one 2'],
    ['a,b\n1,2\n3,4,5\n', 'TABLE_RAGGED: line 3 has 3 fields and the first one 2'],
    ['a,b\n"1\n1",2\n3', 'TABLE_RAGGED: line 4 has 1 fields and the first one 2; it is the last one and has no end'],
    ['a,b\n1,2\n3,"4\n5,6\n', 'TABLE_QUOTE: a quote in the row that begins in line 3 is not closed'],
    ['a,b\n1,"2"x\n', 'TABLE_QUOTE: line 2'],
    ['a,b\n1,2\n3,\0\n', 'TABLE_NUL: line 3'],
    ['a,b\n1,"x\0"\n', 'TABLE_NUL: line 2'],
  ])('refuses %j', async (text, message) => {
    expect(await refusal(text)).toContain(message);
  });

  it('refuses what is not UTF-8 with line and byte, and reads other encodings when they are named', async () => {
    const latin = Buffer.from('a,b\n1,x\n2,caf\xe9\n', 'latin1');
    expect(await refusal(latin)).toContain('TABLE_ENCODING: line 3 is not UTF-8: byte 13 is 0xe9');
    expect((await columns(latin, { encoding: 'latin-1' }))['b']).toEqual(['x', 'café']);
    expect((await columns(Buffer.from('a\n\x80\n', 'latin1'), { encoding: 'windows-1252' }))['a']).toEqual(['€']);
    expect(await columns(Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('a,b\n1,é\n', 'utf16le')]))).toEqual({
      a: [1],
      b: ['é'],
    });
    expect(await columns(Buffer.from('\ufeffa,b\n1,é\n'))).toEqual({ a: [1], b: ['é'] });
    expect(await refusal(Buffer.from('a,b\n1,\xc3', 'latin1'))).toContain(
      'TABLE_ENCODING: line 2 is not UTF-8: byte 6 is 0xc3',
    );
  });

  it('keeps what somebody says about a type, and refuses a value that is none', async () => {
    expect(await columns('a\n007\n', { types: { a: 'text' } })).toEqual({ a: ['007'] });
    expect(await refusal('a\n1\nsecret-code\n', { types: { a: 'number' } })).toBe(
      'TABLE_VALUE: row 2 of column "a" is "se****-****", which is no number',
    );
    expect(await refusal('a\n1\n', { types: { b: 'number' } })).toContain('TABLE_COLUMN');
  });

  it('reads 100,000 columns, and refuses more', async () => {
    const wide = (n: number): string =>
      `${Array.from({ length: n }, (_, at) => `c${at}`).join(',')}\n${'7,'.repeat(n - 1)}8\n`;
    const table = await open(wide(100_000));
    expect([table.columns.length, (await readColumns(table, ['c99999'])).get('c99999')]).toEqual([100_000, [8]]);
    expect(await refusal(wide(100_001))).toContain('TABLE_LIMIT');
  });

  it('bounds a row that never ends', async () => {
    expect(await refusal(`a\n"${'x'.repeat(5_000_000)}`, { limits: { maxRowBytes: 1_000_000 } })).toContain(
      'TABLE_LIMIT',
    );
  });

  it('notices that a file changed between its two passes', async () => {
    let text = Buffer.from('a\n1\n2\n');
    const table = await openCsv({ size: 6, read: async (offset, length) => text.subarray(offset, offset + length) });
    text = Buffer.from('a\n1\nx\n');
    await expect(readColumns(table)).rejects.toMatchObject({ code: 'TABLE_VALUE' });
    text = Buffer.from('a\n123\n');
    await expect(readColumns(table)).rejects.toMatchObject({ code: 'TABLE_CHANGED' });
  });

  it('finds the delimiter', () => {
    const sniff = (text: string): string => String.fromCharCode(sniffDelimiter(Buffer.from(text)));
    expect([
      sniff('a;b\n1,5;2\n'),
      sniff('a\tb,c\n1\t2\n'),
      sniff('a|b\n"x,|y"|1\n'),
      sniff('a,"b;c;d"\n1,2\n'),
      sniff('a\n1\n'),
    ]).toEqual([';', '\t', '|', ',', ',']);
  });

  it('keeps the contract of tables over several batches', async () => {
    const rows = Array.from(
      { length: 150_000 },
      (_, row) => `${row},${row % 7 === 0 ? '' : `w${row % 100}`},${row % 2 === 0},"u""${row}"`,
    );
    const source = bytesSource(Buffer.from(`n,s,b,u\n${rows.join('\n')}\n`));
    expect(await contractFaults(() => openCsv(source))).toEqual([]);
  });
});

describe('any table', () => {
  const cell = fc.oneof(
    fc.constant(null),
    fc.string({
      unit: fc.constantFrom('a', '"', ',', '\n', '\r\n', 'é', '1', '-', ' ', '\t', ';', '|', 'NA', '€', '😀'),
      maxLength: 8,
    }),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  );
  const table = fc
    .integer({ min: 1, max: 5 })
    .chain((width) =>
      fc
        .array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 30 })
        .map((rows) => ({ width, rows })),
    );

  it('comes back as it was written: bare gaps are missing, quoted texts are texts', async () => {
    await fc.assert(
      fc.asyncProperty(
        table,
        fc.constantFrom(',', ';', '\t', '|'),
        fc.constantFrom('\n', '\r\n'),
        fc.nat(3),
        async ({ width, rows }, delimiter, end, tail) => {
          const quote = (text: string | null): string => (text === null ? '' : `"${text.replaceAll('"', '""')}"`);
          const head = Array.from({ length: width }, (_, at) => `c${at}`);
          const lines = [head, ...rows.map((row) => row.map(quote))].map((row) => row.join(delimiter));
          // A row of gaps alone in one column is an empty line; without an end it is not there.
          const last = width === 1 && rows.at(-1)?.[0] === null ? end : tail === 0 ? '' : end;
          const declared = Object.fromEntries(head.map((name) => [name, 'text' as const]));
          const read = await columns(lines.join(end) + last, { delimiter, types: declared });
          for (const [at, name] of head.entries()) expect(read[name]).toEqual(rows.map((row) => row[at]));
        },
      ),
      { numRuns: 400 },
    );
  });

  it('gives numbers back to the bit', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 }),
        async (values) => {
          const read = await columns(
            `v\n${values.map((value) => (Object.is(value, -0) ? '-0' : String(value))).join('\n')}`,
          );
          expect(read['v']).toEqual(values);
        },
      ),
    );
  });

  it('does not depend on where pieces of the file are cut', async () => {
    const text = Buffer.from('a,b,c\r\n1,"x ""é"" y",2001-01-01\r\n"2","multi\r\nline",\r\n3,,2001-01-02\r\n');
    const whole = await columns(text);
    for (let size = 1; size < 12; size++) {
      const source = { size: text.length, read: async (offset: number) => text.subarray(offset, offset + size) };
      expect(Object.fromEntries(await readColumns(await openCsv(source)))).toEqual(whole);
    }
  });
});

describe('hostile bytes', () => {
  it('end in values or in a TABLE_ error', async () => {
    const piece = fc.constantFrom(
      ...['"', ',', '\n', '\r', '\0', '\xff', 'a', '1', '""', ';', '\t', '-', '.', 'e', 'NA', ' ', '\ufeff', 'é'].map(
        (s) => Buffer.from(s, 'utf8'),
      ),
      Buffer.from([0xff]),
      Buffer.from([0xfe, 0xff]),
    );
    const input = fc.oneof(
      fc.array(piece, { maxLength: 60 }).map((parts) => Buffer.concat(parts)),
      fc.uint8Array({ maxLength: 200 }),
    );
    await fc.assert(
      fc.asyncProperty(input, async (bytes) => {
        expect(await refusal(bytes)).toMatch(/^(?:TABLE_|nothing)/);
      }),
      { numRuns: 3000 },
    );
  });
});
