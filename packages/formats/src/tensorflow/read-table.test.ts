// The index of a checkpoint, and files of records.
import { describe, expect, it } from 'vitest';
import { parseBytes } from '../bytes/parser.js';
import { checkpointIndex } from '../testing/index.js';
import { crc32c, readRecords } from './read-records.js';
import { readTable, TABLE_LIMITS } from './read-table.js';

const tensors = [
  { name: 'a', shard: 0, offset: 0, size: 16 },
  { name: 'b', shard: 1, offset: 16, size: 8 },
];

describe('readTable', () => {
  it('says where each tensor lies', () => {
    const bytes = checkpointIndex(tensors, 2);
    const report = parseBytes(readTable(bytes.length), bytes);
    expect(report).toMatchObject({
      shards: 2,
      entries: [
        { key: 'a', type: 1, elements: 4, shard: 0, offset: 0, size: 16, sliced: false },
        { key: 'b', type: 1, elements: 2, shard: 1, offset: 16, size: 8 },
      ],
    });
    expect(report.fault).toBeUndefined();
  });

  it('says why it cannot be read', () => {
    const bytes = Buffer.from(checkpointIndex(tensors));
    expect(parseBytes(readTable(bytes.length, { ...TABLE_LIMITS, maxEntries: 1 }), bytes).fault).toBeDefined();
    expect(parseBytes(readTable(bytes.length, { ...TABLE_LIMITS, maxBlock: 8 }), bytes).fault).toMatch(/longer/);
    const compressed = Buffer.from(bytes);
    const length = compressed.indexOf(Buffer.alloc(5), 20);
    compressed.fill(1, length, length + 5);
    expect(parseBytes(readTable(compressed.length), compressed).fault).toBeDefined();
    expect(parseBytes(readTable(10), Buffer.alloc(10)).fault).toMatch(/footer/);
  });
});

describe('readRecords', () => {
  const record = (data: Uint8Array): Uint8Array => {
    const head = Buffer.alloc(12);
    head.writeUInt32LE(data.length);
    const crc = crc32c(head.subarray(0, 8));
    head.writeUInt32LE((((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0, 8);
    return Buffer.concat([head, data, Buffer.alloc(4)]);
  };
  const read = (bytes: Uint8Array) => parseBytes(readRecords(bytes.length), bytes);

  it('walks over all of them', () => {
    expect(read(Buffer.concat([record(Buffer.from('a')), record(Buffer.alloc(200_000))]))).toEqual({ records: 2 });
  });

  it('knows the checksum of the Castagnoli polynomial', () => {
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  });

  it('says what is behind them or cut off', () => {
    const one = record(Buffer.from('abc'));
    expect(read(Buffer.concat([one, Buffer.from('junk junk junk')])).fault).toMatch(/checksum/);
    expect(read(one.subarray(0, one.length - 1)).fault).toMatch(/beyond/);
  });
});
