// How a key is kept: HMAC-SHA-256 of its whole text under a pepper that lies in another file. Who has only the list of keys
// cannot test guesses, and a secret does not fit under another id. A slow password hash would add nothing to 192 random bits
// and would let anybody who sends wrong keys occupy the processor.
import { createHmac, hash } from 'node:crypto';
import { KEY_TOKEN_LENGTH } from './key-token.js';

export const PEPPER_BYTES = 32;
export const KEY_HASH_BYTES = 32;
const BLOCK = 64;

/** Gives the 32 bytes for a key of the right form. */
export type HashKeyToken = (token: string) => Buffer;

/**
 * HMAC of RFC 2104 as its two hashes: `createHmac` makes an object with a native part for each call, and more work for the
 * garbage collector with each request.
 */
export function keyHasher(pepper: Uint8Array): HashKeyToken {
  const inner = Buffer.alloc(BLOCK + KEY_TOKEN_LENGTH, 0x36);
  const outer = Buffer.alloc(BLOCK + KEY_HASH_BYTES, 0x5c);
  for (let at = 0; at < PEPPER_BYTES; at += 1) {
    inner[at] = 0x36 ^ (pepper[at] ?? 0);
    outer[at] = 0x5c ^ (pepper[at] ?? 0);
  }
  return (token) => {
    inner.write(token, BLOCK, 'latin1');
    outer.set(hash('sha256', inner, 'buffer'), BLOCK);
    return hash('sha256', outer, 'buffer');
  };
}

/** Tells one pepper from another without telling it: 16 hexadecimal digits that stand in the list of keys. */
export function pepperMark(pepper: Uint8Array): string {
  return createHmac('sha256', pepper).update('vallum/gateway-keys/v1').digest('hex').slice(0, 16);
}
