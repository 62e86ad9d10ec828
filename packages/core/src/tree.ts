// Walks a directory and hashes its files. Attackers control names and links: links and special files are refused,
// and a file that changes while it is read is an error, not a digest.
import type { FileDigest, Sha256 } from './digest.js';
import type { Disk, FileStat } from './disk.js';
import { VallumError } from './errors.js';
import { diskHasher } from './hashing/disk-hasher.js';
import type { FileHasher } from './hashing/file-hasher.js';

export interface TreeLimits {
  readonly maxFiles?: number;
  readonly maxDepth?: number;
}

/** Paths of all files below `root`, relative, with `/`, sorted in byte order within each directory. */
export async function listFiles(disk: Disk, root: string, limits: TreeLimits = {}): Promise<readonly string[]> {
  const found: string[] = [];
  const maxFiles = limits.maxFiles ?? 100_000;
  const maxDepth = limits.maxDepth ?? 32;
  async function walk(prefix: string, depth: number): Promise<void> {
    if (depth > maxDepth) throw new VallumError('TREE_DEPTH', `${root}/${prefix} is nested deeper than ${maxDepth}`);
    for (const name of await disk.list(prefix === '' ? root : `${root}/${prefix}`)) {
      const path = prefix === '' ? name : `${prefix}/${name}`;
      const kind = (await disk.stat(`${root}/${path}`))?.kind;
      if (kind === 'directory') await walk(path, depth + 1);
      else if (kind === 'file') found.push(path);
      else throw refusedKind(`${root}/${path}`, kind);
      if (found.length > maxFiles) throw new VallumError('TREE_FILES', `${root} holds more than ${maxFiles} files`);
    }
  }
  await walk('', 0);
  return found;
}

function refusedKind(path: string, kind: FileStat['kind'] | undefined): VallumError {
  const what = kind === 'link' ? 'a symbolic link' : kind === undefined ? 'gone while it was listed' : 'a special file';
  return new VallumError('TREE_KIND', `${path} is ${what}, so its digest cannot be computed`, {
    fix: 'replace it with a regular file',
  });
}

/** SHA-256 of one file, read in pieces. @throws VallumError `TREE_CHANGED` when it changed meanwhile */
export async function digestFile(disk: Disk, path: string): Promise<Sha256> {
  const [hashed] = await diskHasher(disk).hash([{ path }]);
  return hashed?.digest as Sha256;
}

/** Digests of the files below `root` whose relative path is kept. */
export async function digestTree(
  disk: Disk,
  root: string,
  keep: (path: string) => boolean = () => true,
  hasher: FileHasher = diskHasher(disk),
): Promise<readonly FileDigest[]> {
  const paths = (await listFiles(disk, root)).filter((path) => keep(path));
  const hashed = await hasher.hash(paths.map((path) => ({ path: `${root}/${path}` })));
  return paths.map((path, at) => ({ path, sha256: hashed[at]?.digest as Sha256 }));
}
