import { writeFile } from 'node:fs/promises';
import { nodeDisk, sha256 } from '@vallum/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeOf, withFolder } from '../testing/feeds.js';
import { pinFile, pinnedFile } from './file-pin.js';
import { readTableFacts } from './table-facts.js';

const MIB = 1024 * 1024;
const bytesOf = (size: number): Buffer =>
  Buffer.from(Uint8Array.from({ length: size }, (_, at) => (at * 31 + (at >> 8)) & 255));

describe('a pinned file', () => {
  it.each([0, 1, MIB - 1, MIB, MIB + 1, 2 * MIB + 77])('of %d bytes reads as it is', async (size) => {
    await withFolder(async (folder) => {
      const path = `${folder}/f`;
      const bytes = bytesOf(size);
      await writeFile(path, bytes);
      const pin = await pinFile(nodeDisk, path);
      expect([pin.sha256, pin.size]).toEqual([sha256(bytes), size]);
      const file = await pinnedFile(nodeDisk, path, pin).open(path);
      const place = fc.integer({ min: 0, max: size + 10 });
      await fc.assert(
        fc.asyncProperty(place, place, async (offset, length) => {
          const read = await file.read(offset, length);
          expect(Buffer.compare(read, bytes.subarray(offset, offset + length))).toBe(0);
        }),
        { numRuns: 40 },
      );
      await file.close();
    });
  });

  it('is refused block by block when a byte of it changed, and at once when its size did', async () => {
    await withFolder(async (folder) => {
      const path = `${folder}/f`;
      const bytes = bytesOf(2 * MIB);
      await writeFile(path, bytes);
      const pin = await pinFile(nodeDisk, path);
      bytes[MIB + 5] = (bytes[MIB + 5] ?? 0) ^ 1;
      await writeFile(path, bytes);
      const file = await pinnedFile(nodeDisk, path, pin).open(path);
      expect((await file.read(0, 10)).length).toBe(10);
      expect(await codeOf(() => file.read(MIB + 100, 1))).toMatch(/^DATA_CHANGED/);
      await file.close();
      await writeFile(path, bytes.subarray(1));
      expect(await codeOf(() => pinnedFile(nodeDisk, path, pin).open(path))).toMatch(/^DATA_CHANGED/);
    });
  });
});

describe('readTableFacts', () => {
  it('reads or refuses whatever stands there, and never names a file outside the folder', () => {
    const key = fc.constantFrom('file', 'label', 'id', 'source', 'other');
    const value = fc.oneof(fc.jsonValue(), fc.constantFrom('rows.csv', '../x', 'a/b', 'label', '.env'));
    fc.assert(
      fc.property(fc.dictionary(key, value), value, value, (table, rules, features) => {
        try {
          const json = { table, rules, features } as Parameters<typeof readTableFacts>[0];
          const facts = readTableFacts(json, 'feed.json');
          for (const file of [facts.file, facts.rules, facts.features])
            if (file !== undefined) expect(file).toMatch(/^[A-Za-z0-9][A-Za-z0-9._-]*$/);
        } catch (error) {
          expect(error).toMatchObject({ code: 'DATA_FEED' });
        }
      }),
    );
  });
});
