// A disk in memory for tests: with a limit after which it is full, and with a hook that sees every changing call and may
// fail it. Only what the vault uses is there.
import type { Disk } from '@vallum/core';
import { VallumError } from '@vallum/core';

export type Change = 'create' | 'append' | 'write' | 'sync' | 'rename' | 'remove';

export interface MemoryDisk extends Disk {
  readonly files: Map<string, Buffer>;
  /** Bytes that fit; a write beyond fails after the part that fits, as a real disk does. */
  capacity: number;
  /** Called before each change; what it throws is the failure. */
  before: (change: Change, path: string) => void;
}

export function diskFull(path: string): VallumError {
  return new VallumError('DISK_WRITE', `cannot write ${path}: the disk is full`);
}

export function memoryDisk(): MemoryDisk {
  const files = new Map<string, Buffer>();
  const modes = new Map<string, number>();
  const get = (path: string): Buffer => {
    const bytes = files.get(path);
    if (bytes === undefined) throw new VallumError('DISK_READ', `cannot read ${path}: there is no such file`);
    return bytes;
  };
  const put = (path: string, bytes: Uint8Array, kept: Uint8Array): void => {
    const others = [...files].reduce((sum, [name, file]) => sum + (name === path ? 0 : file.length), 0);
    const room = Math.max(0, disk.capacity - others - kept.length);
    files.set(path, Buffer.concat([kept, bytes.subarray(0, room)]));
    if (bytes.length > room) throw diskFull(path);
  };
  const unused = (): never => {
    throw new Error('not in this disk');
  };
  const disk: MemoryDisk = {
    files,
    capacity: Infinity,
    before: () => undefined,
    stat: async (path) => {
      const bytes = files.get(path);
      if (bytes === undefined) return undefined;
      const mode = modes.get(path) ?? 0o600;
      return { kind: 'file', size: bytes.length, mtimeNs: 0n, inode: 0n, mode, links: 1 };
    },
    list: async () => unused(),
    makeDirectory: async () => unused(),
    read: async (path) => Buffer.from(get(path)),
    open: async (path) => {
      const bytes = get(path);
      return {
        size: bytes.length,
        read: async (offset, length) => Buffer.from(bytes.subarray(offset, offset + length)),
        close: async () => undefined,
      };
    },
    write: async (path, bytes, mode) => {
      disk.before('write', path);
      modes.set(path, mode ?? 0o666);
      put(path, bytes, Buffer.alloc(0));
    },
    create: async (path, bytes, mode) => {
      disk.before('create', path);
      if (files.has(path)) return false;
      modes.set(path, mode ?? 0o666);
      put(path, bytes, Buffer.alloc(0));
      return true;
    },
    append: async (path, bytes) => {
      disk.before('append', path);
      put(path, bytes, get(path));
    },
    sync: async (path) => disk.before('sync', path),
    rename: async (from, to) => {
      disk.before('rename', to);
      files.set(to, get(from));
      modes.set(to, modes.get(from) ?? 0o666);
      files.delete(from);
    },
    remove: async (path) => {
      disk.before('remove', path);
      files.delete(path);
    },
  };
  return disk;
}
