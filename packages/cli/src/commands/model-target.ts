// What `vallum sign` and `vallum verify` share: which model is meant, where its project is, and the progress of hashing.
import { realpath } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import type { Disk } from '@vallum/core';
import { VallumError } from '@vallum/core';
import type { Io } from '../answer.js';
import { throughputText } from '../output/throughput.js';

export const MAX_KEY_BYTES = 64 * 1024;

export interface ModelTarget {
  /** The folder of the model, or the one that holds its only file. */
  readonly dir: string;
  /** Base name of a model that is one file. */
  readonly file?: string;
}

/** @throws VallumError `SIGN_DIR` when nothing that can be signed is there */
export async function modelTarget(disk: Disk, given: string): Promise<ModelTarget> {
  const path = given.replace(/\/+$/, '') || '/';
  const kind = (await disk.stat(path))?.kind;
  if (kind === 'directory') return { dir: path };
  if (kind === 'file') {
    const cut = path.lastIndexOf('/');
    return { dir: cut < 0 ? '.' : path.slice(0, cut) || '/', file: path.slice(cut + 1) };
  }
  throw new VallumError('SIGN_DIR', `${given} is neither a folder nor a file`, { fix: 'give the model' });
}

/** The signature as `--signature` names it, or relative to the folder where it really lies in it: links may be around. */
export async function signatureIn(dir: string, given: string): Promise<string> {
  const path = resolve(dir, given);
  const real = async (folder: string): Promise<string | undefined> => realpath(folder).catch(() => undefined);
  const [folder, parent] = [await real(dir), await real(dirname(path))];
  if (folder === undefined || parent === undefined) return given;
  const own = relative(folder, join(parent, basename(path)));
  return own === '..' || own.startsWith('../') ? given : own;
}

/** The project around a model, if there is one: the nearest folder upwards with a `vallum.yaml`. */
export async function projectOf(io: Io, dir: string): Promise<string | undefined> {
  for (let folder = resolve(dir); ; folder = dirname(folder)) {
    if ((await io.disk.stat(`${folder}/vallum.yaml`)) !== undefined) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}

/** Shows how far the hashing is, how fast it goes and how long it will take. */
export function hashingProgress(io: Io, model: string): (bytes: number, total: number) => void {
  const begin = io.clock().getTime();
  return (bytes, total) =>
    io.progress.say(`hashing ${model}: ${throughputText(bytes, total, io.clock().getTime() - begin)}`);
}
