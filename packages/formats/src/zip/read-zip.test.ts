// Both views of a zip, and every way in which they disagree, each with a clean twin.
import { describe, expect, it } from 'vitest';
import { parseBytes } from '../bytes/parser.js';
import { unicodePath, zip, zip64Extra } from '../testing/index.js';
import type { UnpackedBytes } from '../compress/unpacker.js';
import { unpackBytes } from '../compress/unpacker.js';
import { entryUnpacker } from './entry-data.js';
import { readZip } from './read-zip.js';
import type { ZipReport } from './read-zip.js';

const data = Buffer.from('content of the entry');
const more = Buffer.from('other');
const read = (bytes: Uint8Array): ZipReport => parseBytes(readZip(bytes.length), bytes);
const codes = (bytes: Uint8Array): string[] => read(bytes).problems.map(({ code }) => code);

describe('readZip', () => {
  it('finds nothing odd in plain archives', () => {
    const bytes = zip([
      { name: 'a/data.pkl', data },
      { name: 'b.txt', data: more, deflate: true },
      { name: 'c/', data: new Uint8Array(0) },
    ]);
    expect(read(bytes)).toMatchObject({ problems: [], faults: [], end: bytes.length });
    expect(read(bytes).entries.map(({ name, view }) => `${view} ${name}`)).toEqual([
      'central a/data.pkl',
      'central b.txt',
      'central c/',
    ]);
  });

  it.each([
    ['the local name differs', 'name', zip([{ name: 'a', data, local: { name: 'b' } }])],
    ['the local method differs', 'method', zip([{ name: 'a', data, local: { method: 8 } }])],
    ['the local size differs', 'size', zip([{ name: 'a', data, local: { size: 3 } }])],
    ['a flag bit that no model needs', 'flags', zip([{ name: 'a', data, flags: 0x20 }])],
    ['a flag only in one header', 'flags', zip([{ name: 'a', data, flags: 1, local: { flags: 0 } }])],
    ['marked as encrypted', 'encrypted', zip([{ name: 'a', data, flags: 1 }])],
    [
      'an entry in no directory',
      'hidden',
      zip([
        { name: 'a', data },
        { name: 'x.pkl', data: more, hidden: true },
      ]),
    ],
    [
      'two entries of one name',
      'duplicate',
      zip([
        { name: 'a', data },
        { name: 'a', data: more },
      ]),
    ],
    [
      'names that differ in case only',
      'near-duplicate',
      zip([
        { name: 'a', data },
        { name: 'A', data: more },
      ]),
    ],
    ['a name that climbs', 'traversal', zip([{ name: '../a', data }])],
    ['an absolute name', 'traversal', zip([{ name: '/etc/a', data }])],
    ['a Windows path', 'traversal', zip([{ name: 'C:\\a', data }])],
    [
      'names that differ in how a letter is composed',
      'near-duplicate',
      zip([
        { name: '\u00e4', data },
        { name: 'a\u0308', data: more },
      ]),
    ],
    ['a backslash', 'backslash', zip([{ name: 'a\\b', data }])],
    ['another name in Unicode', 'unicode-name', zip([{ name: 'a', data, extra: unicodePath('a', 'b') }])],
    ['a size that nothing refers to', 'zip64', zip([{ name: 'a', data, extra: zip64Extra(1) }])],
    ['end records that disagree', 'zip64', zip([{ name: 'a', data }], { end64: { offset: 1 } })],
    ['a descriptor that disagrees', 'descriptor', zip([{ name: 'a', data, descriptor: { size: 1 } }])],
    ['a NUL in the name', 'odd-name', zip([{ name: 'a.txt\0.pkl', data }])],
    ['a symbolic link', 'link', zip([{ name: 'a', data, mode: 0o120777 }])],
    ['bytes in front', 'prefix', zip([{ name: 'a', data }], { prefix: Buffer.from('cos\nsystem\n(S"x"\ntR.') })],
    ['bytes behind', 'suffix', zip([{ name: 'a', data }], { suffix: Buffer.from('tail') })],
    [
      'two archives in one file',
      'two-ends',
      Buffer.concat([zip([{ name: 'a', data }]), zip([{ name: 'b', data: more }])]),
    ],
  ])('%s', (_name, code, bytes) => {
    expect(codes(bytes)).toContain(code);
  });

  it('hands on the entries of both archives when two stand in one file', () => {
    const bytes = Buffer.concat([zip([{ name: 'a', data }]), zip([{ name: 'b', data: more }])]);
    expect(
      read(bytes)
        .entries.map(({ name }) => name)
        .sort(),
    ).toEqual(['a', 'b']);
  });

  it('reads the entry of a second archive behind an executable prefix of any size', () => {
    const bytes = zip([{ name: 'a', data }], { prefix: Buffer.alloc(300_000, 1) });
    expect(read(bytes).entries.map(({ name }) => name)).toEqual(['a']);
  });

  it('stops at a flood of hidden entries, and says so', () => {
    const flood = zip(Array.from({ length: 3000 }, (_, index) => ({ name: `f${index}`, data, hidden: true })));
    const { entries, faults } = read(flood);
    expect(entries).toHaveLength(1000);
    expect(faults.join()).toContain('hidden entries');
  });

  it('takes the end record of an archive inside an archive for what it is', () => {
    expect(codes(zip([{ name: 'inner.zip', data: zip([{ name: 'a', data }]) }]))).toEqual([]);
  });

  it('says so when there is no directory, and still finds the local entries', () => {
    const bytes = zip([{ name: 'a', data }]);
    const cut = bytes.subarray(0, bytes.length - 30);
    expect(read(cut).faults.length).toBeGreaterThan(0);
    expect(read(cut).entries.map(({ name }) => name)).toEqual(['a']);
  });
});

describe('entryUnpacker', () => {
  const entryOf = (bytes: Uint8Array): UnpackedBytes | string | undefined => {
    const [entry] = read(bytes).entries;
    if (entry === undefined) throw new Error('no entry');
    const unpacker = entryUnpacker(entry);
    const packed = bytes.subarray(entry.dataOffset, entry.dataOffset + entry.compressed);
    return typeof unpacker === 'function' ? unpackBytes(unpacker(), packed, 1_000_000) : unpacker;
  };

  it('gives stored and deflated content whatever the checksum says', () => {
    expect(entryOf(zip([{ name: 'a', data, crc: 1 }]))).toBeUndefined();
    expect(entryOf(zip([{ name: 'a', data, deflate: true, crc: 1 }]))).toMatchObject({ bytes: data, cut: false });
  });

  it('names what it does not read, and what is broken', () => {
    expect(entryOf(zip([{ name: 'a', data, method: 93 }]))).toBe('compression method 93 (zstd) is not read');
    expect(entryOf(zip([{ name: 'a', data, method: 8 }]))).toMatchObject({ fault: { kind: 'broken' } });
  });
});
