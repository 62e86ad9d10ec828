// Every decompressor against streams that other tools made: all bytes, the exact end, what is told when it is broken.
import fc from 'fast-check';
import { crc32, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { bytesSource, parseBytes } from '../bytes/parser.js';
import { PACKED } from '../testing/index.js';
import { entryUnpacker } from '../zip/entry-data.js';
import { readZip } from '../zip/read-zip.js';
import { adler32, xxh32 } from './checksums.js';
import { unpackDeflate } from './inflate.js';
import type { UnpackedBytes, Unpacker } from './unpacker.js';
import { unpack, unpackBytes } from './unpacker.js';
import type { Compression } from './unpackers.js';
import { UNPACKERS } from './unpackers.js';

const TEXT = Buffer.from('some words of text\n'.repeat(20));
const SAMPLES: readonly (readonly [string, Compression, Uint8Array])[] = [
  ['gzip', 'gzip', PACKED.text.gzip],
  ['zlib', 'zlib', PACKED.text.zlib],
  ['zlib with a small window', 'zlib', PACKED.text['zlib with a small window']],
  ["joblib's old form", 'zfile', PACKED.text["joblib's old form"]],
  ['bzip2', 'bzip2', PACKED.text.bzip2],
  ['xz', 'xz', PACKED.text.xz],
  ['xz with SHA-256', 'xz', PACKED.text['xz with SHA-256']],
  ['lzma', 'lzma', PACKED.text.lzma],
  ['lz4', 'lz4', PACKED.text.lz4],
  ['lz4 with checksums', 'lz4', PACKED.text['lz4 with checksums']],
];
const MAX = 1_000_000;
const run = (kind: Compression, bytes: Uint8Array): UnpackedBytes =>
  unpackBytes(UNPACKERS[kind](bytes.length), bytes, MAX);

describe.each(SAMPLES)('%s', (_name, kind, packed) => {
  it('is unpacked to its end', () => {
    const { bytes, end, fault } = run(kind, packed);
    expect(Buffer.from(bytes).equals(TEXT)).toBe(true);
    expect([end, fault]).toEqual([packed.length, undefined]);
  });

  it('ends where it ends when something stands behind it', () => {
    const { bytes, end, fault } = run(kind, Buffer.concat([packed, Buffer.from('cos\nsystem\n')]));
    expect(Buffer.from(bytes).equals(TEXT)).toBe(true);
    expect([end, fault]).toEqual([packed.length, undefined]);
  });

  it('is told to be cut off wherever it is cut', () => {
    for (let cut = 0; cut < packed.length; cut++)
      expect([cut, run(kind, packed.subarray(0, cut)).fault]).not.toEqual([cut, undefined]);
  });

  it('is told to be spoilt when a byte of its data or its checksums differs', () => {
    // Names, times and padding in front are free to differ.
    for (let at = Math.floor(packed.length / 2); at < packed.length; at++) {
      const copy = Buffer.from(packed);
      copy[at] = (copy[at] ?? 0) ^ 0x10;
      const { bytes, end, fault } = run(kind, copy);
      if (fault === undefined && end === copy.length && !UNCHECKED.has(kind)) expect([at, 'passed']).toEqual([at, '']);
      if (fault === undefined && end === copy.length) expect(bytes.length).toBeGreaterThan(0);
    }
  });

  it('comes in pieces from a source', async () => {
    const pieces = unpack(UNPACKERS[kind](packed.length), bytesSource(packed));
    let size = 0;
    for await (const piece of pieces) size += piece.length;
    expect(size).toBe(TEXT.length);
  });
});

/** The old .lzma form has no checksum, and a plain lz4 frame only one of its header. */
const UNCHECKED: ReadonlySet<Compression> = new Set(['lzma', 'lz4']);

describe('several streams in one', () => {
  it.each(['gzip', 'bzip2', 'xz', 'lz4'] as const)('%s', (kind) => {
    const one = PACKED.text[kind];
    const { bytes, end, fault } = run(kind, Buffer.concat([one, one, one]));
    expect([bytes.length, end, fault]).toEqual([3 * TEXT.length, 3 * one.length, undefined]);
  });

  it('a skippable frame between two of lz4', () => {
    const skipped = Buffer.from('502a4d1803000000010203', 'hex');
    const { bytes, fault } = run('lz4', Buffer.concat([skipped, PACKED.text.lz4, skipped, PACKED.text.lz4]));
    expect([bytes.length, fault]).toEqual([2 * TEXT.length, undefined]);
  });
});

describe('deflate', () => {
  const sources = fc.oneof(
    fc.uint8Array({ maxLength: 3000 }),
    fc.array(fc.constantFrom('a', 'bc', 'the ', '\0'), { maxLength: 3000 }).map((words) => Buffer.from(words.join(''))),
    fc.nat(400_000).map((length) => new Uint8Array(length)),
  );

  it('gives what zlib packed, at every level and strategy', () => {
    fc.assert(
      fc.property(
        sources,
        fc.nat(9),
        fc.nat(4),
        fc.integer({ min: 9, max: 15 }),
        (bytes, level, strategy, windowBits) => {
          const packed = deflateRawSync(bytes, { level, strategy, windowBits });
          const result = unpackBytes(unpackDeflate(packed.length), packed, MAX);
          expect(result).toMatchObject({ end: packed.length, cut: false });
          expect(result.fault).toBeUndefined();
          expect(Buffer.compare(result.bytes, bytes)).toBe(0);
          expect(run('zlib', deflateSync(bytes, { level, windowBits })).fault).toBeUndefined();
        },
      ),
      { numRuns: 150 },
    );
  });

  it('gives what came out before a fault', () => {
    const packed = gzipSync(TEXT);
    expect(Buffer.from(run('gzip', packed.subarray(0, -8)).bytes).toString()).toBe(TEXT.toString());
    const spoilt = Buffer.from(packed);
    spoilt[spoilt.length - 6] = (spoilt[spoilt.length - 6] ?? 0) ^ 1;
    expect(run('gzip', spoilt)).toMatchObject({ fault: { kind: 'mismatch' } });
    expect(Buffer.from(run('gzip', spoilt).bytes).toString()).toBe(TEXT.toString());
  });

  it('stops at the limit', () => {
    const packed = gzipSync(Buffer.alloc(5_000_000));
    expect(run('gzip', packed)).toMatchObject({ cut: true });
    expect(run('gzip', packed).bytes.length).toBe(MAX);
  });
});

describe('entries of a zip', () => {
  it.each(['zip, stored', 'zip, deflate', 'zip, bzip2', 'zip, lzma', 'zip, streamed'] as const)('%s', (name) => {
    const bytes = PACKED.text[name];
    const report = parseBytes(readZip(bytes.length), bytes);
    const [entry] = report.entries;
    if (entry === undefined) throw new Error('no entry');
    expect([report.problems, report.faults]).toEqual([[], []]);
    const packed = bytes.subarray(entry.dataOffset, entry.dataOffset + entry.compressed);
    const unpacker = entryUnpacker(entry);
    if (typeof unpacker === 'string') throw new Error(unpacker);
    const content = unpacker === undefined ? packed : unpackBytes(unpacker(), packed, MAX).bytes;
    expect(Buffer.from(content).toString()).toBe(TEXT.toString());
    expect(crc32(content)).toBe(entry.crc);
  });
});

describe('checksums', () => {
  it('are those of their specifications', () => {
    expect(xxh32(new Uint8Array(0))).toBe(0x02cc5d05);
    expect(xxh32(Buffer.from('Nobody inspects the spammish repetition'))).toBe(0xe2293b2f);
    expect(adler32(Buffer.from('Wikipedia'), 1)).toBe(0x11e60398);
  });
});

describe('hostile streams', () => {
  const all: readonly (readonly [Compression, Uint8Array])[] = SAMPLES.map(([, kind, bytes]) => [kind, bytes]);
  const edit = fc.record({ at: fc.nat(), byte: fc.nat(255), kind: fc.nat(2) });
  const mutated = fc
    .tuple(fc.constantFrom(...all), fc.array(edit, { minLength: 1, maxLength: 5 }))
    .map(([[kind, sample], edits]) => {
      let bytes = Buffer.from(sample);
      for (const { at, byte, kind: how } of edits) {
        const index = at % (bytes.length + 1);
        if (how === 0 && index < bytes.length) bytes[index] = byte;
        else if (how === 1) bytes = bytes.subarray(0, index);
        else bytes = Buffer.concat([bytes.subarray(0, index), Uint8Array.of(byte), bytes.subarray(index)]);
      }
      return [kind, bytes] as const;
    });
  const random = fc.tuple(fc.constantFrom(...all.map(([kind]) => kind)), fc.uint8Array({ maxLength: 200 }));

  it('never throw, never run on, and end within their input', () => {
    fc.assert(
      fc.property(fc.oneof(mutated, random), ([kind, bytes]) => {
        const { end, bytes: out } = unpackBytes(UNPACKERS[kind](bytes.length), bytes, 100_000);
        expect(end).toBeGreaterThanOrEqual(0);
        expect(end).toBeLessThanOrEqual(bytes.length);
        expect(out.length).toBeLessThanOrEqual(100_000);
      }),
      { numRuns: 1000 },
    );
  });

  it('ask for no more memory than a stream can need', () => {
    // A dictionary of 4 GiB that nothing refers to.
    const lzma = Buffer.from(PACKED.text.lzma);
    lzma.writeUInt32LE(0xffffffff, 1);
    expect(Buffer.from(run('lzma', lzma).bytes).toString()).toBe(TEXT.toString());
    const unpackers: readonly Unpacker[] = Array.from({ length: 50 }, () => UNPACKERS.lzma(lzma.length));
    for (const one of unpackers) expect(unpackBytes(one, lzma, MAX).fault).toBeUndefined();
  });
});
