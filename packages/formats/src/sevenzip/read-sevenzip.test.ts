// The two headers of a 7z archive, whole and spoilt.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBytes } from '../bytes/parser.js';
import { PACKED } from '../testing/index.js';
import type { SevenZipReport } from './read-sevenzip.js';
import { readSevenZip } from './read-sevenzip.js';

const read = (bytes: Uint8Array): SevenZipReport => parseBytes(readSevenZip(bytes.length), bytes);
const { seven } = PACKED;

describe('readSevenZip', () => {
  it('reads what py7zr writes', () => {
    expect(read(seven)).toEqual({ version: '0.4', header: 'packed', end: seven.length });
  });

  it('knows where it ends', () => {
    expect(read(Buffer.concat([seven, Buffer.alloc(9)])).end).toBe(seven.length);
  });

  it('says so when it is cut off or spoilt', () => {
    for (let cut = 0; cut < seven.length; cut++)
      expect([cut, read(seven.subarray(0, cut)).fault]).not.toEqual([cut, undefined]);
    for (const at of [9, 13, 21, 29, seven.length - 1]) {
      const copy = Buffer.from(seven);
      copy[at] = (copy[at] ?? 0) ^ 1;
      expect([at, read(copy).fault]).not.toEqual([at, undefined]);
    }
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        read(Buffer.concat([seven.subarray(0, 8), bytes]));
      }),
      { numRuns: 300 },
    );
  });
});
