// The disk port on a real file system: durable replacement, bounded reads, links not followed, pipes not waited for.
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { halfWritten, writeDurably, type Disk } from './disk.js';
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

test('neither a guessed temporary name nor a link in place of the file leads a write elsewhere', async () => {
  const [path, victim] = [join(folder, 'a'), join(folder, 'victim')];
  writeFileSync(victim, 'precious');
  for (let n = 0; n < 50; n += 1) symlinkSync(victim, `${path}.${process.pid}-${n}.tmp`);
  await writeDurably(nodeDisk, path, Buffer.from('new'));
  expect(readFileSync(victim, 'utf8')).toBe('precious');
  symlinkSync(victim, join(folder, 'link'));
  await expect(nodeDisk.write(join(folder, 'link'), Buffer.from('x'))).rejects.toThrow('symbolic link');
  await expect(nodeDisk.append(join(folder, 'link'), Buffer.from('x'))).rejects.toThrow('symbolic link');
  expect(readFileSync(victim, 'utf8')).toBe('precious');
});

test('a temporary name that is taken is left alone, and another one is tried, but not for ever', async () => {
  const tried: string[] = [];
  const taken = (times: number): Disk => ({
    ...nodeDisk,
    create: async (path, bytes) => {
      tried.push(path);
      return tried.length > times && nodeDisk.create(path, bytes);
    },
  });
  await writeDurably(taken(2), join(folder, 'a'), Buffer.from('new'));
  expect([new Set(tried).size, await nodeDisk.list(folder)]).toEqual([3, ['a']]);
  expect(tried.map((path) => halfWritten(path))).toEqual([join(folder, 'a'), join(folder, 'a'), join(folder, 'a')]);
  await expect(writeDurably(taken(Infinity), join(folder, 'b'), Buffer.from('new'))).rejects.toThrow('temporary name');
});

describe('a file that is held open until it is durable', () => {
  const content = (path: string): string => readFileSync(path, 'utf8');
  const descriptors = (): number => readdirSync('/proc/self/fd').length;

  test('has its bytes and its mode at once, replaces what is there, and stays the file that was opened', async () => {
    const path = join(folder, 'a');
    writeFileSync(path, 'old and longer');
    const held = await nodeDisk.writeHeld?.(path, Buffer.from('new'));
    expect(content(path)).toBe('new');
    await nodeDisk.rename(path, join(folder, 'b'));
    await held?.sync();
    await held?.close();
    expect([content(join(folder, 'b')), await nodeDisk.list(folder)]).toEqual(['new', ['b']]);
    await (await nodeDisk.writeHeld?.(path, new Uint8Array(), { fresh: true, mode: 0o600 }))?.close();
    expect(await nodeDisk.stat(path)).toMatchObject({ size: 0, mode: 0o600 });
  });

  test('is not made where the name is taken, and never through a link', async () => {
    const [victim, link, dangling] = [join(folder, 'victim'), join(folder, 'link'), join(folder, 'dangling')];
    writeFileSync(victim, 'precious');
    symlinkSync(victim, link);
    symlinkSync(join(folder, 'nowhere'), dangling);
    for (const path of [victim, link, dangling, folder])
      expect(await nodeDisk.writeHeld?.(path, Buffer.from('x'), { fresh: true })).toBeUndefined();
    for (const path of [link, dangling])
      await expect(nodeDisk.writeHeld?.(path, Buffer.from('x'))).rejects.toThrow('symbolic link');
    expect([content(victim), await nodeDisk.stat(join(folder, 'nowhere'))]).toEqual(['precious', undefined]);
  });

  test.runIf(process.platform === 'linux')('leaves no descriptor open, however it ends', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
    const before = descriptors();
    const first = await nodeDisk.writeHeld?.(join(folder, 'a'), Buffer.from('a'));
    const second = await nodeDisk.writeHeld?.(join(folder, 'b'), Buffer.from('b'));
    expect(descriptors()).toBe(before + 2);
    await first?.sync();
    await second?.close();
    await expect(second?.sync()).rejects.toMatchObject({ code: 'DISK_WRITE' });
    // A pipe that somebody reads can be opened; it is seen for what it is then.
    await expect(nodeDisk.writeHeld?.(pipe, Buffer.from('x'))).rejects.toThrow('it is a special file');
    await expect(nodeDisk.writeHeld?.(folder, Buffer.from('x'))).rejects.toThrow('it is a directory');
    await expect(nodeDisk.sync(pipe)).rejects.toThrow('it is a special file');
    expect(descriptors()).toBe(before);
    closeSync(reader);
  });
});

test('a replacement that fails leaves no temporary file', async () => {
  mkdirSync(join(folder, 'a'));
  await expect(writeDurably(nodeDisk, join(folder, 'a'), Buffer.from('new'))).rejects.toMatchObject({
    code: 'DISK_WRITE',
  });
  expect(await nodeDisk.list(folder)).toEqual(['a']);
});

test('a pipe is refused at once, whatever is to be done with it', { timeout: 5000 }, async () => {
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  const special = (code: string) => ({ code, message: expect.stringContaining('it is a special file') as string });
  await expect(nodeDisk.read(path, 10)).rejects.toMatchObject(special('DISK_READ'));
  await expect(nodeDisk.open(path)).rejects.toMatchObject(special('DISK_READ'));
  await expect(nodeDisk.write(path, Buffer.from('x'))).rejects.toMatchObject(special('DISK_WRITE'));
  await expect(nodeDisk.append(path, Buffer.from('x'))).rejects.toMatchObject(special('DISK_WRITE'));
  await expect(nodeDisk.sync(path)).rejects.toMatchObject(special('DISK_WRITE'));
  await expect(nodeDisk.read(folder, 1e6)).rejects.toThrow('it is a directory');
});

// Other systems do not take such a name in the first place.
test.runIf(process.platform === 'linux')(
  'a name that is not valid UTF-8 is an error that names the folder',
  async () => {
    writeFileSync(join(folder, '\u{feff}é'), '');
    expect(await nodeDisk.list(folder)).toEqual(['\u{feff}é']);
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/a`), Buffer.from([0xff])]), '');
    await expect(nodeDisk.list(folder)).rejects.toMatchObject({
      code: 'DISK_NAME',
      message: expect.stringContaining(folder) as string,
    });
  },
);

test('a file held open to append is one that is there, whatever its name stands for by then', async () => {
  const path = join(folder, 'a');
  await expect(nodeDisk.openAppend?.(path)).rejects.toMatchObject({ code: 'DISK_WRITE' });
  writeFileSync(path, '1');
  symlinkSync(path, join(folder, 'link'));
  await expect(nodeDisk.openAppend?.(join(folder, 'link'))).rejects.toThrow('symbolic link');
  const held = await nodeDisk.openAppend?.(path);
  await nodeDisk.rename(path, join(folder, 'b'));
  writeFileSync(path, 'other');
  for (const text of ['2', '', '3']) await held?.append(Buffer.from(text));
  await held?.sync();
  await held?.close();
  expect(readFileSync(join(folder, 'b')).toString()).toBe('123');
  expect(readFileSync(path).toString()).toBe('other');
});
