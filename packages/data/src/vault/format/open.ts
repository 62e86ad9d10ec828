// Opens a sealed object for reading anywhere in it. Nothing is decrypted before header, key file and commitment agree and
// the file has exactly the size that the header was sealed with; then each chunk is verified before a byte of it is
// released. The attacker owns the storage and may swap, cut, extend, reorder or flip anything in both files.
import type { Disk, OpenFile, Sha256 } from '@vallum/core';
import { readInto, VallumError } from '@vallum/core';
import type { KeyProvider } from '../keys/provider.js';
import { unwrapChecked } from '../keys/provider.js';
import { BATCH_CHUNKS } from './batches.js';
import type { MessageKeys } from './chunked-encryption.js';
import {
  CHUNK_BYTES,
  chunksOf,
  decryptChunk,
  deriveKeys,
  isCommittedTo,
  messageBytes,
  PREFIX_BYTES,
  SALT_BYTES,
  SEALED_CHUNK_BYTES,
} from './chunked-encryption.js';
import type { ReadHeader, SealedHeader } from './header.js';
import { decodeHeader, MAX_HEADER_BYTES } from './header.js';
import type { KeyRecord } from './key-record.js';
import { readKeyRecord, wrapContext } from './key-record.js';
import { letGo } from './spent-memory.js';
import { KEY_SUFFIX, SEALED_SUFFIX } from './seal.js';

/** What the reader of an object knows about it; what is given has to hold. */
export interface Expected {
  readonly object?: string;
  readonly version?: string;
  readonly digest?: Sha256;
}

export interface OpenRequest {
  readonly disk: Disk;
  /** Without suffix. */
  readonly path: string;
  readonly keys: KeyProvider;
  readonly expected?: Expected;
}

/** An open file of plaintext; every byte that it gives was verified. */
export interface SealedReader extends OpenFile {
  readInto(target: Uint8Array, offset: number): Promise<number>;
  readonly header: SealedHeader;
  readonly kek: string;
}

/** What a sealed file says of itself, unverified. */
export interface SealedStart extends ReadHeader {
  readonly salt: Uint8Array;
  readonly commitment: Buffer;
}

/** @throws VallumError `VAULT_HEADER`, `VAULT_TRUNCATED` */
export async function readStart(file: OpenFile, path: string): Promise<SealedStart> {
  const start = await file.read(0, MAX_HEADER_BYTES + PREFIX_BYTES);
  const read = decodeHeader(start, path);
  const prefix = start.subarray(read.end, read.end + PREFIX_BYTES);
  const wanted = read.end + messageBytes(read.header.bytes);
  if (file.size !== wanted || prefix.length !== PREFIX_BYTES)
    throw new VallumError(
      'VAULT_TRUNCATED',
      `${path} has ${file.size} bytes where its header makes it ${wanted}`,
      {
        fix: 'restore the file from a backup: it was cut off or something was added',
      },
      'unproven',
    );
  return { ...read, salt: prefix.subarray(0, SALT_BYTES), commitment: Buffer.from(prefix.subarray(SALT_BYTES)) };
}

/**
 * @throws VallumError `VAULT_SHREDDED`, `VAULT_KEY_FILE`, `VAULT_HEADER`, `VAULT_TRUNCATED`, `VAULT_MISMATCH` when the two
 *   files belong to different objects, `VAULT_CONTEXT` when it is not the expected object, `VAULT_KEY` when the key does
 *   not belong to the ciphertext; `DISK_READ`, or what the provider throws
 */
export async function openObject(request: OpenRequest): Promise<SealedReader> {
  const { disk, path } = request;
  const sealedPath = `${path}${SEALED_SUFFIX}`;
  const record = await readKeyRecord(disk, `${path}${KEY_SUFFIX}`);
  const file = await disk.open(sealedPath);
  try {
    const start = await readStart(file, sealedPath);
    refuseOtherObject(start, request.expected ?? {}, sealedPath);
    const { dek, keys } = await unlock(request.keys, record, start, path);
    dek.fill(0);
    const chunks = chunkReader(file, start, keys, sealedPath);
    const last = chunksOf(start.header.bytes) - 1;
    // The end first: an empty last chunk is never read again, and it says that nothing was cut off.
    await chunks(last, 1, new Uint8Array(), last * CHUNK_BYTES);
    return readerOf(file, start.header, record.kek, chunks);
  } catch (error) {
    await file.close();
    throw error;
  }
}

