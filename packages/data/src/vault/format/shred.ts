// Destroys an object by destroying its wrapped data key: the key file is overwritten where it lies, made durable, removed,
// and the folder made durable. Whoever can read the disk afterwards is the attacker. What this cannot reach: copies of the
// key file in backups and snapshots, and blocks that a copy-on-write file system or a flash disk keeps aside; there, only
// the destruction of the key encryption key helps.
import type { Disk } from '@vallum/core';
import { parent, VallumError } from '@vallum/core';
import { KEY_SUFFIX } from './seal.js';

export interface ShredRequest {
  readonly disk: Disk;
  /** Without suffix. */
  readonly path: string;
  /** Writes over the bytes of a file in place and waits until they are on the disk; `overwriteFile` does. */
  readonly overwrite: (path: string) => Promise<void>;
}

export interface Shredded {
  /** Names that the key file had besides its own: through each of them the key is gone too, for they share the bytes. */
  readonly otherNames: number;
}

/** @throws VallumError `VAULT_SHREDDED` when there is no key file, `DISK_WRITE` when it may still be there */
export async function shredObject({ disk, path, overwrite }: ShredRequest): Promise<Shredded> {
  const keyPath = `${path}${KEY_SUFFIX}`;
  const stat = await disk.stat(keyPath);
  if (stat === undefined)
    throw new VallumError(
      'VAULT_SHREDDED',
      `there is no key file ${keyPath}: it is shredded already, or was never there`,
    );
  if (stat.kind !== 'file')
    throw new VallumError('VAULT_KEY_FILE', `${keyPath} is not a regular file`, { fix: 'find out who put it there' });
  await overwrite(keyPath);
  await disk.remove(keyPath);
  await disk.sync(parent(keyPath));
  return { otherNames: (stat.links ?? 1) - 1 };
}
