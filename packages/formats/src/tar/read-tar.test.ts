// Both views of a tar, and every way in which its headers disagree, each with a clean twin.
import fc from 'fast-check';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parseBytes } from '../bytes/parser.js';
import { longName, PACKED, pax, tar } from '../testing/index.js';
import type { TarReport } from './read-tar.js';
import { readTar, TAR_LIMITS } from './read-tar.js';

const data = Buffer.from('content');
const read = (bytes: Uint8Array): TarReport => parseBytes(readTar(bytes.length), bytes);
const codes = (bytes: Uint8Array): string[] => read(bytes).problems.map(({ code }) => code);
const names = (bytes: Uint8Array): string[] => read(bytes).entries.map(({ name, view }) => `${view} ${name}`);

describe('readTar', () => {
  it('finds nothing odd in plain archives', () => {
    const bytes = tar([
      { name: 'd/', type: '5' },
      { name: 'd/a', data },
      { name: 'b', data, magic: 'gnu' },
      { name: 'c', data, magic: 'none', wide: true },
    ]);
    expect(read(bytes)).toMatchObject({ problems: [], faults: [], loose: [] });
    expect(names(bytes)).toEqual(['plain d/', 'plain d/a', 'plain b', 'plain c']);
    expect(read(bytes).entries[1]).toMatchObject({ kind: 'file', dataOffset: 1024, size: data.length });
  });

  it("reads what Python's tarfile writes", () => {
    expect(read(gunzipSync(PACKED.text['tar.gz']))).toMatchObject({
      problems: [],
      faults: [],
      entries: [{ name: 'content', size: 380 }],
    });
  });

  it('takes names, targets and sizes from long and pax headers', () => {
    const long = 'sub/'.repeat(50);
    expect(names(tar([longName(`${long}a`), { name: 'a', data }]))).toEqual([`plain ${long}a`]);
    expect(names(tar([pax({ path: `${long}ä` }), { name: 'a', data }]))).toEqual([`plain ${long}ä`]);
    expect(read(tar([pax({ size: '7' }), { name: 'a', data }])).entries[0]?.size).toBe(7);
    expect(read(tar([longName('t/x', 'K'), { name: 'l', type: '2', target: 'short' }])).entries[0]?.target).toBe('t/x');
    expect(names(tar([pax({ path: 'g' }, 'g'), { name: 'a', data }]))).toEqual(['plain g']);
  });

  it.each([
    ['two archives, one behind the other', 'hidden', Buffer.concat([tar([{ name: 'a' }]), tar([{ name: 'b' }])])],
    ['a size in pax that is not the own one', 'size', tar([pax({ size: '512' }), { name: 'a', data }])],
    ['a first header that is broken', 'checksum', tar([{ name: 'a', data, broken: true }, { name: 'b' }])],
    ['bytes behind the end', 'suffix', Buffer.concat([tar([{ name: 'a' }]), data])],
    ['a climbing name', 'traversal', tar([{ name: 'a/../../b' }])],
    ['a control character', 'odd-name', tar([{ name: 'a\nb' }])],
    ['a link', 'link', tar([{ name: 'a/l', type: '2', target: '../b' }])],
    ['a link that climbs', 'escape', tar([{ name: 'a/l', type: '2', target: '../../b' }])],
    ['a hard link that climbs', 'escape', tar([{ name: 'a/l', type: '1', target: '../b' }])],
    ['a device', 'device', tar([{ name: 'd', type: '4' }])],
    [
      'two of one name',
      'duplicate',
      tar([
        { name: 'a', data },
        { name: './a', data },
      ]),
    ],
  ])('%s', (_name, code, bytes) => {
    expect(codes(bytes)).toContain(code);
  });

  it('hands on what both readers of a contradiction see', () => {
    const smuggled = tar([pax({ size: '1024' }), { name: 'a', data: new Uint8Array(512) }, { name: 'b', data }]);
    expect(names(smuggled)).toEqual(['plain a', 'hidden b']);
    expect(
      names(
        tar([
          { name: 'a', data },
          { name: 'x', data, broken: true },
          { name: 'b', data },
        ]),
      ),
    ).toEqual(['plain a', 'hidden b']);
  });

  it.each([
    ['it is cut off', tar([{ name: 'a', data: new Uint8Array(2000) }]).subarray(0, 1500)],
    ['a size is no number', tar([{ name: 'a', size: 1e15, wide: false }])],
    ['a size is too large', tar([{ name: 'a', size: 2 ** 40, wide: true }])],
    ['a pax header is broken', tar([{ name: 'p', type: 'x', data: Buffer.from('99 path=x\n') }, { name: 'a' }])],
    ['a header speaks of nothing', tar([longName('a')])],
    ['there is nothing in it', new Uint8Array(1024)],
  ])('says so when %s', (_name, bytes) => {
    expect(read(bytes).faults.length).toBeGreaterThan(0);
  });

  it('stops at its limits, and says so', () => {
    const many = tar(Array.from({ length: 30 }, (_, index) => ({ name: `f${index}` })));
    const some = parseBytes(readTar(many.length, { ...TAR_LIMITS, maxEntries: 10 }), many);
    expect([some.entries.length, some.faults]).toEqual([10, ['more than 10 entries']]);
    const tail = Buffer.concat([tar([{ name: 'a' }]), Buffer.alloc(100_000, 1)]);
    expect(parseBytes(readTar(tail.length, { ...TAR_LIMITS, maxSearch: 5000 }), tail).faults.join()).toContain(
      'too many',
    );
  });

  it('never throws, and every entry lies within the file', () => {
    const samples = [
      tar([pax({ size: '512', path: 'x' }), { name: 'a', data }, longName('n'), { name: 'l', type: '2', target: 'a' }]),
      gunzipSync(PACKED.text['tar.gz']).subarray(0, 2048),
    ];
    const edits = fc.array(fc.tuple(fc.nat(2047), fc.nat(255)), { maxLength: 8 });
    fc.assert(
      fc.property(fc.constantFrom(...samples), edits, fc.nat(3000), (sample, changes, cut) => {
        const bytes = Buffer.from(sample).subarray(0, cut);
        for (const [at, byte] of changes) if (at < bytes.length) bytes[at] = byte;
        for (const { dataOffset, size } of read(bytes).entries)
          if (size > 0) expect(dataOffset + size).toBeLessThanOrEqual(bytes.length);
      }),
      { numRuns: 500 },
    );
  });
});
