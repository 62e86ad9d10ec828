// The folders that Vallum calls its own have to be real ones. Whoever can write into a project can put a link in place of
// a folder (CWE-59); opening a file without following links guards the last name of its path only, so that a check would
// read, write and move files of whatever folder the link names. What is swapped while a command runs is not found here.
import type { Disk, FileStat } from './disk.js';
import { VallumError } from './errors.js';

/**
 * Looks at every component of the relative paths below `root`; what is not there yet is fine.
 * @param root a folder, taken as it is
 * @throws VallumError `DISK_LINK` (not proven) that names the first component that is not a real folder
 */
export async function assertRealFolders(disk: Disk, root: string, relativePaths: readonly string[]): Promise<void> {
  const kinds = new Map<string, FileStat['kind'] | undefined>();
  for (const relative of relativePaths) {
    let path = root;
    for (const part of relative.split('/').filter((name) => name !== '' && name !== '.')) {
      path = `${path}/${part}`;
      if (!kinds.has(path)) kinds.set(path, (await disk.stat(path))?.kind);
      const kind = kinds.get(path);
      if (kind === undefined) break;
      if (kind !== 'directory') throw notReal(path, kind);
    }
  }
}

function notReal(path: string, kind: FileStat['kind']): VallumError {
  const what = kind === 'link' ? 'a symbolic link' : kind === 'file' ? 'a file' : 'a special file';
  return new VallumError(
    'DISK_LINK',
    `${path} is ${what}, not a folder`,
    { fix: `replace the ${kind === 'link' ? 'link' : 'file'} with a folder` },
    'unproven',
  );
}
