// Archives: what is inside is scanned whatever it is called, and what two readers see differently is told.
import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { pickle, zip } from '@vallum/formats/testing';
import { scanBytes, verdictOf } from './testing/scan-bytes.js';

const shell = pickle().proto(2).global('os', 'system').call('id').stop();
const data = pickle().proto(2).op('EMPTY_DICT').stop();
const text = Buffer.from('text');

/** As torch.save writes it: one tensor of four floats. */
function stateDict(): Uint8Array {
  const storage = pickle().proto(2).op('EMPTY_DICT').str('w').global('torch._utils', '_rebuild_tensor_v2').op('MARK');
  storage
    .op('MARK')
    .str('storage')
    .global('torch', 'FloatStorage')
    .str('0')
    .str('cpu')
    .int(4)
    .op('TUPLE')
    .op('BINPERSID');
  storage.int(0).int(4).op('TUPLE1').int(1).op('TUPLE1').op('NEWFALSE');
  storage.global('collections', 'OrderedDict').op('EMPTY_TUPLE').op('REDUCE').op('TUPLE').op('REDUCE');
  return storage.op('SETITEM').stop();
}

const torch = (main: Uint8Array, ...extra: Parameters<typeof zip>[0]): Uint8Array =>
  zip([
    { name: 'archive/data.pkl', data: main },
    { name: 'archive/byteorder', data: Buffer.from('little') },
    { name: 'archive/data/0', data: Buffer.from('80020371000000ff7f8001020304aabb', 'hex') },
    { name: 'archive/version', data: Buffer.from('3\n') },
    ...extra,
  ]);

describe('torch archives', () => {
  it('pass when they hold a state dict', async () => {
    expect(await verdictOf('model.pt', torch(stateDict()))).toBe('pass');
  });

  it.each([
    ['data.pkl runs something', torch(shell)],
    ['another entry runs something', torch(stateDict(), { name: 'archive/extra', data: shell })],
    ['a tensor is a pickle', torch(stateDict(), { name: 'archive/data/1', data: shell })],
    ['an entry of odd name', torch(stateDict(), { name: 'archive/x.png', data: shell })],
    ['an entry in no directory', torch(stateDict(), { name: 'archive/x.pkl', data: shell, hidden: true })],
  ])('fail when %s', async (_name, bytes) => {
    expect(await verdictOf('model.pt', bytes)).toMatch(/^fail .*VLM-PKL-001/);
  });
});

describe('the content is found', () => {
  const nested = (depth: number): Uint8Array => (depth === 0 ? shell : zip([{ name: 'a', data: nested(depth - 1) }]));
  it.each([
    ['deflated', zip([{ name: 'a', data: shell, deflate: true }])],
    ['in a zip in a zip', nested(2)],
    ['with a wrong checksum', zip([{ name: 'a.pkl', data: shell, crc: 7 }])],
    ['marked as encrypted', zip([{ name: 'a.pkl', data: shell, flags: 1 }])],
    ['under another name in the local header', zip([{ name: 'a.txt', data: shell, local: { name: 'a.pkl' } }])],
    [
      'in a zip behind a picture',
      zip([{ name: 'a.pkl', data: shell }], { prefix: Buffer.from('89504e470d0a1a0a', 'hex') }),
    ],
    ['in the second of two zips', Buffer.concat([zip([{ name: 'a', data }]), zip([{ name: 'b', data: shell }])])],
    ['in the first of two zips', Buffer.concat([zip([{ name: 'a', data: shell }]), zip([{ name: 'b', data }])])],
    ['in a gzip stream', gzipSync(shell)],
    ['in a zlib stream', deflateSync(shell)],
    ['in a zlib stream in a zip', zip([{ name: 'a', data: deflateSync(shell) }])],
  ])('%s', async (_name, bytes) => {
    for (const name of ['model.pt', 'notes.txt']) expect(await verdictOf(name, bytes)).toMatch(/^fail .*VLM-PKL-001/);
  });

  it('down to the depth that the budget allows, and says where it stopped', async () => {
    expect(await verdictOf('a.zip', nested(5))).toMatch(/^fail/);
    expect(await verdictOf('a.zip', nested(7))).toMatch(/^inconclusive/);
  });

  it('names the entry', async () => {
    const report = await scanBytes('a.zip', zip([{ name: 'inner.zip', data: zip([{ name: 'x.pkl', data: shell }]) }]));
    expect(report.files[0]?.findings[0]?.location).toMatchObject({ file: 'a.zip', entry: 'inner.zip!x.pkl' });
  });
});

describe('oddities', () => {
  it.each([
    ['VLM-ZIP-001', zip([{ name: 'a.txt', data: text, local: { name: 'b.txt' } }])],
    [
      'VLM-ZIP-002',
      zip([
        { name: 'a', data: text },
        { name: 'b', data: text, hidden: true },
      ]),
    ],
    ['VLM-ZIP-003', Buffer.concat([zip([{ name: 'a', data: text }]), zip([{ name: 'b', data: text }])])],
    ['VLM-ZIP-005', zip([{ name: '../../a', data: text }])],
    ['VLM-ZIP-006', zip([{ name: 'a', data: text, mode: 0o120777 }])],
    [
      'VLM-ZIP-007',
      zip([
        { name: 'a', data: text },
        { name: 'a', data: text },
      ]),
    ],
    ['VLM-ZIP-008', zip([{ name: 'a\0b', data: text }])],
    ['VLM-ZIP-009', zip([{ name: 'a', data: text, flags: 1 }])],
    ['VLM-ZIP-010', zip([{ name: 'a', data: Buffer.alloc(3_000_000), deflate: true }])],
  ])('%s fails', async (rule, bytes) => {
    expect(await verdictOf('a.zip', bytes)).toMatch(new RegExp(`^fail .*${rule}`));
  });

  it('a wrong checksum alone is told and does not fail', async () => {
    expect(await verdictOf('a.zip', zip([{ name: 'a', data: text, crc: 7 }]))).toBe('pass VLM-ZIP-012');
  });

  it('plain archives pass', async () => {
    expect(
      await verdictOf(
        'a.zip',
        zip([
          { name: 'a.txt', data: text },
          { name: 'b/c.txt', data: text, deflate: true },
        ]),
      ),
    ).toBe('pass');
  });

  it('a method that is not read is inconclusive', async () => {
    expect(await verdictOf('a.zip', zip([{ name: 'a', data: text, method: 12 }]))).toMatch(/^inconclusive/);
  });
});
