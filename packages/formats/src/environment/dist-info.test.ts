import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDirectUrl } from './direct-url.js';
import { readDirectUrlJson, readMetadata, readRecord } from './dist-info.js';

const DIGEST = Buffer.alloc(32, 7);
const encoded = DIGEST.toString('base64url');

describe('readRecord', () => {
  it('reads plain and quoted fields', () => {
    const text = `a/b.py,sha256=${encoded},12\r\n"c,d ""e"".py",sha256=${encoded},3\nx.dist-info/RECORD,,\n`;
    expect(readRecord(text)).toEqual({
      entries: [
        { path: 'a/b.py', hash: `sha256:${DIGEST.toString('hex')}`, size: 12 },
        { path: 'c,d "e".py', hash: `sha256:${DIGEST.toString('hex')}`, size: 3 },
        { path: 'x.dist-info/RECORD' },
      ],
    });
  });

  it.each(['a,md5=abc,1', `a,sha256=${encoded.slice(2)},1`, 'a,b,c,d', '"a,sha256=', ',sha256=x,1'])(
    'names what is broken in %j',
    (text) => {
      expect(readRecord(`ok,,\n${text}\n`).problem).toBe('line 2 is broken');
    },
  );

  it('reads a long quoted path, and a flood of empty lines', () => {
    const long = 'a""'.repeat(3_000_000);
    expect(readRecord(`${'\n'.repeat(3_000_000)}"${long}",,`).entries[0]?.path).toHaveLength(6_000_000);
  });

  it('reads back every path that a tool can write', () => {
    const path = fc
      .string({ unit: 'grapheme', minLength: 1 })
      .filter((text) => !/[\r\n]/.test(text) && text.trim() !== '');
    fc.assert(
      fc.property(path, (name) => {
        const { entries, problem } = readRecord(`"${name.replaceAll('"', '""')}",sha256=${encoded},1\n`);
        expect(problem).toBeUndefined();
        expect(entries[0]?.path).toBe(name);
      }),
    );
  });
});

describe('readMetadata', () => {
  it('reads the headers and no further', () => {
    expect(readMetadata('Metadata-Version: 2.1\nName: A_b\nVersion: 1.0\n\nName: other\n')).toEqual({
      name: 'A_b',
      version: '1.0',
    });
    expect(readMetadata('Summary: x\n\nName: hidden\nVersion: 1')).toEqual({ name: '', version: '' });
  });
});

describe('readDirectUrl', () => {
  const commit = 'c'.repeat(40);
  const hex = 'd'.repeat(64);
  it.each([
    [
      { url: 'https://h/x.git', vcs_info: { vcs: 'git', commit_id: commit } },
      { source: 'vcs', commit },
    ],
    [
      { url: 'https://h/x.git', vcs_info: { vcs: 'git', commit_id: 'main' } },
      { source: 'vcs', hashes: [] },
    ],
    [{ url: 'file:///x', dir_info: { editable: true } }, { source: 'path' }],
    [
      { url: 'https://h/x.whl', archive_info: { hash: `sha256=${hex}` } },
      { source: 'url', hashes: [`sha256:${hex}`] },
    ],
    [{ url: 'https://h/x.whl', archive_info: { hashes: { sha256: hex } } }, { hashes: [`sha256:${hex}`] }],
    [{}, { source: 'unknown' }],
  ])('%j', (value, expected) => {
    expect(readDirectUrl(value)).toMatchObject(expected);
  });

  it('is no object where the file is broken', () => {
    expect(readDirectUrlJson(Buffer.from('{"url":1,"url":2}'))).toBeUndefined();
    expect(readDirectUrlJson(Buffer.from('{"url":"x"}'))).toEqual({ url: 'x' });
  });
});
