// Budgets: each one that is used up is named, never a pass, and what came out until then was examined.
import { deflateSync, gzipSync } from 'node:zlib';
import { pickle, tar, zip } from '@vallum/formats/testing';
import { describe, expect, it } from 'vitest';
import type { ScanOptions } from './scan-path.js';
import { scanBytes } from './testing/scan-bytes.js';

const shell = pickle().proto(2).global('os', 'system').call('id').stop();
const noise = (length: number): Uint8Array => Uint8Array.from({ length }, (_, at) => (at * at * 31 + (at >> 3)) % 256);
const text = Buffer.from('text\n');

async function scanned(bytes: Uint8Array, options: ScanOptions) {
  const report = await scanBytes('model', bytes, options);
  const why = report.files.flatMap((file) => file.notExamined.map((one) => one.why)).join('; ');
  return { outcome: report.outcome, why, rules: report.files.flatMap((file) => file.findings.map(({ rule }) => rule)) };
}

describe('budgets', () => {
  it('bytes out of one file', async () => {
    const bytes = zip([
      { name: 'a', data: noise(60_000), deflate: true },
      { name: 'b', data: noise(60_000), deflate: true },
    ]);
    const { outcome, why } = await scanned(bytes, { budgets: { maxUnpackedBytes: 100_000 } });
    expect([outcome, why]).toEqual(['inconclusive', expect.stringContaining('unpacks to more than 100000 bytes')]);
  });

  it('bytes out of a stream, and the payload at its start is found all the same', async () => {
    const bytes = gzipSync(Buffer.concat([shell, noise(300_000)]));
    const { outcome, why, rules } = await scanned(bytes, { budgets: { maxUnpackedBytes: 100_000 } });
    expect([outcome, why]).toEqual(['fail', expect.stringContaining('unpacks to more than')]);
    expect(rules).toContain('VLM-PKL-001');
  });

  it('a stream far larger than its size ends at its own limit', async () => {
    const bytes = deflateSync(Buffer.alloc(40_000_000));
    const { outcome, why, rules } = await scanned(bytes, { budgets: { maxDenseBytes: 10_000_000 } });
    expect([outcome, rules]).toEqual(['fail', ['VLM-ZIP-010']]);
    expect(why).toContain('more than 10000000 bytes');
  });

  it('entries, over all archives of a file', async () => {
    const inner = tar(Array.from({ length: 6 }, (_, index) => ({ name: `${index}`, data: text })));
    const bytes = zip([
      { name: 'a', data: inner },
      { name: 'b', data: inner },
    ]);
    const { outcome, why } = await scanned(bytes, { budgets: { maxEntries: 10 } });
    expect([outcome, why]).toEqual(['inconclusive', expect.stringContaining('more than 10')]);
  });

  it('depth', async () => {
    const bytes = gzipSync(gzipSync(gzipSync(shell)));
    const { outcome, why } = await scanned(bytes, { budgets: { maxDepth: 2 } });
    expect([outcome, why]).toEqual(['inconclusive', expect.stringContaining('nested deeper than 2')]);
  });

  it('time', async () => {
    let now = 0;
    const clock = (): number => (now += 500);
    const bytes = zip(Array.from({ length: 50 }, (_, index) => ({ name: `${index}`, data: text, deflate: true })));
    const { outcome, why } = await scanned(bytes, { budgets: { maxSeconds: 10 }, clock });
    expect([outcome, why]).toEqual([
      'inconclusive',
      expect.stringContaining('the 10 seconds for one file are used up'),
    ]);
  });

  it('a disk that is full is told', async () => {
    const scratch = { create: () => Promise.reject(new Error('no space left')) };
    const { outcome, why } = await scanned(gzipSync(noise(3_000_000)), { scratch, budgets: { maxMemoryBytes: 1000 } });
    expect([outcome, why]).toEqual(['inconclusive', expect.stringContaining('no space left')]);
  });
});

describe('what is too large for memory', () => {
  it('is examined from a temporary file, which is closed', async () => {
    let open = 0;
    const scratch = {
      create: async () => {
        const parts = new Map<number, Uint8Array>();
        open += 1;
        return {
          write: async (offset: number, bytes: Uint8Array) => void parts.set(offset, bytes.slice()),
          read: async (offset: number, length: number) => {
            const all = Buffer.concat([...parts].sort(([a], [b]) => a - b).map(([, bytes]) => bytes));
            return all.subarray(offset, offset + length);
          },
          close: async () => void (open -= 1),
        };
      },
    };
    const late = pickle().proto(2).bytes(noise(3_000_000)).op('POP').raw(shell.subarray(2)).done();
    for (const bytes of [gzipSync(late), zip([{ name: 'x', data: late, deflate: true }])]) {
      const { outcome, rules } = await scanned(bytes, { scratch, budgets: { maxMemoryBytes: 100_000 } });
      expect(outcome).toBe('fail');
      expect(rules).toContain('VLM-PKL-001');
      expect(open).toBe(0);
    }
  });
});
