// What a Parquet file claims and what it holds: each lie is an error that names the column, or a note; never another number.
import { VallumError } from '@vallum/core';
import { readFileSync } from 'node:fs';
import { crc32, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { bytesSource } from '../bytes/parser.js';
import { cellsOf } from '../columnar/testing/samples.js';
import { contractFaults } from '../table/testing/contract.js';
import type { ColumnParts, Thrift } from '../testing/parquet-assembler.js';
import { int, page, parquetFile } from '../testing/parquet-assembler.js';
import { openParquet } from './open-parquet.js';

const int32s = (...values: readonly number[]): Buffer => Buffer.from(Int32Array.from(values).buffer);
const int64s = (...values: readonly bigint[]): Buffer => Buffer.from(BigInt64Array.from(values).buffer);
const texts = (...values: readonly string[]): Buffer =>
  Buffer.concat(values.flatMap((value) => [int32s(Buffer.byteLength(value)), Buffer.from(value)]));
const data = (values: number, body: Uint8Array): Buffer => page({ kind: 'data', values, body });
const column = (values: number, body: Uint8Array): ColumnParts => ({ pages: [data(values, body)] });
const three = column(3, int32s(7, 8, 9));

async function read(
  bytes: Uint8Array,
): Promise<{ cells: Record<string, unknown[]>; notes: readonly (readonly [string, number])[] }> {
  const table = await openParquet(bytesSource(bytes));
  const cells = await cellsOf(table);
  return { cells, notes: table.notes.map(({ code, count }) => [code, count] as const) };
}

async function fault(bytes: Uint8Array): Promise<string> {
  try {
    await read(bytes);
  } catch (error) {
    if (error instanceof VallumError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'read';
}

describe('a file put together by hand', () => {
  it('is read, and keeps the contract', async () => {
    const file = parquetFile(3, [three, { ...three, name: 'a' }, { ...three, name: '' }]);
    expect(await read(file)).toEqual({
      cells: { a: [7, 8, 9], 'a (2)': [7, 8, 9], 'column 3': [7, 8, 9] },
      notes: [
        ['header-duplicate', 1],
        ['header-empty', 1],
      ],
    });
    expect(await contractFaults(() => openParquet(bytesSource(file)))).toEqual([]);
  });

  it('may have levels in the form of before', async () => {
    // Present, missing, present: the highest bit first.
    const body = Buffer.concat([Buffer.of(0b1010_0000), int32s(5, 6)]);
    const file = parquetFile(3, [{ optional: true, pages: [page({ kind: 'data', values: 3, body, levels: 4 })] }]);
    expect((await read(file)).cells).toEqual({ a: [5, null, 6] });
  });

  it('may be packed as Hadoop packed it', async () => {
    // A block of lz4 that is one run of literals.
    const block = Buffer.concat([Buffer.of(12 << 4), int32s(7, 8, 9)]);
    const body = Buffer.concat([Buffer.from([0, 0, 0, 12, 0, 0, 0, block.length]), block]);
    const file = parquetFile(3, [{ codec: 5, pages: [page({ kind: 'data', values: 3, body, unpacked: 12 })] }]);
    expect((await read(file)).cells).toEqual({ a: [7, 8, 9] });
  });

  it('says what a double cannot hold', async () => {
    const wide = column(3, int64s(2n ** 53n + 1n, 2n ** 53n, -(2n ** 60n) - 1n));
    const nanos: Thrift = { struct: { 8: { struct: { 1: { flag: true }, 2: { struct: { 3: { struct: {} } } } } } } };
    const times = { ...column(3, int64s(1_000_000_000_000_001_001n, -1_000n, 5_000_000n)), element: { 10: nanos } };
    const file = parquetFile(3, [
      { ...wide, physical: 2, name: 'wide' },
      { ...times, physical: 2, name: 'at' },
    ]);
    expect(await read(file)).toEqual({
      cells: { wide: [2 ** 53, 2 ** 53, -(2 ** 60)], at: [1_000_000_000_000.001, -0.001, 5] },
      notes: [
        ['integers-rounded', 2],
        ['times-rounded', 1],
      ],
    });
  });

  it('keeps texts apart that are no UTF-8', async () => {
    const body = Buffer.concat([int32s(1), Buffer.of(0xff), int32s(1), Buffer.of(0xfe), texts('é')]);
    expect(await read(parquetFile(3, [{ ...column(3, body), physical: 6 }]))).toEqual({
      cells: { a: ['0xff', '0xfe', 'é'] },
      notes: [['not-utf8', 2]],
    });
  });

  it('has the levels of its dictionary, once made', async () => {
    const dictionary = page({ kind: 'dictionary', values: 2, body: texts('no', 'yes') });
    const indices = page({ kind: 'data', values: 3, body: Buffer.of(1, 3, 0b101), encoding: 8 });
    const file = parquetFile(3, [{ physical: 6, pages: [dictionary, indices] }]);
    const table = await openParquet(bytesSource(file));
    for await (const { columns } of table.batches())
      expect(columns).toEqual([{ type: 'text', codes: Int32Array.of(1, 0, 1), levels: ['no', 'yes'] }]);
  });
});

const dictionary = page({ kind: 'dictionary', values: 2, body: int32s(7, 8) });
const indexed = (...body: number[]): Buffer => page({ kind: 'data', values: 3, body: Buffer.from(body), encoding: 8 });
const packed = gzipSync(int32s(7, 8, 9));
const big = 2 ** 40;

const LIES: readonly (readonly [string, Uint8Array, RegExp])[] = [
  ['more rows', parquetFile(3, [three], { 3: int(4) }), /^TABLE_BROKEN: its footer says 4 rows, its groups have 3$/],
  ['rows without end', parquetFile(3, [three], { 3: int(big) }), /^TABLE_LIMIT: it says that it has/],
  ['negative rows', parquetFile(3, [three], { 3: int(-1) }), /^TABLE_BROKEN/],
  [
    'more values than rows',
    parquetFile(3, [{ ...three, metadata: { 5: int(4) } }]),
    /^TABLE_BROKEN: column "a" in .* 4 values for 3 rows$/,
  ],
  [
    'more rows than values',
    parquetFile(4, [three]),
    /^TABLE_BROKEN: column "a" cannot be read from row 3 on: it ends before/,
  ],
  ['fewer rows than values', parquetFile(2, [three]), /^TABLE_BROKEN: column "a" .*more values than the footer says/],
  [
    'another type',
    parquetFile(3, [{ ...three, metadata: { 1: int(2) } }]),
    /^TABLE_BROKEN: column "a" .* another type/,
  ],
  [
    'an offset outside',
    parquetFile(3, [{ ...three, metadata: { 9: int(big) } }]),
    /^TABLE_BROKEN: column "a" .* outside of the file/,
  ],
  [
    'a negative offset',
    parquetFile(3, [{ ...three, metadata: { 9: int(-4) } }]),
    /^TABLE_BROKEN: .* outside of the file/,
  ],
  [
    'a size beyond the footer',
    parquetFile(3, [{ ...three, metadata: { 7: int(400) } }]),
    /^TABLE_BROKEN: .* outside of the file/,
  ],
  [
    'a negative size',
    parquetFile(3, [{ ...three, metadata: { 7: int(-1) } }]),
    /^TABLE_BROKEN: .* outside of the file/,
  ],
  [
    'columns that overlap',
    parquetFile(3, [three, { ...three, name: 'b', metadata: { 9: int(4) } }]),
    /^TABLE_BROKEN: two of its columns share/,
  ],
  [
    'a page longer than its chunk',
    parquetFile(3, [{ pages: [page({ kind: 'data', values: 3, body: int32s(7, 8, 9), packed: 400 })] }]),
    /longer than its column chunk$/,
  ],
  [
    'a huge page',
    parquetFile(3, [{ codec: 2, pages: [page({ kind: 'data', values: 3, body: packed, unpacked: 2 ** 31 })] }]),
    /^TABLE_LIMIT: a page of column "a"/,
  ],
  [
    'a page that its bytes cannot become',
    parquetFile(3, [{ codec: 2, pages: [page({ kind: 'data', values: 3, body: packed, unpacked: 2 ** 27 })] }]),
    /cannot have the size that it says$/,
  ],
  [
    'a page of another size',
    parquetFile(3, [{ codec: 2, pages: [page({ kind: 'data', values: 3, body: packed, unpacked: 16 })] }]),
    /its gzip data is broken$/,
  ],
  ['a page with too few values', parquetFile(3, [column(3, int32s(7, 8))]), /fewer values than it says$/],
  [
    'a huge dictionary',
    parquetFile(3, [{ pages: [page({ kind: 'dictionary', values: 2 ** 40, body: int32s(7) }), indexed(1, 6, 0)] }]),
    /in its dictionary it has fewer values/,
  ],
  [
    'two dictionaries',
    parquetFile(3, [{ pages: [dictionary, dictionary, indexed(1, 6, 0)] }]),
    /it has a second dictionary$/,
  ],
  ['no dictionary', parquetFile(3, [{ pages: [indexed(1, 6, 0)] }]), /it wants a dictionary/],
  [
    'an index beyond the dictionary',
    parquetFile(3, [{ pages: [dictionary, indexed(2, 6, 3)] }]),
    /an index leads beyond its dictionary$/,
  ],
  [
    'a run longer than its width',
    parquetFile(3, [{ pages: [dictionary, indexed(1, 6, 3)] }]),
    /a level or an index is too large$/,
  ],
  ['an empty run', parquetFile(3, [{ pages: [dictionary, indexed(1, 0, 0)] }]), /a run of levels or indices is empty$/],
  [
    'another first page',
    parquetFile(3, [
      { pages: [dictionary, indexed(1, 6, 0)], metadata: { 9: int(4 + dictionary.length + 1), 11: int(4) } },
    ]),
    /its first page is not where the footer says$/,
  ],
  [
    'a wrong checksum',
    parquetFile(3, [{ pages: [page({ kind: 'data', values: 3, body: int32s(7, 8, 9), crc: 1 })] }]),
    /does not match its checksum$/,
  ],
  [
    'wrong missing values',
    parquetFile(3, [
      {
        optional: true,
        pages: [
          page({
            kind: 'data-v2',
            values: 3,
            nulls: 2,
            levelBytes: 2,
            body: Buffer.concat([Buffer.of(6, 1), int32s(7, 8, 9)]),
          }),
        ],
      },
    ]),
    /another number of missing values/,
  ],
  [
    'a definition level too large',
    parquetFile(3, [
      {
        optional: true,
        pages: [
          page({ kind: 'data-v2', values: 3, levelBytes: 2, body: Buffer.concat([Buffer.of(6, 2), int32s(7, 8, 9)]) }),
        ],
      },
    ]),
    /too large/,
  ],
  [
    'an encoding of other types',
    parquetFile(3, [{ pages: [page({ kind: 'data', values: 3, body: int32s(7, 8, 9), encoding: 6 })] }]),
    /encoding 6 does not belong to its type$/,
  ],
  [
    'a text longer than its page',
    parquetFile(1, [{ physical: 6, ...column(1, int32s(99)) }]),
    /a text is longer than its page$/,
  ],
  [
    'another file',
    parquetFile(3, [{ ...three, chunk: { 1: { text: 'other.parquet' } } }]),
    /^TABLE_UNSUPPORTED: .* lies in another file$/,
  ],
  [
    'an encrypted column',
    parquetFile(3, [{ ...three, chunk: { 8: { struct: {} } } }]),
    /^TABLE_UNSUPPORTED: it is encrypted$/,
  ],
  ['an encrypted file', parquetFile(3, [three], { 8: { struct: {} } }), /^TABLE_UNSUPPORTED: it is encrypted$/],
  ['an encrypted footer', Buffer.from('PARE0000000000000PARE'), /^TABLE_UNSUPPORTED: it is encrypted$/],
  [
    'a codec that is not read',
    parquetFile(3, [{ ...three, codec: 3 }]),
    /^TABLE_UNSUPPORTED: column "a" is packed with a codec/,
  ],
  ['no file', Buffer.from('PAR1'), /^TABLE_BROKEN: it is too short/],
];

describe('a file that lies', () => {
  it.each(LIES)('about %s', async (_name, bytes, expected) => expect(await fault(bytes)).toMatch(expected));

  it('about missing values in its statistics, which nothing is read from', async () => {
    const file = parquetFile(3, [{ ...three, metadata: { 12: { struct: { 3: int(2) } } } }]);
    expect(await read(file)).toEqual({ cells: { a: [7, 8, 9] }, notes: [['footer-differs', 2]] });
  });

  it('about bytes behind its last value', async () => {
    const file = parquetFile(3, [{ pages: [...three.pages, Buffer.alloc(20)] }]);
    expect(await read(file)).toEqual({ cells: { a: [7, 8, 9] }, notes: [['bytes-not-read', 20]] });
  });

  it('or does not: a checksum that fits is one', async () => {
    const body = int32s(7, 8, 9);
    const file = parquetFile(3, [{ pages: [page({ kind: 'data', values: 3, body, crc: crc32(body) | 0 })] }]);
    expect((await read(file)).cells).toEqual({ a: [7, 8, 9] });
  });
});

describe('three million flights', () => {
  const bytes = readFileSync('node_modules/vega-datasets/data/flights-3m.parquet');

  it('have the sums that pyarrow finds', async () => {
    const table = await openParquet(bytesSource(bytes));
    expect(table.rows).toBe(3_000_000);
    let [delay, distance, letters] = [0, 0, 0];
    for await (const { columns, rows } of table.batches({ columns: ['distance', 'origin', 'delay'] })) {
      const [far, origin, late] = columns;
      if (far?.type !== 'number' || origin?.type !== 'text' || late?.type !== 'number') throw new Error('other types');
      for (let row = 0; row < rows; row++) {
        delay += late.values[row]!;
        distance += far.values[row]!;
        letters += origin.levels[origin.codes[row]!]!.length;
      }
    }
    expect([delay, distance, letters, table.notes]).toEqual([20_003_603, 2_194_861_208, 9_000_000, []]);
  });

  it('let others take their turn, and stop when told to', async () => {
    const table = await openParquet(bytesSource(bytes));
    const stop = new AbortController();
    setImmediate(() => setImmediate(() => stop.abort(new Error('enough'))));
    let batches = 0;
    await expect(
      (async () => {
        for await (const { rows } of table.batches({ signal: stop.signal })) batches += rows > 0 ? 1 : 0;
      })(),
    ).rejects.toThrow('enough');
    expect(batches).toBeLessThan(10);
  });
});
