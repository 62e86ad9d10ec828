// What the commands about trust.json share: the file as it stands, and the root key that may change it.
import type { Disk } from '@vallum/core';
import { VallumError } from '@vallum/core';
import type { SigningKey, Trust } from '@vallum/trust';
import { readKeyFolder, readTrust } from '@vallum/trust';
import type { Io } from '../answer.js';
import { openDeclaration } from '../project/open-declaration.js';
import type { ProjectPaths } from '../project/paths.js';
import { readNamed } from '../project/read-named.js';

const PRINCIPAL = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const MAX_BYTES = 4 * 1024 * 1024;

export async function declared(io: Io): Promise<{ readonly project: string; readonly paths: ProjectPaths }> {
  const { paths, declaration } = await openDeclaration(io.disk, io.folder);
  return { project: declaration.project, paths };
}

export async function readTrustFile(disk: Disk, path: string): Promise<Trust> {
  if ((await disk.stat(path)) === undefined)
    throw new VallumError('TRUST_MISSING', 'this project has no trust.json', { fix: 'run vallum trust init first' });
  return readNamed(disk, { path, name: 'trust.json', limit: MAX_BYTES, fix: 'restore trust.json' }, readTrust);
}

export interface RootDesk {
  readonly project: string;
  readonly paths: ProjectPaths;
  readonly trust: Trust;
  readonly root: SigningKey;
}

/** @throws VallumError `TRUST_ROOT` when the root key is not in VALLUM_KEYS */
export async function openAsRoot(io: Io): Promise<RootDesk> {
  const { project, paths } = await declared(io);
  const trust = await readTrustFile(io.disk, paths.trust);
  const root = (await readKeyFolder(io.disk, io.keysFolder)).find((key) => key.keyid === trust.rootFingerprint);
  if (root !== undefined) return { project, paths, trust, root };
  throw new VallumError('TRUST_ROOT', `the root key of trust.json is not in ${io.keysFolder}`, {
    fix: 'set VALLUM_KEYS to where the root key is',
  });
}

export function assertPrincipal(id: string): void {
  if (PRINCIPAL.test(id)) return;
  throw new VallumError('TRUST_PRINCIPAL', `${JSON.stringify(id)} is not an id for a principal`, {
    fix: 'use letters, digits, ".", "_" and "-"',
  });
}

export function rolesIn(list: string): readonly string[] {
  return list
    .split(',')
    .map((role) => role.trim())
    .filter((role) => role !== '');
}

/** From a minute ago, for clocks that differ, to the given day or a year from now. */
export function windowUntil(
  now: Date,
  until: Date | undefined,
): { readonly notBefore: string; readonly notAfter: string } {
  const year = 365 * 24 * 3600 * 1000;
  return {
    notBefore: new Date(now.getTime() - 60_000).toISOString(),
    notAfter: (until ?? new Date(now.getTime() + year)).toISOString(),
  };
}
