// C2SP chunked-encryption v1 as Cobblestone-256 (SHA-512, AES-256-GCM; https://c2sp.org/chunked-encryption): from a key, a
// random salt and a context HKDF-Expand makes a one-use key, a base nonce and a commitment; the message is cut into chunks
// of 16 KiB, the last one always shorter. The attacker owns the storage: a chunk that is changed, moved, dropped or from
// elsewhere fails under its nonce, and a ciphertext that opens under two keys (Len, Grubbs, Ristenpart, 2021) fails at
// the commitment, before any chunk is decrypted.
import type { KeyObject } from 'node:crypto';
import { createCipheriv, createDecipheriv, createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import { letGo } from './spent-memory.js';

export const KEY_BYTES = 32;
export const SALT_BYTES = 24;
export const COMMITMENT_BYTES = 32;
/** What stands before the first chunk: salt, then commitment. */
export const PREFIX_BYTES = SALT_BYTES + COMMITMENT_BYTES;
export const CHUNK_BYTES = 16 * 1024;
export const TAG_BYTES = 16;
export const SEALED_CHUNK_BYTES = CHUNK_BYTES + TAG_BYTES;
/** 2^38 chunks, the last one short (4 PiB): the limit of the specification, far below that of AES-GCM for one key. */
export const MAX_PLAINTEXT_BYTES = 2 ** 52 - 1;

const NONCE_BYTES = 12;
const CIPHER = 'aes-256-gcm';
const LABEL = Buffer.from('c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0', 'latin1');

/** What one message is encrypted with, once. */
export interface MessageKeys {
  readonly key: KeyObject;
  readonly baseNonce: Buffer;
  readonly commitment: Buffer;
  readonly salt: Buffer;
}

/** @param inputKey 32 uniformly random bytes @param salt 24 bytes, never twice with one key */
export function deriveKeys(inputKey: Uint8Array, salt: Uint8Array, context: Uint8Array): MessageKeys {
  const okm = hkdfExpand(inputKey, [LABEL, salt, context]);
  const key = createSecretKey(okm.subarray(0, KEY_BYTES));
  const baseNonce = Buffer.from(okm.subarray(KEY_BYTES, KEY_BYTES + NONCE_BYTES));
  const commitment = Buffer.from(okm.subarray(KEY_BYTES + NONCE_BYTES, KEY_BYTES + NONCE_BYTES + COMMITMENT_BYTES));
  okm.fill(0);
  return { key, baseNonce, commitment, salt: Buffer.from(salt) };
}

/** HKDF-Expand (RFC 5869) with SHA-512, two blocks. */
function hkdfExpand(key: Uint8Array, info: readonly Uint8Array[]): Buffer {
  const blocks: Buffer[] = [];
  for (const counter of [1, 2]) {
    const mac = createHmac('sha512', key).update(blocks.at(-1) ?? Buffer.alloc(0));
    for (const part of info) mac.update(part);
    blocks.push(mac.update(Uint8Array.of(counter)).digest());
  }
  return Buffer.concat(blocks);
}

export function prefixOf(keys: MessageKeys): Buffer {
  return Buffer.concat([keys.salt, keys.commitment]);
}

export function isCommittedTo(keys: MessageKeys, commitment: Uint8Array): boolean {
  return commitment.length === COMMITMENT_BYTES && timingSafeEqual(keys.commitment, commitment);
}

/** Bytes of the whole message, with its prefix, for a plaintext of so many bytes. */
export function messageBytes(plaintextBytes: number): number {
  return PREFIX_BYTES + plaintextBytes + chunksOf(plaintextBytes) * TAG_BYTES;
}

/** A plaintext that fills its chunks is followed by an empty one: the short chunk is the end. */
export function chunksOf(plaintextBytes: number): number {
  return Math.floor(plaintextBytes / CHUNK_BYTES) + 1;
}

/** Base nonce XOR number of the chunk; `^` takes what is given modulo 2^32. @param nonce a copy of any of the message */
function setNonce(nonce: Buffer, { baseNonce }: MessageKeys, index: number): Buffer {
  nonce.writeInt32BE(baseNonce.readInt32BE(4) ^ Math.floor(index / 2 ** 32), 4);
  nonce.writeInt32BE(baseNonce.readInt32BE(8) ^ index, 8);
  return nonce;
}

/**
 * Encrypts whole chunks; with `last` also what remains, be it nothing.
 * @param first number of the first chunk @param plaintext without `last` a multiple of 16 KiB
 * @param room where the result goes, when it is large enough: half of the work was fresh memory
 */
export function encryptChunks(
  keys: MessageKeys,
  first: number,
  plaintext: Uint8Array,
  last: boolean,
  room: Buffer = Buffer.alloc(0),
): Buffer {
  const whole = Math.floor(plaintext.length / CHUNK_BYTES);
  const chunks = last ? whole + 1 : whole;
  const bytes = (last ? plaintext.length : whole * CHUNK_BYTES) + chunks * TAG_BYTES;
  const sealed = bytes <= room.length ? room.subarray(0, bytes) : Buffer.allocUnsafe(bytes);
  const nonce = Buffer.from(keys.baseNonce);
  const spent: Buffer[] = [];
  for (let at = 0; at < chunks; at += 1) {
    const cipher = createCipheriv(CIPHER, keys.key, setNonce(nonce, keys, first + at));
    const encrypted = cipher.update(plaintext.subarray(at * CHUNK_BYTES, (at + 1) * CHUNK_BYTES));
    cipher.final();
    sealed.set(encrypted, at * SEALED_CHUNK_BYTES);
    sealed.set(cipher.getAuthTag(), at * SEALED_CHUNK_BYTES + encrypted.length);
    spent.push(encrypted);
  }
  letGo(spent);
  return sealed;
}

/** The plaintext of one chunk, or undefined when anything about it is not what was sealed. */
export function decryptChunk(keys: MessageKeys, index: number, sealed: Uint8Array): Buffer | undefined {
  const end = sealed.length - TAG_BYTES;
  if (end < 0 || end > CHUNK_BYTES) return undefined;
  const decipher = createDecipheriv(CIPHER, keys.key, setNonce(Buffer.from(keys.baseNonce), keys, index), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAuthTag(sealed.subarray(end));
  const plaintext = decipher.update(sealed.subarray(0, end));
  try {
    decipher.final();
  } catch {
    return undefined;
  }
  return plaintext;
}

/** A short message in one piece, prefix included: how keys are wrapped. */
export function encryptMessage(keys: MessageKeys, plaintext: Uint8Array): Buffer {
  return Buffer.concat([prefixOf(keys), encryptChunks(keys, 0, plaintext, true)]);
}

export type Decrypted =
  | { readonly kind: 'plaintext'; readonly bytes: Buffer }
  /** Another key, context or salt: nothing was decrypted. */
  | { readonly kind: 'wrong-key' }
  /** The key is right, the message is not what was encrypted. */
  | { readonly kind: 'damaged' };

/** A short message of a single chunk. */
export function decryptMessage(inputKey: Uint8Array, context: Uint8Array, message: Uint8Array): Decrypted {
  if (message.length < PREFIX_BYTES + TAG_BYTES || message.length >= PREFIX_BYTES + SEALED_CHUNK_BYTES)
    return { kind: 'damaged' };
  const keys = deriveKeys(inputKey, message.subarray(0, SALT_BYTES), context);
  if (!isCommittedTo(keys, message.subarray(SALT_BYTES, PREFIX_BYTES))) return { kind: 'wrong-key' };
  const bytes = decryptChunk(keys, 0, message.subarray(PREFIX_BYTES));
  return bytes === undefined ? { kind: 'damaged' } : { kind: 'plaintext', bytes };
}
