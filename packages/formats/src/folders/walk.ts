// The files of a folder with their sizes. Names that begin with a dot are left out, as tools of operating systems leave such
// files behind; links are not followed, for they lead where whoever made the folder wants.
import type { Disk } from '@vallum/core';
import { tableError } from '../table/errors.js';

export interface FolderFile {
  /** Below the folder, with `/`. */
  readonly path: string;
  readonly size: number;
}

export interface Folder {
  readonly files: readonly FolderFile[];
  readonly links: number;
}

const MAX_DEPTH = 32;

/** @throws VallumError `TABLE_LIMIT` for too many files or levels, and what the disk throws */
export async function walkFolder(disk: Disk, root: string, maxFiles: number, signal?: AbortSignal): Promise<Folder> {
  const files: FolderFile[] = [];
  let links = 0;
  async function walk(prefix: string, depth: number): Promise<void> {
    if (depth > MAX_DEPTH)
      throw tableError('TABLE_LIMIT', `${root} is nested deeper than ${MAX_DEPTH}`, 'name a folder inside');
    for (const name of await disk.list(prefix === '' ? root : `${root}/${prefix}`)) {
      if (name.startsWith('.')) continue;
      signal?.throwIfAborted();
      const path = prefix === '' ? name : `${prefix}/${name}`;
      const stat = await disk.stat(`${root}/${path}`);
      if (stat?.kind === 'directory') await walk(path, depth + 1);
      else if (stat?.kind === 'file') files.push({ path, size: stat.size });
      else links += 1;
      if (files.length > maxFiles)
        throw tableError('TABLE_LIMIT', `${root} holds more than ${maxFiles} files`, 'name a folder inside');
    }
  }
  await walk('', 0);
  return { files, links };
}

/** Name of the folder that a file lies in, which is its label in most collections; null for one at the top. */
export function labelOf(path: string): string | null {
  return path.split('/').at(-2) ?? null;
}
