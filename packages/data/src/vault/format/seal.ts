// Seals one object: `<path>.sealed` holds the header line and the Cobblestone-256 message, `<path>.key` the wrapped data
// key. Both appear whole or not at all. The plaintext may change while it is read, the disk may be full, another writer may
// want the same name: each is an error, and nothing is left. The data key exists in memory only, for one message.
import { createHash, randomBytes } from 'node:crypto';
import type { Disk, OpenFile, Sha256 } from '@vallum/core';
import { parent, VallumError } from '@vallum/core';
import type { KeyProvider } from '../keys/provider.js';
import { newDataKey, wrapChecked } from '../keys/provider.js';
import { BATCH_BYTES, BATCH_CHUNKS, inBatches, sourceOf, type ByteSource } from './batches.js';
import type { MessageKeys } from './chunked-encryption.js';
import {
  CHUNK_BYTES,
  chunksOf,
  deriveKeys,
  encryptChunks,
  prefixOf,
  SALT_BYTES,
  SEALED_CHUNK_BYTES,
} from './chunked-encryption.js';
import type { SealedHeader } from './header.js';
import { encodeHeader } from './header.js';
import type { KeyRecord } from './key-record.js';
import { encodeKeyRecord, wrapContext } from './key-record.js';
import type { Output } from './output.js';
import { writeWhole } from './output.js';

export const SEALED_SUFFIX = '.sealed';
export const KEY_SUFFIX = '.key';
const OWNER_ONLY = 0o600;

export interface SealRequest {
  readonly disk: Disk;
  /** Where the object goes, without suffix; its folder is there already. */
  readonly path: string;
  readonly source: OpenFile | ByteSource;
  readonly object: string;
  readonly version: string;
  readonly digest: Sha256;
  /**
   * Whether `digest` is the SHA-256 of the plaintext and has to be found so while sealing, which is the default. With false
   * it is bound as it is given: a digest of something larger, or one that was computed a moment ago.
   */
  readonly checkDigest?: boolean;
  readonly keys: KeyProvider;
  readonly signal?: AbortSignal;
}

export interface SealedObject {
  readonly header: SealedHeader;
  readonly commitment: string;
  readonly kek: string;
}

/**
 * @throws VallumError `VAULT_EXISTS` when an object is there already, `VAULT_CHANGED` when the plaintext is not as
 *   announced, `VAULT_NAME`, `VAULT_PROVIDER`, `DISK_WRITE` or what the provider throws
 */
export async function sealObject(request: SealRequest): Promise<SealedObject> {
  const { disk, path, object, version, digest, keys: provider } = request;
  const source = 'chunks' in request.source ? request.source : sourceOf(request.source);
  const header: SealedHeader = { object, version, digest, bytes: source.size };
  const context = encodeHeader(header);
  const dek = newDataKey();
  const keys = deriveKeys(dek, randomBytes(SALT_BYTES), context);
  const commitment = keys.commitment.toString('hex');
  const { kek, wrapped } = await wrapChecked(provider, dek, wrapContext({ object, version, commitment }));
  dek.fill(0);
  const keyFile = newKeyFile(disk, path, { object, version, commitment, kek, wrapped });
  try {
    await writeWhole(
      { disk, path: `${path}${SEALED_SUFFIX}`, mode: OWNER_ONLY },
      async (output) => {
        await output.append(Buffer.concat([context, Buffer.from('\n'), prefixOf(keys)]));
        await encryptAll(request, source, keys, output);
      },
      () => keyFile.write(),
    );
  } catch (error) {
    await keyFile.discard();
    throw error;
  }
  return { header, commitment, kek };
}

async function encryptAll(request: SealRequest, source: ByteSource, keys: MessageKeys, output: Output): Promise<void> {
  const { digest, checkDigest = true, signal } = request;
  const hash = checkDigest ? createHash('sha256') : undefined;
  // One piece of memory for all batches: each has been written before the next is encrypted.
  const room = Buffer.alloc(Math.min(BATCH_CHUNKS, chunksOf(source.size)) * SEALED_CHUNK_BYTES);
  let total = 0;
  let tail: Uint8Array = new Uint8Array();
  for await (const batch of inBatches(source.chunks, BATCH_BYTES)) {
    signal?.throwIfAborted();
    hash?.update(batch);
    const first = total / CHUNK_BYTES;
    total += batch.length;
    if (total > source.size) throw changed(request, `it has more than the announced ${source.size} bytes`);
    if (batch.length === BATCH_BYTES) await output.append(encryptChunks(keys, first, batch, false, room));
    else tail = batch;
  }
  if (total !== source.size) throw changed(request, `it has ${total} of the announced ${source.size} bytes`);
  if (hash !== undefined && hash.digest('hex') !== digest) throw changed(request, 'its digest is another one');
  await output.append(encryptChunks(keys, (total - tail.length) / CHUNK_BYTES, tail, true, room));
}

interface NewKeyFile {
  write(): Promise<void>;
  /** Only what this writer has written. */
  discard(): Promise<void>;
}

function newKeyFile(disk: Disk, base: string, record: KeyRecord): NewKeyFile {
  const path = `${base}${KEY_SUFFIX}`;
  let isOurs = false;
  return {
    write: async () => {
      // Empty first: when the disk is full, it is known whose the half-written file is.
      isOurs = await disk.create(path, new Uint8Array(), OWNER_ONLY);
      if (!isOurs) throw keyTaken(path);
      await disk.append(path, encodeKeyRecord(record));
      await disk.sync(path);
      await disk.sync(parent(path));
    },
    discard: async () => {
      if (isOurs) await disk.remove(path).catch(() => undefined);
    },
  };
}

function keyTaken(path: string): VallumError {
  return new VallumError('VAULT_EXISTS', `${path} is there already`, {
    fix: 'another writer is sealing the same object, or an earlier one was cut short: in that case remove the key file',
  });
}

function changed({ object }: SealRequest, why: string): VallumError {
  return new VallumError('VAULT_CHANGED', `${object} changed while it was sealed: ${why}`, {
    fix: 'seal it again when nothing writes to it; nothing was kept',
  });
}
