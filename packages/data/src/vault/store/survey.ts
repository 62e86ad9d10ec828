// What is in the vault, from the files alone: the header of each object and the key file beside it. There is no index to go
// stale: this is it, made anew each time. Nothing here needs a key, so nothing here is more than what the files say; who
// owns the storage can write any header. Names, sizes and links are those of an attacker.
import type { Disk, Sha256 } from '@vallum/core';
import { messageOf, VallumError } from '@vallum/core';
import type { KeyRecord } from '../format/key-record.js';
import { readKeyRecord } from '../format/key-record.js';
import { readStart } from '../format/open.js';
import { KEY_SUFFIX, SEALED_SUFFIX } from '../format/seal.js';
import { isLock, VAULT_LOCK } from './lock.js';
import type { ObjectName } from './object-name.js';
import { isObjectId, readHeaderName } from './object-name.js';

const MAX_OBJECTS = 100_000;

export interface StoredObject extends ObjectName {
  readonly id: string;
  readonly digest: Sha256;
  /** Of the plaintext, with its list of files. */
  readonly bytes: number;
  readonly commitment: string;
  /** Id of the key encryption key; absent where there is no key file. */
  readonly kek?: string;
}

export interface Survey {
  readonly objects: readonly StoredObject[];
  /** Objects whose files contradict themselves or each other: `file`, and what is wrong. */
  readonly broken: readonly { readonly file: string; readonly code: string; readonly message: string }[];
  /** Whatever else lies in the folder: leftovers of a killed process, and what nobody sealed. */
  readonly strange: readonly string[];
}

/** @throws VallumError `VAULT_TOO_MANY`, `DISK_READ` */
export async function surveyVault(disk: Disk, vault: string): Promise<Survey> {
  if ((await disk.stat(vault)) === undefined) return { objects: [], broken: [], strange: [] };
  const names = await disk.list(vault);
  if (names.length > 2 * MAX_OBJECTS)
    throw new VallumError('VAULT_TOO_MANY', `${vault} holds more than ${MAX_OBJECTS} objects`, {
      fix: 'use a vault for each project',
    });
  const present = new Set(names);
  const objects: StoredObject[] = [];
  const broken: { file: string; code: string; message: string }[] = [];
  const strange: string[] = [];
  for (const name of names) {
    const [id = '', ...rest] = name.split('.');
    const suffix = `.${rest.join('.')}`;
    if (name === VAULT_LOCK && (await isLock(disk, vault))) continue;
    if (!isObjectId(id) || (suffix !== SEALED_SUFFIX && suffix !== KEY_SUFFIX)) strange.push(name);
    else if (suffix === KEY_SUFFIX) {
      if (!present.has(`${id}${SEALED_SUFFIX}`)) strange.push(name);
    } else {
      try {
        objects.push(await readStored(disk, vault, id, present.has(`${id}${KEY_SUFFIX}`)));
      } catch (error) {
        if (!(error instanceof VallumError)) throw error;
        broken.push({ file: name, code: error.code, message: messageOf(error) });
      }
    }
  }
  return { objects, broken, strange };
}

async function readStored(disk: Disk, vault: string, id: string, hasKey: boolean): Promise<StoredObject> {
  const path = `${vault}/${id}${SEALED_SUFFIX}`;
  const file = await disk.open(path);
  try {
    const { header, commitment } = await readStart(file, path);
    const name = readHeaderName(header.object);
    if (name === undefined || header.version !== id)
      throw new VallumError('VAULT_CONTEXT', `${path} holds the object ${header.object} ${header.version}`, {
        fix: 'find out who put it there',
      });
    const hex = commitment.toString('hex');
    const record = hasKey ? await readKeyRecord(disk, `${vault}/${id}${KEY_SUFFIX}`) : undefined;
    if (record !== undefined) refuseOther(record, { object: header.object, version: id, commitment: hex }, path);
    const { digest, bytes } = header;
    return { ...name, id, digest, bytes, commitment: hex, ...(record === undefined ? {} : { kek: record.kek }) };
  } finally {
    await file.close();
  }
}

function refuseOther(record: KeyRecord, wanted: Omit<KeyRecord, 'kek' | 'wrapped'>, path: string): void {
  if (record.object === wanted.object && record.version === wanted.version && record.commitment === wanted.commitment)
    return;
  throw new VallumError('VAULT_MISMATCH', `the key file beside ${path} is that of another object or of another seal`, {
    fix: 'restore the two files of the object from the same backup',
  });
}
