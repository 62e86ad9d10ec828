// The disk port on `node:fs`. Errors become sentences that name the file. Whoever controls a folder controls what its
// names stand for: a link in place of a file is not followed, a pipe is refused before it can make anybody wait, and a
// name that no string can hold is an error, because its file could never be opened by it.
import { isUtf8 } from 'node:buffer';
import type { BigIntStats, Stats } from 'node:fs';
import * as descriptors from 'node:fs';
import * as fs from 'node:fs/promises';
import { promisify } from 'node:util';
import type { AppendFile, Disk, FileStat, HeldFile, HowHeld, OpenFile } from '../disk.js';
import { messageOf, VallumError } from '../errors.js';

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of its path is not a directory',
  ELOOP: 'it is a symbolic link',
  ENXIO: 'it is a special file',
  ENOSPC: 'the disk is full',
  EROFS: 'the disk is read-only',
};

export function failure(verb: 'READ' | 'WRITE', path: string, error: unknown): VallumError {
  const why = WHY[codeOf(error)] ?? messageOf(error);
  const doing = verb === 'READ' ? 'read' : 'write';
  return new VallumError(`DISK_${verb}`, `cannot ${doing} ${path}: ${why}`, {
    fix: verb === 'READ' ? 'check that the file is there and readable' : 'check permissions and free space',
    cause: error,
  });
}

async function guarded<T>(verb: 'READ' | 'WRITE', path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof VallumError ? error : failure(verb, path, error);
  }
}

async function withHandle<T>(
  path: string,
  flags: number | string,
  work: (handle: fs.FileHandle) => Promise<T>,
  mode?: number,
): Promise<T> {
  const handle = await fs.open(path, flags, mode);
  try {
    return await work(handle);
  } finally {
    await handle.close();
  }
}

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_TRUNC, O_APPEND, O_NOFOLLOW, O_NONBLOCK } = descriptors.constants;
/** Opening a pipe waits for its other end, unless told not to; regular files do not care. */
const GUARDED = O_NOFOLLOW | O_NONBLOCK;
export const READ_FLAGS = O_RDONLY | GUARDED;
const WRITE_FLAGS = O_WRONLY | O_CREAT | O_TRUNC | GUARDED;
const FRESH_FLAGS = O_WRONLY | O_CREAT | O_EXCL | GUARDED;
const HELD_FLAGS = O_WRONLY | O_APPEND | GUARDED;
const APPEND_FLAGS = HELD_FLAGS | O_CREAT;

/** What the handle is open on, so that nobody can swap it after it was looked at. Returns the size in bytes. */
async function sizeOfRegular(handle: fs.FileHandle): Promise<number> {
  return regularSize(await handle.stat());
}

function regularSize(stat: Stats): number {
  if (stat.isFile()) return stat.size;
  throw new Error(stat.isDirectory() ? WHY['EISDIR'] : WHY['ENXIO']);
}

