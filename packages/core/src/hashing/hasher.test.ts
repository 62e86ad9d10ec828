// Both hashers beside node's one-shot digest, and against somebody who changes the files meanwhile.
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Disk } from '../disk.js';
import { nodeDisk } from '../edge/node-disk.js';
import { digestFile, digestTree } from '../tree.js';
import { batchesOf } from './batches.js';
import { diskHasher, hashHere } from './disk-hasher.js';
import { hashFileSync } from './edge/hash-file-sync.js';
import { hashSmall } from './edge/hash-small.js';
import { threadHasher } from './edge/thread-hasher.js';
import type { FileHasher, HashRequest } from './file-hasher.js';
import { BLOCK, planJobs } from './job.js';

let base = '';
let program: URL;
let folder = '';

beforeAll(async () => {
  base = fs.mkdtempSync(join(tmpdir(), 'vallum-hashing-'));
  // Node 20 runs no TypeScript, so the thread is bundled as the published command has it.
  const outfile = join(base, 'hash-thread.mjs');
  const entry = join(import.meta.dirname, 'edge/hash-thread.ts');
  await build({ entryPoints: [entry], outfile, bundle: true, platform: 'node', format: 'esm', target: 'node20' });
  program = pathToFileURL(outfile);
});
afterAll(() => fs.rmSync(base, { recursive: true }));
beforeEach(() => (folder = fs.mkdtempSync(join(base, 'files-'))));
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

const onThreads = (): FileHasher => threadHasher(nodeDisk, { threads: 2, hereBytes: 0, program });
const HASHERS = [
  ['in this thread', () => diskHasher(nodeDisk)],
  ['through a disk that only reads', () => diskHasher(plainDisk())],
  ['on threads', onThreads],
  ['as threads would, but for less than their start', () => threadHasher(nodeDisk, { hereBytes: Infinity })],
] as const;

/** A disk as tests elsewhere have it: no fstat, no reads into a buffer. */
function plainDisk(): Disk {
  const open = async (path: string): ReturnType<Disk['open']> => {
    const file = await nodeDisk.open(path);
    return { size: file.size, read: (offset, length) => file.read(offset, length), close: () => file.close() };
  };
  return { ...nodeDisk, open };
}

function write(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  fs.writeFileSync(path, bytes);
  return path;
}

/** Bytes that repeat nowhere near a block. */
function bytesOf(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0, state = seed | 1; at < length; at += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}

describe.each(HASHERS)('%s', (_, make) => {
  test('digests of random ranges are those of node', async () => {
    const files = [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 7].map((size, at) => bytesOf(size, at));
    const paths = files.map((bytes, at) => write(`f${at}`, bytes));
    const hasher = make();
    const range = fc.record({
      file: fc.nat(files.length - 1),
      ends: fc.option(fc.tuple(fc.nat(4 * BLOCK), fc.nat(4 * BLOCK)), { nil: undefined }),
      algorithm: fc.constantFrom('sha256' as const, 'blake2b-512' as const),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(range, { maxLength: 8 }), async (ranges) => {
        const requests: HashRequest[] = [];
        const expected: object[] = [];
        for (const { file, ends, algorithm } of ranges) {
          const [from, to] = ends === undefined ? [0, files[file]!.length] : [Math.min(...ends), Math.max(...ends)];
          const part = files[file]!.subarray(from, to);
          const name = algorithm === 'sha256' ? 'sha256' : 'blake2b512';
          requests.push({ path: paths[file]!, algorithm, ...(ends === undefined ? {} : { from, to }) });
          expected.push({ digest: createHash(name).update(part).digest('hex'), bytes: part.length });
        }
        expect(await hasher.hash(requests)).toEqual(expected);
      }),
      { numRuns: 25 },
    );
    await hasher.close();
  });

  test('a link, a folder, a missing and an unreadable file are errors that name them', async () => {
    const real = write('real', bytesOf(10, 1));
    fs.symlinkSync(real, join(folder, 'link'));
    fs.mkdirSync(join(folder, 'folder'));
    const hasher = make();
    const failing = (name: string): Promise<unknown> => hasher.hash([{ path: real }, { path: join(folder, name) }]);
    await expect(failing('link')).rejects.toThrow(/link: it is a symbolic link/);
    await expect(failing('folder')).rejects.toThrow(/folder: it is a directory/);
    await expect(failing('missing')).rejects.toThrow(/missing: there is no such file/);
    if (process.getuid?.() !== 0) {
      fs.chmodSync(real, 0);
      await expect(failing('real')).rejects.toThrow(/real: permission denied/);
    }
    await hasher.close();
  });

  test.each([
    [-1, 2],
    [3, 2],
    [0.5, 2],
    [0, 2 ** 53],
  ])('bytes %d to %d are no range', async (from, to) => {
    const hasher = make();
    await expect(hasher.hash([{ path: write('a', bytesOf(10, 1)), from, to }])).rejects.toThrow('are no range');
    await hasher.close();
  });

  test('an abort ends it with the reason given', async () => {
    const path = join(folder, 'large');
    fs.writeFileSync(path, '');
    fs.truncateSync(path, 200 * BLOCK);
    const abort = new AbortController();
    const hasher = make();
    const progress = (): void => abort.abort(new Error('enough'));
    const requests = Array.from({ length: 8 }, () => ({ path }));
    await expect(hasher.hash(requests, { signal: abort.signal, progress })).rejects.toThrow('enough');
    await expect(hasher.hash(requests, { signal: abort.signal })).rejects.toThrow('enough');
    const [again] = await hasher.hash([{ path, to: 10 }]);
    expect(again).toEqual({ digest: createHash('sha256').update(Buffer.alloc(10)).digest('hex'), bytes: 10 });
    await hasher.close();
  });

  test('progress grows to the total, seldom, and the event loop turns', async () => {
    const path = write('large', bytesOf(20 * BLOCK, 3));
    const told: number[] = [];
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 1);
    const hasher = make();
    const started = performance.now();
    const progress = (bytes: number, total: number): void => void told.push(bytes / total);
    await hasher.hash(
      Array.from({ length: 20 }, () => ({ path })),
      { progress },
    );
    clearInterval(timer);
    expect(told).toEqual([...told].sort((a, b) => a - b));
    expect(told.at(-1)).toBe(1);
    expect(told.length).toBeLessThanOrEqual(2 + (performance.now() - started) / 100);
    expect(turns).toBeGreaterThan(5);
    await hasher.close();
    await hasher.close();
  });
});

