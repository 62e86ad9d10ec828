// What a git checkout has checked out, read without git: `.git` or the folder it points to, HEAD, a loose reference or
// packed-refs (gitrepository-layout(5)). Whoever can write the project controls these files, so names of references that
// lead elsewhere are refused and what is not a commit id is no commit. Whether the working tree is clean is not looked at.
import { resolve } from 'node:path';
import type { Disk } from '@vallum/core';
import { parent } from '@vallum/core';
import { GIT_COMMIT } from './fields.js';

export interface Checkout {
  /** SHA-1 or SHA-256 id. */
  readonly commit: string;
  /** Full name of the branch: `refs/heads/main`; absent where HEAD is detached. */
  readonly ref?: string;
}

const MAX_POINTER = 4096;
const MAX_PACKED = 64 * 1024 * 1024;
/** git-check-ref-format(1), and ASCII only: nobody can tell look-alike branches apart. */
const REF = /^refs\/heads\/(?!.*(?:\.\.|\/\/|@\{|\.lock(?:\/|$)|\/\.|\.$|\/$))[A-Za-z0-9_][A-Za-z0-9._/@+=,%-]*$/;

/** True for the full name of a branch that is recorded and compared. */
export function isBranchRef(ref: string): boolean {
  return ref.length <= 512 && REF.test(ref);
}

/** The checkout around a folder, or undefined where there is none that can be read. @param folder absolute */
export async function readCheckout(disk: Disk, folder: string): Promise<Checkout | undefined> {
  for (let at = folder; ; at = parent(at)) {
    const stat = await disk.stat(`${at}/.git`);
    if (stat?.kind === 'directory') return readHead(disk, `${at}/.git`);
    if (stat?.kind === 'file') {
      // A worktree or a submodule: the file names the folder.
      const [, target] = /^gitdir: ([^\n]+)\n?$/.exec(await text(disk, `${at}/.git`)) ?? [];
      return target === undefined ? undefined : readHead(disk, resolve(at, target));
    }
    if (at === parent(at)) return undefined;
  }
}

async function readHead(disk: Disk, gitDir: string): Promise<Checkout | undefined> {
  const head = (await text(disk, `${gitDir}/HEAD`)).trim();
  if (GIT_COMMIT.test(head)) return { commit: head };
  const ref = head.startsWith('ref: ') ? head.slice(5) : '';
  if (!isBranchRef(ref)) return undefined;
  // A worktree has its own HEAD and shares the references.
  const common = (await text(disk, `${gitDir}/commondir`)).trim();
  const shared = common === '' ? gitDir : resolve(gitDir, common);
  const commit = (await text(disk, `${shared}/${ref}`)).trim() || (await packed(disk, shared, ref));
  return GIT_COMMIT.test(commit) ? { commit, ref } : undefined;
}

async function packed(disk: Disk, gitDir: string, ref: string): Promise<string> {
  for (const line of (await text(disk, `${gitDir}/packed-refs`, MAX_PACKED)).split('\n'))
    if (line.endsWith(` ${ref}`)) return line.slice(0, -ref.length - 1);
  return '';
}

/** Empty where no regular file is. */
async function text(disk: Disk, path: string, limit = MAX_POINTER): Promise<string> {
  if ((await disk.stat(path))?.kind !== 'file') return '';
  return Buffer.from(await disk.read(path, limit)).toString('utf8');
}
