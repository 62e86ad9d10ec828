// The digest of a model store as design section 4 has it, and what differs between two readings. Whoever can write into
// the store controls names, links and bytes: a link or special file is refused, and so is a file that changes while it is
// read, for the digest of bytes that never were one file says nothing.
import type { Disk, FileDigest, FileHasher, FileStat, Sha256 } from '@vallum/core';
import { digestDirectory, digestTree, VallumError } from '@vallum/core';

export interface StoreDigest {
  readonly digest: Sha256;
  readonly files: readonly FileDigest[];
}

export interface StoreOptions {
  readonly hasher: FileHasher;
  /** Paths relative to the folder that the digest leaves out: the detached signature. */
  readonly except: readonly string[];
}

/** Most files that are named. */
const NAMED = 20;

/**
 * SHA-256 over one line per file (Go's dirhash Hash1): the digest that verdicts name.
 * @throws VallumError `TREE_KIND` for a link or special file, `TREE_CHANGED`, `TREE_FILES`, `TREE_DEPTH`, `CORE_PATH`,
 *   `DISK_READ`, `DISK_NAME`
 */
export async function hashStore(disk: Disk, folder: string, { hasher, except }: StoreOptions): Promise<StoreDigest> {
  await assertFolder(disk, folder);
  const files = await digestTree(disk, folder, (path) => !except.includes(path), hasher);
  return { digest: digestDirectory(files), files };
}

/** Listing follows a link; the store itself must be what the configuration names. */
export async function assertFolder(disk: Disk, folder: string): Promise<void> {
  const kind: FileStat['kind'] | undefined = (await disk.stat(folder))?.kind;
  if (kind === 'directory') return;
  const what = kind === undefined ? 'not there' : kind === 'link' ? 'a symbolic link' : 'no folder';
  throw new VallumError('TREE_KIND', `the model store ${folder} is ${what}`, {
    fix: 'name the real folder of the model store in gateway.yaml',
  });
}

/** Paths that are changed, missing or new in `found`, at most twenty, each with what happened to it. */
export function differences(approved: readonly FileDigest[], found: readonly FileDigest[]): readonly string[] {
  const before = new Map(approved.map(({ path, sha256 }) => [path, sha256]));
  const after = new Map(found.map(({ path, sha256 }) => [path, sha256]));
  const named = [
    ...approved.flatMap(({ path, sha256 }) => {
      const now = after.get(path);
      return now === sha256 ? [] : [`${path} (${now === undefined ? 'missing' : 'changed'})`];
    }),
    ...found.flatMap(({ path }) => (before.has(path) ? [] : [`${path} (new)`])),
  ];
  return named.slice(0, NAMED);
}
