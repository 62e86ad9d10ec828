// The one port through which every file is read and written. Tests hand in a disk that fails, that dies between two
// writes or that has an unreadable file; nothing else in Vallum touches `node:fs`.

export interface FileStat {
  readonly kind: 'file' | 'directory' | 'link' | 'other';
  readonly size: number;
  /** Nanoseconds since the epoch; with size and inode it tells whether a file changed while it was read. */
  readonly mtimeNs: bigint;
  readonly inode: bigint;
  /** Permission bits, as in chmod. */
  readonly mode: number;
}

/** Positioned reads of one open file. */
export interface OpenFile {
  readonly size: number;
  /** At most `length` bytes from `offset`; fewer at the end of the file. */
  read(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

export interface Disk {
  /** Like lstat: a link is a link. Undefined when nothing is there. */
  stat(path: string): Promise<FileStat | undefined>;
  /** Names in a directory, sorted in byte order. */
  list(path: string): Promise<readonly string[]>;
  /** The whole file. @throws VallumError `DISK_TOO_LARGE` above the limit in bytes, `DISK_READ` otherwise */
  read(path: string, limit: number): Promise<Uint8Array>;
  open(path: string): Promise<OpenFile>;
  /** Creates or replaces a file; not durable until `sync`. */
  write(path: string, bytes: Uint8Array, mode?: number): Promise<void>;
  /** Creates a file, or answers false when it is there already. */
  create(path: string, bytes: Uint8Array, mode?: number): Promise<boolean>;
  append(path: string, bytes: Uint8Array): Promise<void>;
  /** fsync of a file or of a directory. */
  sync(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** No error when nothing is there. */
  remove(path: string): Promise<void>;
  /** With parents. */
  makeDirectory(path: string, mode?: number): Promise<void>;
}

let counter = 0;

/** Replaces a file so that after a crash either the old or the new bytes are there, whole. */
export async function writeDurably(disk: Disk, path: string, bytes: Uint8Array, mode?: number): Promise<void> {
  counter += 1;
  const temporary = `${path}.${process.pid}-${counter}.tmp`;
  await disk.write(temporary, bytes, mode);
  await disk.sync(temporary);
  await disk.rename(temporary, path);
  await disk.sync(parent(path));
}

export function parent(path: string): string {
  const cut = path.lastIndexOf('/');
  return cut > 0 ? path.slice(0, cut) : cut === 0 ? '/' : '.';
}
