// The cache against somebody who edits files and covers it up, edits the cache, or hands over one of another folder; and
// beside each its clean twin, which reads nothing.
import { createHash, randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Disk, FileHasher, HashedFile, HashRequest } from '@vallum/core';
import { diskHasher, nodeDisk } from '@vallum/core';
import { datesMappedWrites } from '../edge/mapped-writes.js';
import { decodeCache, encodeCache } from './cache-file.js';
import type { IncrementalReport } from './incremental-hasher.js';
import { incrementalHasher } from './incremental-hasher.js';
import type { CacheEntry, StatCache } from './stat-cache.js';
import { isRacy } from './stat-cache.js';

const DAY = 24 * 3600 * 1000;
let base = '';
let dir = '';
let keysFolder = '';
/** Milliseconds that the clock is ahead: files that are made now are old enough to be kept. */
let ahead = 0;

beforeEach(() => {
  base = fs.mkdtempSync(join(fs.realpathSync(tmpdir()), 'vallum-cache-'));
  [dir, keysFolder] = [join(base, 'model'), join(base, 'keys')];
  fs.mkdirSync(dir);
  fs.mkdirSync(keysFolder, { mode: 0o700 });
  for (const name of ['a', 'b', 'c']) fs.writeFileSync(join(dir, name), `content of ${name}`);
  ahead = 10_000;
});
afterEach(() => fs.rmSync(base, { recursive: true }));

interface Ran extends IncrementalReport {
  readonly hashed: readonly HashedFile[];
  readonly read: readonly string[];
}

const yes = (): Promise<boolean> => Promise.resolve(true);

/** One run as a command makes it. */
async function run({ folder = dir, disk = nodeDisk, range = {}, datesMappedWrites = yes } = {}): Promise<Ran> {
  const read: string[] = [];
  const real = diskHasher(nodeDisk);
  const inner: FileHasher = {
    ...real,
    hash: (requests, options) => {
      read.push(...requests.map(({ path }) => path.slice(folder.length + 1)));
      return real.hash(requests, options);
    },
  };
  const clock = (): Date => new Date(Date.now() + ahead);
  const hasher = await incrementalHasher(inner, {
    disk,
    dir: folder,
    folder,
    keysFolder,
    clock,
    randomBytes,
    datesMappedWrites,
  });
  const requests: HashRequest[] = fs.readdirSync(folder).map((name) => ({ path: join(folder, name), ...range }));
  const hashed = await hasher.hash(requests);
  await hasher.close();
  return { ...hasher.report(), hashed, read };
}

const digestOf = (name: string): string =>
  createHash('sha256')
    .update(fs.readFileSync(join(dir, name)))
    .digest('hex');
const ownFile = (test: RegExp): string => {
  const name = fs.readdirSync(join(keysFolder, 'stat-cache')).find((each) => test.test(each));
  return join(keysFolder, 'stat-cache', name!);
};

test('the second run reads nothing and says that it is weaker', async () => {
  const first = await run();
  expect(first).toMatchObject({ assurance: 'content', files: 3, rehashed: 3, read: ['a', 'b', 'c'], notes: [] });
  expect(first.hashed[0]?.digest).toBe(digestOf('a'));
  const second = await run();
  expect(second).toMatchObject({ assurance: 'stat', files: 3, rehashed: 0, read: [], notes: [], contradicted: [] });
  expect(second.hashed).toEqual(first.hashed);
});

test('key and cache are for their user alone, outside the model', async () => {
  await run();
  expect(fs.readdirSync(dir)).toEqual(['a', 'b', 'c']);
  for (const test of [/^key$/, /\.cache$/]) expect(fs.statSync(ownFile(test)).mode & 0o777).toBe(0o600);
});

test.each<[string, (path: string) => void]>([
  [
    'an edit of the same length with its time set back',
    (path) => {
      const { atime, mtime } = fs.statSync(path);
      fs.writeFileSync(path, 'CONTENT of b');
      fs.utimesSync(path, atime, mtime);
    },
  ],
  [
    'another file under the name',
    (path) => {
      const { mtime } = fs.statSync(path);
      fs.writeFileSync(`${base}/other`, 'CONTENT of b');
      fs.utimesSync(`${base}/other`, mtime, mtime);
      fs.renameSync(`${base}/other`, path);
    },
  ],
  ['an added byte', (path) => fs.appendFileSync(path, 'x')],
])('%s is found', async (_, edit) => {
  await run();
  edit(join(dir, 'b'));
  const second = await run();
  expect(second).toMatchObject({ assurance: 'stat', rehashed: 1, read: ['b'] });
  expect(second.hashed[1]?.digest).toBe(digestOf('b'));
  expect((await run()).read).toEqual([]);
});

test('a file changed within two seconds before it was read is read again until it is older', async () => {
  ahead = 1000;
  await run();
  expect((await run()).read).toEqual(['a', 'b', 'c']);
  ahead = 10_000;
  expect((await run()).read).toEqual(['a', 'b', 'c']);
  expect((await run()).read).toEqual([]);
});