async function fill(handle: fs.FileHandle, target: Uint8Array, offset: number): Promise<number> {
  let filled = 0;
  while (filled < target.length) {
    const { bytesRead } = await handle.read(target, filled, target.length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}

async function openRegular(path: string, flags: number): Promise<{ handle: fs.FileHandle; size: number }> {
  const handle = await fs.open(path, flags);
  try {
    return { handle, size: await sizeOfRegular(handle) };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function openFile(path: string): Promise<OpenFile> {
  const { handle, size } = await openRegular(path, READ_FLAGS);
  return {
    size,
    read: (offset, length) =>
      guarded('READ', path, async () => {
        const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(length, size - offset)));
        return buffer.subarray(0, await fill(handle, buffer, offset));
      }),
    readInto: (target, offset) => guarded('READ', path, () => fill(handle, target, offset)),
    stat: () => guarded('READ', path, async () => fileStat(await handle.stat({ bigint: true }))),
    close: () => handle.close(),
  };
}

async function openAppend(path: string): Promise<AppendFile> {
  const { handle } = await openRegular(path, HELD_FLAGS);
  const append = async (bytes: Uint8Array): Promise<void> => {
    for (let at = 0; at < bytes.length;) at += (await handle.write(bytes, at)).bytesWritten;
  };
  return {
    append: (bytes) => guarded('WRITE', path, () => append(bytes)),
    sync: () => guarded('WRITE', path, () => handle.sync()),
    close: () => guarded('WRITE', path, () => handle.close()),
  };
}

async function readAll(path: string, limit: number): Promise<Uint8Array> {
  const file = await openFile(path);
  try {
    if (file.size > limit)
      throw new VallumError('DISK_TOO_LARGE', `${path} has ${file.size} bytes, more than the ${limit} that are read`);
    return await file.read(0, file.size);
  } finally {
    await file.close();
  }
}

export function fileStat(stat: BigIntStats): FileStat {
  const kind = stat.isFile() ? 'file' : stat.isDirectory() ? 'directory' : stat.isSymbolicLink() ? 'link' : 'other';
  const { mtimeNs, ctimeNs, ino: inode, dev: device } = stat;
  const mode = Number(stat.mode) & 0o777;
  return { kind, size: Number(stat.size), mtimeNs, ctimeNs, inode, device, mode, links: Number(stat.nlink) };
}

async function statOf(path: string): Promise<FileStat | undefined> {
  try {
    return fileStat(await fs.lstat(path, { bigint: true }));
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

function writeTo(path: string, flags: number, bytes: Uint8Array, mode?: number): Promise<void> {
  const write = async (handle: fs.FileHandle): Promise<void> => {
    await sizeOfRegular(handle);
    await handle.writeFile(bytes);
  };
  return withHandle(path, flags, write, mode);
}

const open = promisify(descriptors.open);
const writeSome = promisify(descriptors.write);
const datasync = promisify(descriptors.fdatasync);
const fsync = promisify(descriptors.fsync);

/**
 * Many small files made durable cost as much in turns of threads as on the disk. What waits for the disk is done on a
 * thread; looking at an open descriptor, and closing one that is synced, is not worth one.
 */
async function writeHeld(path: string, bytes: Uint8Array, how: HowHeld = {}): Promise<HeldFile | undefined> {
  const descriptor = await openHeld(path, how);
  if (descriptor === undefined) return undefined;
  let isOpen = true;
  const close = (): void => {
    if (isOpen) descriptors.closeSync(descriptor);
    isOpen = false;
  };
  try {
    regularSize(descriptors.fstatSync(descriptor));
    for (let at = 0; at < bytes.length;) at += (await writeSome(descriptor, bytes, at)).bytesWritten;
  } catch (error) {
    close();
    throw error;
  }
  return {
    sync: () =>
      guarded('WRITE', path, async () => {
        // Its number may be that of another file by now.
        if (!isOpen) throw new Error('it is closed');
        await datasync(descriptor).finally(close);
      }),
    close: () => guarded('WRITE', path, async () => close()),
  };
}

async function openHeld(path: string, { fresh = false, mode }: HowHeld): Promise<number | undefined> {
  try {
    return await open(path, fresh ? FRESH_FLAGS : WRITE_FLAGS, mode);
  } catch (error) {
    if (fresh && codeOf(error) === 'EEXIST') return undefined;
    throw error;
  }
}

/** The folder or file itself; a link to it will do, for the folders around a project may be links. */
async function syncAt(path: string): Promise<void> {
  const descriptor = await open(path, O_RDONLY | O_NONBLOCK);
  try {
    const stat = descriptors.fstatSync(descriptor);
    if (!stat.isDirectory()) regularSize(stat);
    await fsync(descriptor);
  } finally {
    descriptors.closeSync(descriptor);
  }
}

async function listValid(path: string): Promise<{ readonly names: readonly string[]; readonly invalid: number }> {
  const all = await fs.readdir(path, { encoding: 'buffer' });
  const valid = all.filter((name) => isUtf8(name)).sort((a, b) => Buffer.compare(a, b));
  return { names: valid.map((name) => name.toString()), invalid: all.length - valid.length };
}

async function list(path: string): Promise<readonly string[]> {
  const { names, invalid } = await listValid(path);
  if (invalid > 0)
    throw new VallumError('DISK_NAME', `${path} holds a file whose name is not valid UTF-8`, {
      fix: 'rename or remove that file',
    });
  return names;
}

async function remove(path: string): Promise<void> {
  try {
    await fs.unlink(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

async function create(path: string, bytes: Uint8Array, mode?: number): Promise<boolean> {
  try {
    await withHandle(path, 'wx', (handle) => handle.writeFile(bytes), mode);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

export const nodeDisk: Disk = {
  stat: (path) => guarded('READ', path, () => statOf(path)),
  list: (path) => guarded('READ', path, () => list(path)),
  listValid: (path) => guarded('READ', path, () => listValid(path)),
  read: (path, limit) => guarded('READ', path, () => readAll(path, limit)),
  open: (path) => guarded('READ', path, () => openFile(path)),
  write: (path, bytes, mode) => guarded('WRITE', path, () => writeTo(path, WRITE_FLAGS, bytes, mode)),
  create: (path, bytes, mode) => guarded('WRITE', path, () => create(path, bytes, mode)),
  append: (path, bytes) => guarded('WRITE', path, () => writeTo(path, APPEND_FLAGS, bytes)),
  openAppend: (path) => guarded('WRITE', path, () => openAppend(path)),
  writeHeld: (path, bytes, how) => guarded('WRITE', path, () => writeHeld(path, bytes, how)),
  sync: (path) => guarded('WRITE', path, () => syncAt(path)),
  rename: (from, to) => guarded('WRITE', to, () => fs.rename(from, to)),
  remove: (path) => guarded('WRITE', path, () => remove(path)),
  makeDirectory: (path, mode) =>
    guarded('WRITE', path, async () => {
      await fs.mkdir(path, { recursive: true, ...(mode === undefined ? {} : { mode }) });
    }),
};
