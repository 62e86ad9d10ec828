// Which files `secret.scan` speaks about: the project's folder as it lies there, without what other tools put beside it. Files
// that git ignores count: a model is trained and packed from the folder, not from the history. Of `.git` only `config` counts,
// which holds addresses with tokens; old versions in its objects are not looked at. Links are not followed: what they lead to
// is either in the folder by itself, or not part of it.
import type { Disk, FileDigest } from '@vallum/core';
import { digestFile, VallumError } from '@vallum/core';
import rules from './rules.json' with { type: 'json' };

const MAX_FILES = 200_000;
const MAX_DEPTH = 64;

/** What is left out, by name, with the reason; part of the evidence's parameters. */
export const EXCLUDED: Readonly<Record<string, string>> = rules.excludedFolders;

/**
 * Paths relative to `root`, in the order of the disk.
 * @param outOfScope folders of the project that another control speaks about, relative to `root`
 * @throws VallumError `TREE_FILES`, `TREE_DEPTH`, and those of the disk
 */
export async function listRepository(
  disk: Disk,
  root: string,
  outOfScope: readonly string[],
): Promise<readonly string[]> {
  const found: string[] = [];
  const left = new Set(outOfScope.map((path) => path.replace(/\/+$/, '')));
  async function walk(folder: string, depth: number): Promise<void> {
    if (depth > MAX_DEPTH) throw new VallumError('TREE_DEPTH', `${root}/${folder} is nested deeper than ${MAX_DEPTH}`);
    for (const name of await disk.list(folder === '' ? root : `${root}/${folder}`)) {
      const path = folder === '' ? name : `${folder}/${name}`;
      if (left.has(path)) continue;
      const kind = (await disk.stat(`${root}/${path}`))?.kind;
      if (kind === 'file') found.push(path);
      else if (kind === 'directory' && name === '.git') await ofGit(path);
      else if (kind === 'directory' && !Object.hasOwn(EXCLUDED, name)) await walk(path, depth + 1);
      if (found.length > MAX_FILES) throw new VallumError('TREE_FILES', `${root} holds more than ${MAX_FILES} files`);
    }
  }
  async function ofGit(folder: string): Promise<void> {
    for (const name of rules.keptOfGit)
      if ((await disk.stat(`${root}/${folder}/${name}`))?.kind === 'file') found.push(`${folder}/${name}`);
  }
  await walk('', 0);
  return found;
}

export async function digestRepository(
  disk: Disk,
  root: string,
  outOfScope: readonly string[],
): Promise<readonly FileDigest[]> {
  const digests: FileDigest[] = [];
  for (const path of await listRepository(disk, root, outOfScope))
    digests.push({ path, sha256: await digestFile(disk, `${root}/${path}`) });
  return digests;
}
