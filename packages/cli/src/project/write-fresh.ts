// Files that a command writes where a person says: never over one that is there.
import { parent, VallumError } from '@vallum/core';
import type { Io } from '../answer.js';

/** @throws VallumError `OUT_EXISTS` */
export async function writeFresh({ disk }: Pick<Io, 'disk'>, path: string, bytes: Uint8Array): Promise<void> {
  if (!(await disk.create(path, bytes)))
    throw new VallumError('OUT_EXISTS', `${path} is there already`, {
      fix: 'name a file that is not there yet, or remove it',
    });
  await disk.sync(path);
  await disk.sync(parent(path));
}
