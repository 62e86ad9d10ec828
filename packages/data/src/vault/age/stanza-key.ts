// ChaCha20-Poly1305 for the two things age encrypts with it: the 16-byte file key in a stanza, under a key of its own and
// a nonce of zeros, and the chunks of the payload.
import { createCipheriv, createDecipheriv } from 'node:crypto';

const CIPHER = 'chacha20-poly1305';
export const AGE_TAG_BYTES = 16;
export const FILE_KEY_BYTES = 16;
const ZEROS = Buffer.alloc(12);

export function chachaSeal(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array): Buffer {
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: AGE_TAG_BYTES });
  const encrypted = cipher.update(plaintext);
  cipher.final();
  return Buffer.concat([encrypted, cipher.getAuthTag()]);
}

/** Undefined when key, nonce, bytes or tag do not fit. */
export function chachaOpen(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array): Buffer | undefined {
  const end = sealed.length - AGE_TAG_BYTES;
  if (end < 0) return undefined;
  const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: AGE_TAG_BYTES });
  decipher.setAuthTag(sealed.subarray(end));
  const plaintext = decipher.update(sealed.subarray(0, end));
  try {
    decipher.final();
  } catch {
    return undefined;
  }
  return plaintext;
}

export function wrapFileKey(wrapKey: Uint8Array, fileKey: Uint8Array): Buffer {
  return chachaSeal(wrapKey, ZEROS, fileKey);
}

/** The caller has checked that the body has the size of a wrapped file key, against partitioning oracles. */
export function unwrapFileKey(wrapKey: Uint8Array, body: Uint8Array): Buffer | undefined {
  return chachaOpen(wrapKey, ZEROS, body);
}
