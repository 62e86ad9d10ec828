// A link anywhere between the project and one of its folders is found, and named.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nodeDisk } from './edge/node-disk.js';
import { assertRealFolders } from './own-folders.js';

let folder = '';
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'vallum-own-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const check = (...paths: readonly string[]): Promise<void> => assertRealFolders(nodeDisk, join(folder, 'p'), paths);

test('real folders and folders that are not there yet are fine, and the root may be a link', async () => {
  mkdirSync(join(folder, 'real/a/b'), { recursive: true });
  symlinkSync('real', join(folder, 'p'));
  await check('a/b', 'a/c/d', './a//b/', 'none');
});

test.each(['a', 'a/b', 'a/b/c'])('a link in place of %s is named', async (link) => {
  mkdirSync(join(folder, 'elsewhere/b/c'), { recursive: true });
  mkdirSync(join(folder, 'p', link, '..'), { recursive: true });
  symlinkSync(join(folder, 'elsewhere'), join(folder, 'p', link));
  await expect(check('x', 'a/b/c')).rejects.toMatchObject({
    code: 'DISK_LINK',
    errorClass: 'unproven',
    message: `${folder}/p/${link} is a symbolic link, not a folder`,
    fix: 'replace the link with a folder',
  });
});

test('a link to nothing and a file are no folders either', async () => {
  mkdirSync(join(folder, 'p'));
  symlinkSync('gone', join(folder, 'p/a'));
  writeFileSync(join(folder, 'p/b'), '');
  await expect(check('a')).rejects.toThrow('is a symbolic link');
  await expect(check('b/c')).rejects.toThrow('is a file, not a folder');
});
