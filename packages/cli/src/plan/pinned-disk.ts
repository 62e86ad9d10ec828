// A disk on which the files of one folder are only read as the bytes that a digest was taken of: what is swapped between
// two looks, and put back after, is an error and not an answer.
import type { Disk, FileDigest } from '@vallum/core';
import { sha256, VallumError } from '@vallum/core';

/** @throws VallumError `DISK_CHANGED` on a read below `folder` whose bytes are not those of the list */
export function pinnedDisk(disk: Disk, folder: string, files: readonly FileDigest[]): Disk {
  const expected = new Map(files.map((file) => [`${folder}/${file.path}`, file.sha256]));
  return {
    ...disk,
    read: async (path, limit) => {
      const bytes = await disk.read(path, limit);
      if (path.startsWith(`${folder}/`) && expected.get(path) !== sha256(bytes))
        throw new VallumError('DISK_CHANGED', `${path} changed after its digest was taken`, {
          fix: 'run again when the folder is at rest',
        });
      return bytes;
    },
  };
}
