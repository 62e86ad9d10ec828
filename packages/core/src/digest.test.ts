// The directory digest must be what a person gets with `sha256sum`, and must cover names.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { digestDirectory, sha256 } from './digest.js';
import type { Disk } from './disk.js';
import { nodeDisk } from './edge/node-disk.js';
import { digestFile, digestTree, listFiles } from './tree.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vallum-digest-'));
  mkdirSync(join(folder, 'sub'));
  writeFileSync(join(folder, 'b.txt'), 'two');
  writeFileSync(join(folder, 'a b.txt'), 'one');
  writeFileSync(join(folder, 'sub', '\u00e9.bin'), Uint8Array.of(0, 1, 2));
  writeFileSync(join(folder, 'sub-x'), '');
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('digestDirectory', () => {
  test('equals the digest that sha256sum and sort give', async () => {
    const script =
      'find . -type f | sed "s#^\\./##" | LC_ALL=C sort | while read -r f; do sha256sum "$f"; done | sha256sum';
    const shell = spawnSync('sh', ['-c', script], { cwd: folder, encoding: 'utf8' });
    expect(shell.status).toBe(0);
    expect(digestDirectory(await digestTree(nodeDisk, folder))).toBe(shell.stdout.slice(0, 64));
  });

  test('changes with a name even when no byte of a file changes', () => {
    const one = { path: 'a', sha256: sha256('x') };
    expect(digestDirectory([one])).not.toBe(digestDirectory([{ ...one, path: 'b' }]));
  });

  test('refuses a path that would forge a line, and a path that is listed twice', () => {
    const file = { path: `a\n${sha256('')}  b`, sha256: sha256('x') };
    expect(() => digestDirectory([file])).toThrow('line break');
    expect(() =>
      digestDirectory([
        { ...file, path: 'a' },
        { ...file, path: 'a' },
      ]),
    ).toThrow('twice');
  });
});

describe('the tree walk', () => {
  test('refuses links, and trees that are too deep or too large', async () => {
    const other = mkdtempSync(join(tmpdir(), 'vallum-link-'));
    symlinkSync('/etc/hostname', join(other, 'link'));
    await expect(listFiles(nodeDisk, other)).rejects.toThrow('symbolic link');
    await expect(listFiles(nodeDisk, folder, { maxFiles: 2 })).rejects.toThrow('more than 2 files');
    await expect(listFiles(nodeDisk, folder, { maxDepth: 0 })).rejects.toThrow('nested deeper');
    rmSync(other, { recursive: true });
  });

  test('notices a file that changes while it is read', async () => {
    let calls = 0n;
    const moving: Disk = {
      ...nodeDisk,
      stat: async (path) => {
        const stat = await nodeDisk.stat(path);
        calls += 1n;
        return stat === undefined ? undefined : { ...stat, mtimeNs: stat.mtimeNs + calls };
      },
    };
    await expect(digestFile(moving, join(folder, 'b.txt'))).rejects.toThrow('changed while it was read');
    expect(await digestFile(nodeDisk, join(folder, 'b.txt'))).toBe(sha256('two'));
  });
});
