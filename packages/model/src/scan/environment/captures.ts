// The capture files that vallum.yaml names for a version: found, digested once when the control is planned, and read again
// only as those bytes. A capture is a file, or an installed site-packages folder.
import type { Disk, Sha256, Subject } from '@vallum/core';
import { digestDirectory, digestFile, listFiles, sha256, VallumError } from '@vallum/core';

export interface Capture {
  /** As vallum.yaml names it, relative to the project. */
  readonly path: string;
  readonly kind: 'file' | 'folder';
  /** Of the file, or of the folder as a directory. */
  readonly sha256: Sha256;
  /** Of every file of a folder, by its path in it. */
  readonly files: ReadonlyMap<string, Sha256>;
}

const MAX_FILES = 500_000;

/** @throws VallumError `ENVIRONMENT_MISSING`, and those of the tree */
export async function findCaptures(disk: Disk, root: string, paths: readonly string[]): Promise<readonly Capture[]> {
  const captures: Capture[] = [];
  for (const path of paths) captures.push(await findCapture(disk, root, path));
  return captures;
}

export async function findCapture(disk: Disk, root: string, path: string): Promise<Capture> {
  const whole = `${root}/${path}`;
  const kind = (await disk.stat(whole))?.kind;
  if (kind === 'file') return { path, kind, sha256: await digestFile(disk, whole), files: new Map() };
  if (kind !== 'directory')
    throw new VallumError('ENVIRONMENT_MISSING', `${path} is ${kind === undefined ? 'not there' : `a ${kind}`}`, {
      fix: 'write it with vallum env capture, pip freeze or a lock file',
    });
  const files = await digestFiles(disk, whole);
  const list = [...files].map(([name, digest]) => ({ path: name, sha256: digest }));
  return { path, kind: 'folder', sha256: digestDirectory(list), files };
}

/** Digest of every file below a folder, by its path. */
export async function digestFiles(disk: Disk, dir: string): Promise<ReadonlyMap<string, Sha256>> {
  const files = new Map<string, Sha256>();
  for (const file of await listFiles(disk, dir, { maxFiles: MAX_FILES }))
    files.set(file, await digestFile(disk, `${dir}/${file}`));
  return files;
}

/** @throws VallumError `ENVIRONMENT_CHANGED` when it is not the file whose digest was taken */
export async function readCapture(disk: Disk, root: string, capture: Capture, limit: number): Promise<Uint8Array> {
  const bytes = await disk.read(`${root}/${capture.path}`, limit);
  if (sha256(bytes) === capture.sha256) return bytes;
  throw new VallumError('ENVIRONMENT_CHANGED', `${capture.path} changed after its digest was taken`);
}

/** What the statement speaks about: the digest of a directory that has one line for each capture. */
export function subjectOf(name: string, captures: readonly Capture[]): Subject {
  return { name, digest: { sha256: digestDirectory(captures) } };
}
