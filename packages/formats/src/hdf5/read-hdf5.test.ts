// The HDF5 reader on files that are written byte by byte: what it finds, what it refuses, and hostile bytes.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBytes } from '../bytes/parser.js';
import { dataset, externalLink, group, hdf5 } from '../testing/index.js';
import { readHdf5 } from './read-hdf5.js';
import type { Hdf5Limits, Hdf5Report } from './report.js';
import { HDF5_LIMITS } from './report.js';

const read = (bytes: Uint8Array, limits: Partial<Hdf5Limits> = {}): Hdf5Report =>
  parseBytes(readHdf5(bytes.length, { ...HDF5_LIMITS, ...limits }), bytes);

function values(bytes: Uint8Array): Record<string, readonly string[]> {
  const text = Buffer.from(bytes);
  return Object.fromEntries(
    read(bytes).carriers.map(({ path, pieces }) => [
      path,
      pieces.map((piece) =>
        ('bytes' in piece ? piece.bytes : text.subarray(piece.offset, piece.offset + piece.length)).toString(),
      ),
    ]),
  );
}

const rich = hdf5({
  attributes: { title: 'a title', fixed: Buffer.from('fixed text') },
  links: {
    a: group({
      attributes: { deep: 'below' },
      links: { d: dataset({ data: Buffer.from('numbers'), attributes: { unit: 'm' } }) },
    }),
    o: dataset({ type: 'opaque', data: Buffer.from('opaque') }),
    v: dataset({ type: 'objects', data: [Buffer.from('first'), Buffer.from('second')] }),
    f: dataset({ type: 'floats', data: Buffer.alloc(64) }),
    s: { kind: 'soft', path: '/a' },
  },
});

describe('readHdf5', () => {
  it('counts objects and finds every text and run of bytes', () => {
    const report = read(rich);
    expect(report).toMatchObject({ objects: 6, datasets: 4, faults: [], problems: [], userBlock: 0 });
    expect([...report.root]).toEqual(expect.arrayContaining(['title', 'a', 'o', 's']));
    expect(values(rich)).toEqual({
      '/@title': ['a title'],
      '/@fixed': ['fixed text'],
      '/a@deep': ['below'],
      '/a/d': ['numbers'],
      '/a/d@unit': ['m'],
      '/o': ['opaque'],
      '/v': ['first', 'second'],
    });
  });

  it.each([
    ['external-link', hdf5({ links: { x: externalLink('a.h5') } })],
    ['external-data', hdf5({ links: { d: dataset({ data: Buffer.alloc(4), externalFile: 'a.raw' }) } })],
    ['virtual', hdf5({ links: { d: dataset({ dims: [4], virtualFile: 'a.h5' }) } })],
    ['user-link', hdf5({ links: { x: { kind: 'user', type: 187 } } })],
    ['outside', hdf5({ links: { d: dataset({ data: Buffer.alloc(4), address: 1e9 }) } })],
    ['shape', hdf5({ links: { d: dataset({ type: 'floats', dims: [2 ** 50] }) } })],
    ['truncated', rich.subarray(0, -1)],
  ])('tells %s', (code, bytes) => {
    expect(read(bytes).problems.map((problem) => problem.code)).toContain(code);
  });

  it('finds the superblock behind a user block of any length, and what stands behind the end', () => {
    for (const length of [512, 1024, 65536]) {
      const report = read(hdf5({ attributes: { a: 'b' }, userBlock: Buffer.alloc(length), trailing: Buffer.alloc(3) }));
      expect(report).toMatchObject({ userBlock: length, faults: [], trailing: { length: 3 } });
      expect(report.carriers).toHaveLength(1);
    }
  });

  it('goes through a circle of links once', () => {
    const report = read(hdf5({ links: { a: group({ links: { up: { kind: 'root' } } }) } }));
    expect(report).toMatchObject({ objects: 2, problems: [], faults: [] });
  });

  it('stops at its limits and says so', () => {
    expect(read(rich, { maxWork: 10 }).faults).not.toEqual([]);
    expect(read(rich, { maxObjects: 2 }).faults).toMatchObject([{ why: 'more than 2 objects' }]);
    expect(read(rich, { maxAttributeBytes: 20 }).faults).not.toEqual([]);
    expect(read(rich, { maxPieces: 4 }).faults).not.toEqual([]);
  });

  it('says of every cut that something is missing', () => {
    for (let cut = 0; cut < rich.length; cut += 97)
      expect([cut, read(rich.subarray(0, cut)).faults]).not.toEqual([cut, []]);
  });

  it('never throws, whatever is changed', () => {
    const edit = fc.record({ at: fc.nat(rich.length - 1), bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }) });
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 8 }), fc.nat(rich.length), (edits, cut) => {
        const bytes = Buffer.from(rich);
        for (const { at, bytes: value } of edits) bytes.set(value.subarray(0, rich.length - at), at);
        const report = read(bytes, { maxWork: 50_000 });
        if (report.objects === 0) expect(report.faults).not.toEqual([]);
        read(bytes.subarray(0, cut), { maxWork: 50_000 });
      }),
    );
  });

  it('never throws on bytes behind a signature', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (tail) => {
        const report = read(Buffer.concat([Buffer.from('894844460d0a1a0a', 'hex'), tail]), { maxWork: 50_000 });
        if (report.objects === 0) expect(report.faults).not.toEqual([]);
      }),
    );
  });
});
