// The disk port on a real file system: durable replacement, bounded reads, links not followed.
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeDurably } from './disk.js';
import { nodeDisk } from './edge/node-disk.js';

let folder = '';
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'vallum-disk-'))));
afterEach(() => rmSync(folder, { recursive: true }));

test('a durable write replaces the file, sets its mode and leaves nothing behind', async () => {
  const path = join(folder, 'a');
  await writeDurably(nodeDisk, path, Buffer.from('old'));
  await writeDurably(nodeDisk, path, Buffer.from('new'), 0o600);
  expect(Buffer.from(await nodeDisk.read(path, 10)).toString()).toBe('new');
  expect((await nodeDisk.stat(path))?.mode).toBe(0o600);
  expect(await nodeDisk.list(folder)).toEqual(['a']);
});

test('a read has a limit, and a link is not followed', async () => {
  const path = join(folder, 'a');
  writeFileSync(path, 'four');
  symlinkSync(path, join(folder, 'link'));
  await expect(nodeDisk.read(path, 3)).rejects.toMatchObject({ code: 'DISK_TOO_LARGE' });
  await expect(nodeDisk.read(join(folder, 'link'), 10)).rejects.toThrow('symbolic link');
  await expect(nodeDisk.read(join(folder, 'none'), 10)).rejects.toThrow('there is no such file');
  expect(await nodeDisk.stat(join(folder, 'none'))).toBeUndefined();
});

test('create answers whether it created', async () => {
  const path = join(folder, 'a');
  expect(await nodeDisk.create(path, Buffer.from('1'))).toBe(true);
  expect(await nodeDisk.create(path, Buffer.from('2'))).toBe(false);
});

test('positioned reads end at the end of the file', async () => {
  const path = join(folder, 'a');
  writeFileSync(path, 'abcdef');
  const file = await nodeDisk.open(path);
  expect(Buffer.from(await file.read(4, 10)).toString()).toBe('ef');
  expect((await file.read(10, 10)).length).toBe(0);
  await file.close();
});