test('a change that leaves no trace is found by the full reading after seven days, and told', async () => {
  await run();
  // A disk whose looks never change stands for somebody who commands the disk.
  const looks = new Map(
    ['a', 'b', 'c'].map((name) => [join(dir, name), fs.statSync(join(dir, name), { bigint: true })]),
  );
  fs.writeFileSync(join(dir, 'b'), 'CONTENT of b');
  const blind: Disk = {
    ...nodeDisk,
    stat: async (path) => {
      const [seen, stat] = [looks.get(path), await nodeDisk.stat(path)];
      return seen === undefined || stat === undefined
        ? stat
        : { ...stat, mtimeNs: seen.mtimeNs, ctimeNs: seen.ctimeNs, inode: seen.ino };
    },
  };
  ahead += 6 * DAY;
  expect(await run({ disk: blind })).toMatchObject({ assurance: 'stat', read: [] });
  ahead += 2 * DAY;
  const scrub = await run({ disk: blind });
  expect(scrub).toMatchObject({ assurance: 'content', rehashed: 3, contradicted: ['b'] });
  expect(scrub.notes).toEqual([expect.stringContaining('7 days')]);
  expect((await run({ disk: blind })).read).toEqual([]);
});

/** A disk on which `b` is mapped: writes leave no trace while its page waits to be written, and a sync ends that. */
function mapped(sync: Disk['sync']): { readonly disk: Disk; readonly write: () => void } {
  const path = join(dir, 'b');
  let look = fs.statSync(path, { bigint: true });
  let waits = true;
  return {
    write: () => {
      fs.writeFileSync(path, 'CONTENT of b');
      if (!waits) look = fs.statSync(path, { bigint: true });
      waits = true;
    },
    disk: {
      ...nodeDisk,
      stat: async (at) => {
        const stat = await nodeDisk.stat(at);
        return at === path && stat !== undefined ? { ...stat, mtimeNs: look.mtimeNs, ctimeNs: look.ctimeNs } : stat;
      },
      sync: async (at) => {
        await sync(at);
        if (at === path) waits = false;
      },
    },
  };
}

test('a write through a mapping that was made before is found', async () => {
  const { disk, write } = mapped((path) => nodeDisk.sync(path));
  await run({ disk });
  expect((await run({ disk })).read).toEqual([]);
  write();
  const second = await run({ disk });
  expect(second.read).toEqual(['b']);
  expect(second.hashed[1]?.digest).toBe(digestOf('b'));
});

test('what a sync does not protect is not kept, and told', async () => {
  const { disk } = mapped((path) =>
    path.startsWith(dir) ? Promise.reject(new Error('no such call')) : nodeDisk.sync(path),
  );
  expect((await run({ disk })).notes).toEqual([expect.stringContaining('cannot be synced')]);
  expect((await run({ disk })).read).toEqual(['a', 'b', 'c']);
  const datesMappedWrites = (): Promise<boolean> => Promise.resolve(false);
  expect((await run({ datesMappedWrites })).notes).toEqual([expect.stringContaining('through a mapping')]);
  expect(await run({ datesMappedWrites })).toMatchObject({ assurance: 'content', read: ['a', 'b', 'c'] });
  // Its clean twin.
  expect(await run()).toMatchObject({ rehashed: 3, notes: [] });
  expect((await run()).read).toEqual([]);
});

test.runIf(process.platform === 'linux')('memory and what nobody looked at are no such file systems', async () => {
  expect(await datesMappedWrites('/proc')).toBe(false);
  expect(await datesMappedWrites(join(base, 'none'))).toBe(false);
  if (fs.existsSync('/dev/shm')) expect(await datesMappedWrites('/dev/shm')).toBe(false);
});

test('partial readings do not put off the full one', async () => {
  await run();
  ahead += 4 * DAY;
  fs.appendFileSync(join(dir, 'a'), 'x');
  expect((await run()).read).toEqual(['a']);
  ahead += 4 * DAY;
  expect((await run()).read).toEqual(['a', 'b', 'c']);
});

test('a clock that was set back makes a full reading', async () => {
  ahead = 2 * DAY;
  await run();
  ahead = DAY;
  expect(await run()).toMatchObject({ rehashed: 3, notes: [expect.stringContaining('clock was set back')] });
});

test.each<[string, () => void, RegExp]>([
  ['of another folder', () => swapWithOther(), /another folder/],
  ['written with another key', () => fs.writeFileSync(ownFile(/^key$/), randomBytes(32)), /this key/],
  ['without its key', () => fs.rmSync(ownFile(/^key$/)), /this key/],
  ['whose key others may read', () => fs.chmodSync(ownFile(/^key$/), 0o644), /open to other accounts/],
  ['in a folder that others may write to', () => fs.chmodSync(join(keysFolder, 'stat-cache'), 0o777), /other accounts/],
  ['that is empty', () => fs.truncateSync(ownFile(/\.cache$/)), /damaged/],
  ['that is a link', () => linkCache(), /symbolic link/],
])('a cache %s is a note and a full reading', async (_, spoil, note) => {
  await run();
  spoil();
  const again = await run();
  expect(again).toMatchObject({ assurance: 'content', rehashed: 3 });
  expect(again.notes[0]).toMatch(note);
});

