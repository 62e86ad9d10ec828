// A real disk that has no room while a test says so.
import { nodeDisk, VallumError } from '@vallum/core';
import type { Disk } from '@vallum/core';

/** Which calls fail: all that need room, or only those that make a new state visible, after it was written. */
export type Fails = 'no' | 'write' | 'after-rename';

export interface FailingDisk {
  readonly disk: Disk;
  readonly fail: (how: Fails) => void;
}

export function failingDisk(): FailingDisk {
  let fails: Fails = 'no';
  const full = (path: string): VallumError =>
    new VallumError('DISK_WRITE', `cannot write ${path}: the disk is full`, { cause: { code: 'ENOSPC' } });
  async function guarded<T>(path: string, call: () => Promise<T>): Promise<T> {
    if (fails === 'write') throw full(path);
    return call();
  }
  // Files are not held open here: every call goes through one of these.
  const disk: Disk = {
    stat: (path) => nodeDisk.stat(path),
    list: (path) => nodeDisk.list(path),
    read: (path, limit) => nodeDisk.read(path, limit),
    open: (path) => nodeDisk.open(path),
    sync: (path) => nodeDisk.sync(path),
    remove: (path) => nodeDisk.remove(path),
    makeDirectory: (path, mode) => nodeDisk.makeDirectory(path, mode),
    write: (path, bytes, mode) => guarded(path, () => nodeDisk.write(path, bytes, mode)),
    create: (path, bytes, mode) => guarded(path, () => nodeDisk.create(path, bytes, mode)),
    append: (path, bytes) => guarded(path, () => nodeDisk.append(path, bytes)),
    rename: async (from, to): Promise<void> => {
      await guarded(to, () => nodeDisk.rename(from, to));
      if (fails === 'after-rename') throw full(to);
    },
  };
  return { disk, fail: (how) => void (fails = how) };
}
