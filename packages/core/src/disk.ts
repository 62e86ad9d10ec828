// The one port through which every file is read and written. Tests hand in a disk that fails, that dies between two
// writes or that has an unreadable file; nothing else in Vallum touches `node:fs`.
import { randomBytes } from 'node:crypto';
import { VallumError } from './errors.js';

export interface FileStat {
  readonly kind: 'file' | 'directory' | 'link' | 'other';
  readonly size: number;
  /** Nanoseconds since the epoch; with size and inode it tells whether a file changed while it was read. */
  readonly mtimeNs: bigint;
  readonly inode: bigint;
  /** Permission bits, as in chmod. */
  readonly mode: number;
  /** Of the last change of bytes, mode or names; other than mtimeNs nobody can set it back without the clock or the disk. */
  readonly ctimeNs?: bigint;
  /** Of the file system that holds the inode. */
  readonly device?: bigint;
  /** Names of the file on its disk, where the disk counts them: above one it can be changed through another. */
  readonly links?: number;
}

/** Positioned reads of one open file. */
export interface OpenFile {
  readonly size: number;
  /** At most `length` bytes from `offset`; fewer at the end of the file. */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** Fills a buffer that the caller keeps, so that a large file costs one. @returns bytes read, fewer at the end of the file */
  readInto?(target: Uint8Array, offset: number): Promise<number>;
  /** What is open, whatever its name stands for by now. */
  stat?(): Promise<FileStat>;
  close(): Promise<void>;
}

/** One file that is held open to write at its end: many appends, one opening, and no other file under its name between two. */
export interface AppendFile {
  /** The bytes may be changed once this has returned. */
  append(bytes: Uint8Array): Promise<void>;
  /** fsync of what is open. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface HowHeld {
  readonly fresh?: boolean;
  readonly mode?: number;
}

/** A file that was written and is held open until it is durable, or given up. */
export interface HeldFile {
  /** Makes its bytes durable and closes it, also when that fails. Its name is durable once its folder is synced. */
  sync(): Promise<void>;
  /** Gives it up as it is; nothing happens where `sync` was called. */
  close(): Promise<void>;
}

export interface Disk {
  /** Like lstat: a link is a link. Undefined when nothing is there. */
  stat(path: string): Promise<FileStat | undefined>;
  /** Names in a directory, sorted in byte order. @throws VallumError `DISK_NAME` when one is not valid UTF-8 */
  list(path: string): Promise<readonly string[]>;
  /** The same names without those that are not valid UTF-8, and how many there are of these. */
  listValid?(path: string): Promise<{ readonly names: readonly string[]; readonly invalid: number }>;
  /** The whole file. @throws VallumError `DISK_TOO_LARGE` above the limit in bytes, `DISK_READ` otherwise */
  read(path: string, limit: number): Promise<Uint8Array>;
  open(path: string): Promise<OpenFile>;
  /** Creates or replaces a file, never what a link points to; not durable until `sync`. */
  write(path: string, bytes: Uint8Array, mode?: number): Promise<void>;
  /** Creates a file, or answers false when the name is taken already, be it by a link. */
  create(path: string, bytes: Uint8Array, mode?: number): Promise<boolean>;
  append(path: string, bytes: Uint8Array): Promise<void>;
  /**
   * `write`, or `create` where it has to be `fresh`, with the file held open, so that its sync does not open it again.
   * Undefined when the name of a fresh one is taken. A disk that changes `write`, `create` or `sync` of another one has to
   * leave this out.
   */
  writeHeld?(path: string, bytes: Uint8Array, how?: HowHeld): Promise<HeldFile | undefined>;
  /** Opens a file that is there already. A disk that changes `append` or `sync` of another one has to leave this out. */
  openAppend?(path: string): Promise<AppendFile>;
  /** fsync of a file or of a directory. */
  sync(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** No error when nothing is there. */
  remove(path: string): Promise<void>;
  /** With parents. */
  makeDirectory(path: string, mode?: number): Promise<void>;
}

/** What the file has at `offset`, as much as fits into `target`, which holds it where the file can fill a buffer. */
export async function readInto(
  file: Pick<OpenFile, 'read' | 'readInto'>,
  target: Uint8Array,
  offset: number,
): Promise<Uint8Array> {
  if (file.readInto === undefined) return file.read(offset, target.length);
  return target.subarray(0, await file.readInto(target, offset));
}

const TRIES = 8;
const TEMPORARY = /^(.+)\.[0-9a-f]{16}\.tmp$/;

/**
 * Replaces a file so that after a crash either the old or the new bytes are there, whole. Whoever may write into the
 * folder cannot guess the temporary name, and a link that lies there under it is not followed (CWE-377, CWE-59).
 */
export async function writeDurably(disk: Disk, path: string, bytes: Uint8Array, mode?: number): Promise<void> {
  for (let tries = 0; tries < TRIES; tries += 1)
    if (await replaceThrough(disk, `${path}.${randomBytes(8).toString('hex')}.tmp`, { path, bytes, mode })) return;
  throw new VallumError('DISK_WRITE', `cannot write ${path}: every temporary name beside it is taken`, {
    fix: 'find out what else writes into the folder',
  });
}

interface Replacement {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly mode: number | undefined;
}

/** False when the temporary name is taken: what lies there is not ours to touch. */
async function replaceThrough(disk: Disk, temporary: string, { path, bytes, mode }: Replacement): Promise<boolean> {
  try {
    if (!(await disk.create(temporary, bytes, mode))) return false;
    await disk.sync(temporary);
    await disk.rename(temporary, path);
  } catch (error) {
    await disk.remove(temporary).catch(() => undefined);
    throw error;
  }
  await disk.sync(parent(path));
  return true;
}

/** Name of the file that `writeDurably` was about to replace when it left a temporary one of this name. */
export function halfWritten(name: string): string | undefined {
  return TEMPORARY.exec(name)?.[1];
}

export function parent(path: string): string {
  const cut = path.lastIndexOf('/');
  return cut > 0 ? path.slice(0, cut) : cut === 0 ? '/' : '.';
}
