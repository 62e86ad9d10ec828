// A model store on a real disk, and somebody who changes it: what is found, what it is called, and when all bytes are read.
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Disk, FileHasher, Sha256 } from '@vallum/core';
import { digestDirectory, diskHasher, nodeDisk, sha256, VallumError } from '@vallum/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hashStore } from './store.js';
import type { StoreWatchOptions } from './watch-store.js';
import { FULL_EVERY, StoreWatch } from './watch-store.js';

const LONG_AGO = new Date('2020-01-01T00:00:00Z');
let folder = '';
let hashed = 0;

beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'vallum-store-'));
  write('model.onnx', 'weights');
  write('sub/labels.json', '[]');
  write('model.sig', 'a signature');
  hashed = 0;
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

function write(path: string, text: string): void {
  fs.mkdirSync(join(folder, path, '..'), { recursive: true });
  fs.writeFileSync(join(folder, path), text);
}

const approved = (): Sha256 =>
  digestDirectory([
    { path: 'model.onnx', sha256: sha256('weights') },
    { path: 'sub/labels.json', sha256: sha256('[]') },
  ]);

function countingHasher(disk: Disk): FileHasher {
  const inner = diskHasher(disk);
  return {
    hash: (requests, options) => {
      hashed += 1;
      return inner.hash(requests, options);
    },
    close: () => inner.close(),
  };
}

function watch(change: Partial<StoreWatchOptions> = {}): StoreWatch {
  const disk = change.disk ?? nodeDisk;
  return new StoreWatch({
    disk,
    // Much later than the files were written, as in a store at rest.
    clock: () => new Date(Date.now() + 3_600_000),
    folder,
    hasher: countingHasher(disk),
    except: ['model.sig'],
    ...change,
  });
}

describe('hashStore', () => {
  it('gives the digest that verdicts name: all files but the detached signature', async () => {
    const store = await hashStore(nodeDisk, folder, { hasher: diskHasher(nodeDisk), except: ['model.sig'] });
    expect(store.digest).toBe(approved());
    write('sub/model.sig', 'not the detached one');
    const other = await hashStore(nodeDisk, folder, { hasher: diskHasher(nodeDisk), except: ['model.sig'] });
    expect(other.digest).not.toBe(approved());
  });

  it('refuses a store that is a link or not there', async () => {
    const link = `${folder}-link`;
    fs.symlinkSync(folder, link);
    try {
      for (const path of [link, `${folder}/nowhere`, `${folder}/model.onnx`])
        await expect(hashStore(nodeDisk, path, { hasher: diskHasher(nodeDisk), except: [] })).rejects.toThrow(
          expect.objectContaining({ code: 'TREE_KIND' }),
        );
    } finally {
      fs.unlinkSync(link);
    }
  });
});