/** The real disk, on which something happens once, just after the n-th look or read. */
function meddled(when: 'stat' | 'open' | 'read', meddle: () => void): Disk {
  let meddler: (() => void) | undefined = meddle;
  const now = (event: string): void => {
    if (event !== when) return;
    meddler?.();
    meddler = undefined;
  };
  return {
    ...nodeDisk,
    stat: async (path) => {
      const stat = await nodeDisk.stat(path);
      now('stat');
      return stat;
    },
    open: async (path) => {
      const file = await nodeDisk.open(path);
      now('open');
      const readInto = async (target: Uint8Array, offset: number): Promise<number> => {
        const read = await file.readInto!(target, offset);
        now('read');
        return read;
      };
      return { ...file, readInto };
    },
  };
}

describe('a file that changes while it is hashed', () => {
  const size = 3 * BLOCK;
  const meddling: Readonly<Record<string, (path: string) => void>> = {
    rewritten: (path) => fs.writeFileSync(path, bytesOf(size, 9)),
    'edited with its time set back': (path) => {
      const { atime, mtime } = fs.statSync(path);
      const file = fs.openSync(path, 'r+');
      fs.writeSync(file, 'x', size - 1);
      fs.closeSync(file);
      fs.utimesSync(path, atime, mtime);
    },
    truncated: (path) => fs.truncateSync(path, BLOCK + 3),
    grown: (path) => fs.appendFileSync(path, 'more'),
    removed: (path) => fs.rmSync(path),
    replaced: (path) => {
      fs.writeFileSync(`${path}.new`, bytesOf(size, 5));
      fs.renameSync(`${path}.new`, path);
    },
    'replaced by a link': (path) => {
      fs.renameSync(path, `${path}.old`);
      fs.symlinkSync(`${path}.old`, path);
    },
  };
  const cases = Object.keys(meddling).flatMap((what) =>
    (['stat', 'open', 'read'] as const).map((at) => [what, at] as const),
  );

  test.each(cases)('%s after %s', async (what, at) => {
    const path = write('a.bin', bytesOf(size, 5));
    const disk = meddled(at, () => meddling[what]?.(path));
    await expect(diskHasher(disk).hash([{ path }])).rejects.toThrow(/a\.bin(:| changed)/);
  });

  test.each(Object.keys(meddling))('%s before a thread opens it', async (what) => {
    const path = write('a.bin', bytesOf(size, 5));
    const [job] = await planJobs(nodeDisk, [{ path }]);
    meddling[what]?.(path);
    expect(() => hashFileSync(job!, Buffer.alloc(BLOCK), () => undefined)).toThrow(/a\.bin(:| changed)/);
  });

  test.each(Object.keys(meddling))('%s while a thread reads it', async (what) => {
    const path = write('a.bin', bytesOf(size, 5));
    const [job] = await planJobs(nodeDisk, [{ path }]);
    let meddle: ((path: string) => void) | undefined = meddling[what];
    const once = (): void => {
      meddle?.(path);
      meddle = undefined;
    };
    expect(() => hashFileSync(job!, Buffer.alloc(BLOCK), once)).toThrow(/a\.bin(:| changed)/);
  });

  test('between two ranges of it', async () => {
    const path = write('a.bin', bytesOf(size, 5));
    const disk = meddled('read', () => fs.appendFileSync(path, 'more'));
    const shards = [0, 1, 2].map((n) => ({ path, from: n * BLOCK, to: (n + 1) * BLOCK }));
    await expect(diskHasher(disk).hash(shards)).rejects.toMatchObject({ code: 'TREE_CHANGED' });
  });
});

