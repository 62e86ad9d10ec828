// What is unpacked comes back the same wherever it lay, and nothing is left behind.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Scratch } from '../context.js';
import { diskScratch } from '../edge/scratch.js';
import { nearSource } from './near-source.js';
import { Spool } from './spool.js';

let folder = '';
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'spool-test-'))));
afterEach(() => rmSync(folder, { recursive: true }));

/** Counts the files that are open. */
function counting(inner: Scratch): Scratch & { open: number; made: number } {
  const counted = {
    open: 0,
    made: 0,
    create: async () => {
      const file = await inner.create();
      counted.open += 1;
      counted.made += 1;
      return { ...file, close: () => file.close().then(() => void (counted.open -= 1)) };
    },
  };
  return counted;
}

describe('Spool', () => {
  it('gives back what was added, at any offset', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(2_000_000), { maxLength: 5 }),
        fc.constantFrom(1000, 100_000, 10_000_000),
        fc.nat(4_000_000),
        async (sizes, maxMemory, offset) => {
          const scratch = counting(diskScratch(folder));
          const spool = new Spool(scratch, maxMemory);
          const parts = sizes.map((size, index) => Buffer.alloc(size, index + 1));
          for (const part of parts) await spool.add(part);
          const all = Buffer.concat(parts);
          const source = await spool.source();
          expect(source.size).toBe(all.length);
          expect(Buffer.compare(await source.read(offset, 5000), all.subarray(offset, offset + 5000))).toBe(0);
          expect(Buffer.compare(await source.read(0, all.length), all)).toBe(0);
          expect(scratch.made).toBe(all.length > maxMemory ? 1 : 0);
          await spool.close();
          expect(scratch.open).toBe(0);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('has no name on disk while it is in use', async () => {
    const spool = new Spool(diskScratch(folder), 10);
    await spool.add(Buffer.alloc(3_000_000, 7));
    const source = await spool.source();
    expect(readdirSync(folder)).toEqual([]);
    expect((await source.read(2_999_999, 10)).length).toBe(1);
    await spool.close();
  });
});

describe('nearSource', () => {
  it('reads as the source itself does, with fewer reads', async () => {
    const bytes = Buffer.from(Array.from({ length: 400_000 }, (_, index) => (index * index) % 251));
    let reads = 0;
    const near = nearSource({
      size: bytes.length,
      read: async (offset, length) => {
        reads += 1;
        return bytes.subarray(offset, offset + length);
      },
    });
    for (let at = 0; at < 100_000; at += 100) {
      const piece = await near.read(at, 100);
      expect(Buffer.compare(piece, bytes.subarray(at, at + 100))).toBe(0);
    }
    expect(reads).toBeLessThan(3);
    await fc.assert(
      fc.asyncProperty(fc.nat(410_000), fc.nat(60_000), async (offset, length) => {
        expect(Buffer.compare(await near.read(offset, length), bytes.subarray(offset, offset + length))).toBe(0);
      }),
      { numRuns: 100 },
    );
  });
});