function refuseOtherObject({ header }: SealedStart, expected: Expected, path: string): void {
  for (const name of ['object', 'version', 'digest'] as const)
    if (expected[name] !== undefined && expected[name] !== header[name])
      throw new VallumError(
        'VAULT_CONTEXT',
        `${path} holds ${name} ${header[name]}, not ${expected[name]}`,
        {
          fix: 'find out who moved the sealed files: an object stands where another one belongs',
        },
        'unproven',
      );
}

export interface Unlocked {
  /** The data key itself; whoever asked for it fills it with zeros. */
  readonly dek: Buffer;
  readonly keys: MessageKeys;
}

/** @throws VallumError `VAULT_MISMATCH`, `VAULT_KEY`, or what the provider throws */
export async function unlock(
  provider: KeyProvider,
  record: KeyRecord,
  start: SealedStart,
  path: string,
): Promise<Unlocked> {
  const { object, version } = start.header;
  const commitment = start.commitment.toString('hex');
  if (record.object !== object || record.version !== version || record.commitment !== commitment)
    throw new VallumError(
      'VAULT_MISMATCH',
      `${path}${KEY_SUFFIX} is the key file of another object or of another seal`,
      {
        fix: 'restore the two files of the object from the same backup',
      },
      'unproven',
    );
  const dek = await unwrapChecked(provider, record, wrapContext({ object, version, commitment }));
  const keys = deriveKeys(dek, start.salt, start.context);
  if (!isCommittedTo(keys, start.commitment))
    throw new VallumError(
      'VAULT_KEY',
      `the key in ${path}${KEY_SUFFIX} does not belong to ${path}${SEALED_SUFFIX}`,
      {
        fix: 'restore both files from a backup: a header or a key was changed',
      },
      'unproven',
    );
  return { dek, keys };
}

/**
 * Verifies chunks that follow each other, and copies what they have from byte `from` of the plaintext on into `target`, as
 * far as it goes. @throws VallumError `VAULT_DAMAGED`
 */
type ChunkReader = (first: number, count: number, target: Uint8Array, from: number) => Promise<void>;

function chunkReader(file: OpenFile, { header, end }: SealedStart, keys: MessageKeys, path: string): ChunkReader {
  let spare: Uint8Array | undefined;

  function decrypt(sealed: Uint8Array, first: number, count: number, target: Uint8Array, from: number): void {
    const spent: Buffer[] = [];
    for (let at = 0; at < count; at += 1) {
      const start = (first + at) * CHUNK_BYTES;
      const chunk = sealed.subarray(at * SEALED_CHUNK_BYTES, (at + 1) * SEALED_CHUNK_BYTES);
      const opened = decryptChunk(keys, first + at, chunk);
      if (opened?.length !== Math.min(CHUNK_BYTES, header.bytes - start)) throw damaged(path, first + at);
      const wanted = opened.subarray(Math.max(0, from - start), Math.max(0, from + target.length - start));
      spent.push(opened);
      target.set(wanted, Math.max(0, start - from));
    }
    letGo(spent);
  }

  return async (first, count, target, from) => {
    const bytes = count * SEALED_CHUNK_BYTES;
    // Kept for the next read; another one that runs meanwhile takes its own.
    const room = spare !== undefined && spare.length >= bytes ? spare : Buffer.allocUnsafe(bytes);
    spare = undefined;
    const sealed = await readInto(file, room.subarray(0, bytes), end + PREFIX_BYTES + first * SEALED_CHUNK_BYTES);
    decrypt(sealed, first, count, target, from);
    spare = room;
  };
}

function readerOf(file: OpenFile, header: SealedHeader, kek: string, chunks: ChunkReader): SealedReader {
  const size = header.bytes;

  async function fill(target: Uint8Array, from: number): Promise<number> {
    const length = Math.max(0, Math.min(target.length, size - from));
    const stop = Math.ceil((from + length) / CHUNK_BYTES);
    for (let first = Math.floor(from / CHUNK_BYTES); length > 0 && first < stop; first += BATCH_CHUNKS)
      await chunks(first, Math.min(BATCH_CHUNKS, stop - first), target.subarray(0, length), from);
    return length;
  }

  async function read(offset: number, length: number): Promise<Uint8Array> {
    const from = Math.max(0, Math.min(offset, size));
    const target = Buffer.allocUnsafe(Math.max(0, Math.min(length, size - from)));
    await fill(target, from);
    return target;
  }

  return { header, kek, size, read, readInto: fill, close: () => file.close() };
}

function damaged(path: string, chunk: number): VallumError {
  const from = chunk * CHUNK_BYTES;
  return new VallumError(
    'VAULT_DAMAGED',
    `${path} was changed after it was sealed: chunk ${chunk}, from byte ${from}`,
    {
      fix: 'restore the file from a backup; no byte of that chunk was released',
    },
    'unproven',
  );
}