/** The cache of a folder with the same names, under the name of ours. */
function swapWithOther(): void {
  const cache = ownFile(/\.cache$/);
  const key = fs.readFileSync(ownFile(/^key$/));
  const ours = decodeCache(fs.readFileSync(cache), key)!;
  fs.writeFileSync(cache, encodeCache({ ...ours, folder: join(base, 'elsewhere') }, key));
}

function linkCache(): void {
  const cache = ownFile(/\.cache$/);
  fs.renameSync(cache, `${cache}.real`);
  fs.symlinkSync(`${cache}.real`, cache);
}

test('a key folder in the model keeps no cache, and a full disk costs time only', async () => {
  keysFolder = join(dir, 'keys');
  fs.mkdirSync(keysFolder, { mode: 0o700 });
  const inModel = await incrementalHasher(diskHasher(nodeDisk), {
    disk: nodeDisk,
    dir,
    folder: dir,
    keysFolder,
    clock: () => new Date(),
    randomBytes,
    datesMappedWrites: yes,
  });
  await inModel.hash([{ path: join(dir, 'a') }]);
  await inModel.close();
  expect(inModel.report().notes.join()).toContain('is in the model folder');
  expect(fs.readdirSync(keysFolder)).toEqual([]);

  fs.rmdirSync(keysFolder);
  keysFolder = join(base, 'keys');
  const full: Disk = {
    ...nodeDisk,
    create: (path, bytes, mode) =>
      path.endsWith('.tmp') ? Promise.reject(new Error('the disk is full')) : nodeDisk.create(path, bytes, mode),
  };
  expect(await run({ disk: full })).toMatchObject({ rehashed: 3, notes: [expect.stringContaining('disk is full')] });
});

test('a run that fails keeps the cache of before', async () => {
  await run();
  const before = fs.readFileSync(ownFile(/\.cache$/));
  fs.symlinkSync('a', join(dir, 'link'));
  await expect(run()).rejects.toThrow('symbolic link');
  expect(fs.readFileSync(ownFile(/\.cache$/)).equals(before)).toBe(true);
});

test('ranges and algorithms of one file are kept apart', async () => {
  const whole = await run();
  const part = await run({ range: { from: 0, to: 5 } });
  expect(part.rehashed).toBe(3);
  expect(part.hashed[0]?.digest).not.toBe(whole.hashed[0]?.digest);
  const other = await run({ range: { algorithm: 'blake2b-512' } });
  expect(other.hashed[0]?.digest).toHaveLength(128);
  expect((await run({ range: { algorithm: 'blake2b-512' } })).read).toEqual([]);
});

const entry: CacheEntry = {
  path: 'a',
  from: 0,
  to: -1,
  algorithm: 'sha256',
  digest: '0'.repeat(64),
  bytes: 1,
  size: 1,
  mtimeNs: -1n,
  ctimeNs: 2n ** 60n,
  inode: 2n ** 63n,
  device: 1n,
  seenMs: 1,
};
const cache: StatCache = { folder: '/x', writtenMs: 2, fullMs: 1, entries: [entry] };
const key = Buffer.alloc(32, 7);

test('two seconds are counted from the younger of both times', () => {
  const at = (mtimeNs: bigint, ctimeNs: bigint): boolean => isRacy({ ...entry, mtimeNs, ctimeNs, seenMs: 12_000 });
  expect(at(9_999_999_999n, 1n)).toBe(false);
  expect(at(10_000_000_000n, 1n)).toBe(true);
  expect(at(1n, 10_000_000_000n)).toBe(true);
  expect(at(20_000_000_000n, 1n)).toBe(true);
});

test('any flipped bit, any shortening and any other bytes are refused', () => {
  const bytes = encodeCache(cache, key);
  expect(decodeCache(bytes, key)).toEqual(cache);
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const flipped = Buffer.from(bytes);
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    expect(decodeCache(flipped, key)).toBeUndefined();
  }
  for (let length = 0; length < bytes.length; length += 1)
    expect(decodeCache(bytes.subarray(0, length), key)).toBeUndefined();
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (other) => decodeCache(other, key) === undefined));
});

test('what is signed and yet no cache is refused too', () => {
  const wrong: readonly object[] = [
    { ...entry, bytes: -1 },
    { ...entry, size: 0.5 },
    { ...entry, digest: 'ABC' },
    { ...entry, to: -2 },
    { ...entry, path: 1 },
    { ...entry, seenMs: '1' },
    { ...entry, inode: 'x' },
    { ...entry, ctimeNs: '1'.repeat(30) },
  ];
  for (const each of wrong)
    expect(decodeCache(encodeCache({ ...cache, entries: [each as CacheEntry] }, key), key)).toBeUndefined();
  const also = { ...cache, more: 1 };
  expect(decodeCache(encodeCache(also, key), key)).toBeUndefined();
});
