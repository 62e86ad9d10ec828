// Rotation of one object: its data key is unwrapped, checked against the ciphertext, wrapped by the key that is active now
// and read back, and only then is the key file replaced, in one step. The ciphertext is not touched. Whoever holds the old
// key encryption key and an old copy of the key file can still open the object: rotation is no shredding.
import type { Disk } from '@vallum/core';
import { writeDurably } from '@vallum/core';
import type { KeyProvider } from '../keys/provider.js';
import { wrapChecked } from '../keys/provider.js';
import type { KeyRecord } from './key-record.js';
import { encodeKeyRecord, readKeyRecord, wrapContext } from './key-record.js';
import { readStart, unlock } from './open.js';
import { KEY_SUFFIX, SEALED_SUFFIX } from './seal.js';

export interface RewrapRequest {
  readonly disk: Disk;
  /** Without suffix. */
  readonly path: string;
  /** Who can unwrap it now. */
  readonly from: KeyProvider;
  /** Who wraps it anew; the same provider after its own rotation, or another one. */
  readonly to: KeyProvider;
}

export interface Rewrapped {
  readonly before: string;
  readonly after: string;
}

/** @throws VallumError as `openObject` does, and `VAULT_PROVIDER`; the old key file then stands as it was */
export async function rewrapObject({ disk, path, from, to }: RewrapRequest): Promise<Rewrapped> {
  const { record, dek } = await dataKeyOf({ disk, path, from });
  const { kek, wrapped } = await wrapChecked(to, dek, wrapContext(record));
  dek.fill(0);
  await writeDurably(disk, `${path}${KEY_SUFFIX}`, encodeKeyRecord({ ...record, kek, wrapped }), 0o600);
  return { before: record.kek, after: kek };
}

/** Whether `rewrapObject` would get at the data key; nothing is written. @throws VallumError as `openObject` does */
export async function tryUnwrap(request: Omit<RewrapRequest, 'to'>): Promise<void> {
  (await dataKeyOf(request)).dek.fill(0);
}

async function dataKeyOf({
  disk,
  path,
  from,
}: Omit<RewrapRequest, 'to'>): Promise<{ readonly record: KeyRecord; readonly dek: Buffer }> {
  const sealedPath = `${path}${SEALED_SUFFIX}`;
  const record = await readKeyRecord(disk, `${path}${KEY_SUFFIX}`);
  const file = await disk.open(sealedPath);
  try {
    const { dek } = await unlock(from, record, await readStart(file, sealedPath), path);
    return { record, dek };
  } finally {
    await file.close();
  }
}
