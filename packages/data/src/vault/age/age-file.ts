// age files as a whole (https://c2sp.org/age, version 1): written for people outside, who open them with the age program,
// and read back from backups. A file is for any number of X25519 recipients, or for one passphrase and nobody else.
import { hkdfSync, randomBytes } from 'node:crypto';
import type { Disk, OpenFile } from '@vallum/core';
import { VallumError } from '@vallum/core';
import type { ByteSource } from '../format/batches.js';
import { inBatches, sourceOf } from '../format/batches.js';
import type { SealedReader } from '../format/open.js';
import { writeWhole } from '../format/output.js';
import type { AgeHeader, Stanza } from './header.js';
import { ageFault, decodeAgeHeader, encodeAgeHeader, isMacRight, MAX_AGE_HEADER_BYTES } from './header.js';
import type { Passphrase } from './passphrase.js';
import { unwrapPassphrase, wrapForPassphrase } from './passphrase.js';
import { AGE_CHUNK_BYTES, decryptPayload, encryptPayload, PAYLOAD_NONCE_BYTES } from './payload.js';
import { FILE_KEY_BYTES } from './stanza-key.js';
import type { X25519Identity, X25519Recipient } from './x25519.js';
import { unwrapX25519, wrapForX25519 } from './x25519.js';

export type AgeRecipient = X25519Recipient | Passphrase;
export type AgeIdentity = X25519Identity | Passphrase;

/** @throws VallumError `AGE_RECIPIENT` for no recipient, or a passphrase among others */
export async function* encryptAge(source: ByteSource, recipients: readonly AgeRecipient[]): AsyncGenerator<Uint8Array> {
  const isAlone = recipients.length === 1 || recipients.every(({ kind }) => kind === 'x25519');
  if (recipients.length === 0 || !isAlone)
    throw new VallumError('AGE_RECIPIENT', 'an age file is for one or more recipients, or for one passphrase alone');
  const fileKey = randomBytes(FILE_KEY_BYTES);
  const stanzas: Stanza[] = [];
  for (const recipient of recipients)
    stanzas.push(
      recipient.kind === 'x25519' ? wrapForX25519(recipient, fileKey) : await wrapForPassphrase(recipient, fileKey),
    );
  const nonce = randomBytes(PAYLOAD_NONCE_BYTES);
  yield Buffer.concat([encodeAgeHeader(stanzas, fileKey), nonce]);
  yield* encryptPayload(payloadKey(fileKey, nonce), inBatches(source.chunks, AGE_CHUNK_BYTES));
}

/**
 * Verified plaintext, chunk by chunk; the end is reached only when nothing is missing.
 * @throws VallumError `AGE_HEADER`, `AGE_NO_MATCH`, `AGE_MAC`, `AGE_PAYLOAD`
 */
export async function* decryptAge(file: OpenFile, identities: readonly AgeIdentity[]): AsyncGenerator<Buffer> {
  const header = decodeAgeHeader(await file.read(0, MAX_AGE_HEADER_BYTES));
  const fileKey = await unwrap(header, identities);
  if (!isMacRight(header, fileKey)) throw ageFault('AGE_MAC', 'its header was changed');
  const nonce = await file.read(header.end, PAYLOAD_NONCE_BYTES);
  if (nonce.length !== PAYLOAD_NONCE_BYTES) throw ageFault('AGE_HEADER', 'it ends where its payload begins');
  yield* decryptPayload(payloadKey(fileKey, nonce), file, header.end + PAYLOAD_NONCE_BYTES);
}

async function unwrap({ stanzas }: AgeHeader, identities: readonly AgeIdentity[]): Promise<Buffer> {
  if (stanzas.length > 1 && stanzas.some(({ args }) => args[0] === 'scrypt'))
    throw ageFault('AGE_HEADER', 'a passphrase stands beside other recipients');
  for (const identity of identities)
    for (const stanza of stanzas) {
      const key =
        identity.kind === 'x25519' ? unwrapX25519(identity, stanza) : await unwrapPassphrase(identity, stanza);
      if (key !== undefined) return key;
    }
  throw ageFault('AGE_NO_MATCH', 'no identity given is among its recipients');
}

function payloadKey(fileKey: Uint8Array, nonce: Uint8Array): Buffer {
  return Buffer.from(hkdfSync('sha256', fileKey, nonce, 'payload', 32));
}

export interface ExportRequest {
  readonly disk: Disk;
  readonly reader: SealedReader;
  /** Nothing may be there yet. */
  readonly target: string;
  readonly recipients: readonly AgeRecipient[];
  readonly signal?: AbortSignal;
}

/** A sealed object as an age file; plaintext is in memory only, a chunk at a time. @throws as `openToFile` does */
export async function exportAge({ disk, reader, target, recipients, signal }: ExportRequest): Promise<void> {
  await writeWhole({ disk, path: target, mode: 0o600 }, async (output) => {
    for await (const piece of inBatches(encryptAge(sourceOf(reader), recipients), 1024 * 1024)) {
      signal?.throwIfAborted();
      await output.append(piece);
    }
  });
}