test('the error of a thread is told, not that the others were stopped for it', async () => {
  const paths = ['a', 'b'].map((name) => write(name, bytesOf(1, 1)));
  // Holes cost no disk; half a second of hashing is in them.
  for (const path of paths) fs.truncateSync(path, 700 * 1024 * 1024);
  const hasher = onThreads();
  let meddle: (() => void) | undefined = () => fs.appendFileSync(paths[1]!, 'x');
  const progress = (): void => {
    meddle?.();
    meddle = undefined;
  };
  const work = hasher.hash(
    [...paths, ...paths].map((path) => ({ path })),
    { progress },
  );
  await expect(work).rejects.toThrow(/b changed/);
  expect((await hasher.hash([{ path: paths[1]!, from: 700 * 1024 * 1024 }]))[0]?.bytes).toBe(1);
  await hasher.close();
});

test('a thread that cannot be had costs speed only', async () => {
  const paths = [1, 2, 3].map((n) => write(`f${n}`, bytesOf(9 * BLOCK, n)));
  const hasher = threadHasher(nodeDisk, { threads: 2, hereBytes: 0, program: pathToFileURL(join(folder, 'none.mjs')) });
  const requests = paths.map((path) => ({ path }));
  expect(await hasher.hash(requests)).toEqual(await diskHasher(nodeDisk).hash(requests));
  await hasher.close();
});

test('large files go alone and first, small ones together, none is lost', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(8 * 1024 * 1024), { maxLength: 600 }), (sizes) => {
      const seen = { kind: 'file', size: 0, mtimeNs: 0n, inode: 0n, mode: 0 } as const;
      const jobs = sizes.map((bytes, index) => ({
        index,
        path: '',
        from: 0,
        bytes,
        algorithm: 'sha256' as const,
        seen,
      }));
      const batches = batchesOf(jobs);
      expect(batches.flat().map(({ bytes }) => bytes)).toEqual([...sizes].sort((a, b) => b - a));
      expect(new Set(batches.flat().map(({ index }) => index)).size).toBe(sizes.length);
      for (const batch of batches) {
        expect(batch.length).toBeLessThanOrEqual(256);
        if (batch.length > 1)
          expect(batch.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(4 * 1024 * 1024);
      }
    }),
    { numRuns: 50 },
  );
});

test('a range past 4 GiB of a sparse file is read where it lies', async () => {
  const path = join(folder, 'sparse');
  const file = fs.openSync(path, 'w');
  const offset = 2 ** 32 + 5;
  fs.writeSync(file, 'here', offset);
  fs.closeSync(file);
  const expected = { digest: createHash('sha256').update('here').digest('hex'), bytes: 4 };
  for (const hasher of [diskHasher(nodeDisk), onThreads()]) {
    expect(await hasher.hash([{ path, from: offset }])).toEqual([expected]);
    await hasher.close();
  }
});

test('many small files let the event loop turn', async () => {
  const paths = Array.from({ length: 400 }, (_, at) => write(`f${at}`, bytesOf(at, at)));
  const jobs = await planJobs(
    nodeDisk,
    paths.map((path) => ({ path })),
  );
  let turns = 0;
  let timer = setImmediate(function turn() {
    turns += 1;
    timer = setImmediate(turn);
  });
  const hashed = await hashHere(jobs, {}, hashSmall());
  clearImmediate(timer);
  expect(hashed.map(({ bytes }) => bytes)).toEqual(paths.map((_, at) => at));
  expect(turns).toBeGreaterThan(400 / 40);
});

test('digests of a tree are the same with any hasher, and of one file with none', async () => {
  fs.mkdirSync(join(folder, 'sub'));
  write('b', bytesOf(100, 1));
  const path = write('sub/a', bytesOf(BLOCK + 1, 2));
  const hasher = onThreads();
  const tree = await digestTree(nodeDisk, folder, undefined, hasher);
  await hasher.close();
  expect(tree).toEqual(await digestTree(nodeDisk, folder));
  expect(tree[1]).toEqual({ path: 'sub/a', sha256: await digestFile(nodeDisk, path) });
});
