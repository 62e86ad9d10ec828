// The payload of an age file: chunks of 64 KiB under ChaCha20-Poly1305, each with its number and whether it is the last in
// its nonce (STREAM; Hoang, Reyhanitabar, Rogaway, Vizár, 2015), so that none can be moved, dropped or added.
import type { OpenFile } from '@vallum/core';
import { ageFault } from './header.js';
import { AGE_TAG_BYTES, chachaOpen, chachaSeal } from './stanza-key.js';

export const AGE_CHUNK_BYTES = 64 * 1024;
export const PAYLOAD_NONCE_BYTES = 16;
const SEALED_CHUNK = AGE_CHUNK_BYTES + AGE_TAG_BYTES;

function nonceOf(index: number, last: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeBigUInt64BE(BigInt(index), 3);
  nonce[11] = last ? 1 : 0;
  return nonce;
}

/** @param batches of 64 KiB each, but for the last; each is valid until the next */
export async function* encryptPayload(key: Uint8Array, batches: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let index = 0;
  let held: Uint8Array | undefined;
  for await (const batch of batches) {
    if (held !== undefined) yield chachaSeal(key, nonceOf(index++, false), held);
    held = Buffer.from(batch);
  }
  yield chachaSeal(key, nonceOf(index, true), held ?? new Uint8Array());
}

/** Verified plaintext, chunk by chunk. @param from where the first chunk begins @throws VallumError `AGE_PAYLOAD` */
export async function* decryptPayload(key: Uint8Array, file: OpenFile, from: number): AsyncGenerator<Buffer> {
  const bytes = file.size - from;
  const chunks = Math.max(1, Math.ceil(bytes / SEALED_CHUNK));
  for (let index = 0; index < chunks; index += 1) {
    const sealed = await file.read(from + index * SEALED_CHUNK, SEALED_CHUNK);
    const isLast = index === chunks - 1;
    const opened = chachaOpen(key, nonceOf(index, isLast), sealed);
    if (opened === undefined) throw ageFault('AGE_PAYLOAD', `chunk ${index} was changed, moved or cut off`);
    if (opened.length === 0 && index > 0) throw ageFault('AGE_PAYLOAD', 'its last chunk is empty');
    yield opened;
  }
}