describe('a watched store', () => {
  it('matches, names what is swapped, and matches again when it is restored', async () => {
    const store = watch();
    expect(await store.look(approved())).toEqual({ kind: 'match', subject: approved(), files: 2 });
    write('model.onnx', 'swapped');
    fs.rmSync(join(folder, 'sub/labels.json'));
    write('sub/evil.so', 'x');
    expect(await store.look(approved())).toMatchObject({
      kind: 'mismatch',
      files: ['model.onnx (changed)', 'sub/labels.json (missing)', 'sub/evil.so (new)'],
      reason: expect.stringContaining('model.onnx (changed)') as string,
    });
    write('model.onnx', 'weights');
    write('sub/labels.json', '[]');
    fs.rmSync(join(folder, 'sub/evil.so'));
    expect(await store.look(approved())).toMatchObject({ kind: 'match' });
  });

  it('names what differs at the first look when somebody knows the approved files', async () => {
    write('model.onnx', 'swapped');
    const files = [
      { path: 'model.onnx', sha256: sha256('weights') },
      { path: 'sub/labels.json', sha256: sha256('[]') },
    ];
    const known = watch({ approved: (digest) => Promise.resolve(digest === approved() ? files : undefined) });
    expect(await known.look(approved())).toMatchObject({ kind: 'mismatch', files: ['model.onnx (changed)'] });
    expect(await watch().look(approved())).toMatchObject({ kind: 'mismatch', files: [] });
    const broken = watch({ approved: () => Promise.reject(new Error('gone')) });
    expect(await broken.look(approved())).toMatchObject({ kind: 'mismatch', files: [] });
  });

  it('finds other bytes of the same size with the old time set back', async () => {
    fs.utimesSync(join(folder, 'model.onnx'), LONG_AGO, LONG_AGO);
    const store = watch();
    expect(await store.look(approved())).toMatchObject({ kind: 'match' });
    write('model.onnx', 'WEIGHTS');
    fs.utimesSync(join(folder, 'model.onnx'), LONG_AGO, LONG_AGO);
    expect(await store.look(approved())).toMatchObject({ kind: 'mismatch', files: ['model.onnx (changed)'] });
  });

  it('reads a store at rest only every twelfth time, and one that was just written every time', async () => {
    const store = watch();
    for (let look = 0; look <= FULL_EVERY; look += 1) await store.look(approved());
    expect(hashed).toBe(2);
    hashed = 0;
    const fresh = watch({ clock: () => new Date() });
    for (let look = 0; look < 3; look += 1) await fresh.look(approved());
    expect(hashed).toBe(3);
  });

  it('finds bytes behind times that tell nothing within twelve looks', async () => {
    // As a write through shared memory, or a clock that was set back, would look.
    const stat: Disk['stat'] = async (path) => {
      const real = await nodeDisk.stat(path);
      return real === undefined ? undefined : { ...real, mtimeNs: 1n, ctimeNs: 1n };
    };
    const blind: Disk = { ...nodeDisk, stat, open: (path) => plain(path) };
    const store = watch({ disk: blind });
    expect(await store.look(approved())).toMatchObject({ kind: 'match' });
    write('model.onnx', 'WEIGHTS');
    const kinds: string[] = [];
    for (let look = 0; look < FULL_EVERY; look += 1) kinds.push((await store.look(approved())).kind);
    expect(kinds.at(-1)).toBe('mismatch');
    expect(kinds[0]).toBe('match');
  });

  it('takes a link in the place of a file for a swap, and what cannot be read for unreadable', async () => {
    const store = watch();
    fs.renameSync(join(folder, 'model.onnx'), `${folder}-aside`);
    fs.symlinkSync(`${folder}-aside`, join(folder, 'model.onnx'));
    try {
      expect(await store.look(approved())).toMatchObject({
        kind: 'mismatch',
        reason: expect.stringContaining('symbolic link') as string,
      });
    } finally {
      fs.rmSync(`${folder}-aside`);
    }
    const failing: Disk = {
      ...nodeDisk,
      list: () => Promise.reject(new VallumError('DISK_READ', 'permission denied')),
    };
    expect(await watch({ disk: failing }).look(approved())).toMatchObject({
      kind: 'unreadable',
      reason: expect.stringContaining('permission denied') as string,
    });
  });

  it('tries again when the store is written to meanwhile, and gives up when that does not end', async () => {
    let writes = 1;
    const moving: FileHasher = {
      hash: async (requests) => {
        const digests = await diskHasher(nodeDisk).hash(requests);
        if (writes > 0) write('sub/labels.json', `[${' '.repeat((writes -= 1))}]`);
        return digests;
      },
      close: () => Promise.resolve(),
    };
    expect(await watch({ hasher: moving }).look(approved())).toMatchObject({ kind: 'match' });
    writes = 100;
    expect(await watch({ hasher: moving }).look(approved())).toMatchObject({ kind: 'unreadable' });
    expect(writes).toBe(97);
  });
});

/** An open file of a disk that cannot tell what is open. */
async function plain(path: string): ReturnType<Disk['open']> {
  const file = await nodeDisk.open(path);
  return { size: file.size, read: (offset, length) => file.read(offset, length), close: () => file.close() };
}
