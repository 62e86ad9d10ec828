// The keyed digest of an input: HMAC-SHA-256 (RFC 2104) under a secret of the gateway. Short inputs take it as its two hashes,
// each in one call: `createHmac` makes an object with a native part for every request.
import { createHmac, hash } from 'node:crypto';
import type { Sha256 } from '@vallum/core';

const BLOCK = 64;
const DIGEST = 32;
/** Bytes of an input that are copied behind the key; a longer one is digested where it lies. */
const SHORT = 16 * 1024;

/** @param secret at most 64 bytes, as HMAC takes a key without hashing it first */
export function inputDigester(secret: Uint8Array): (body: Uint8Array) => Sha256 {
  if (secret.length > BLOCK) throw new RangeError(`a secret has at most ${BLOCK} bytes`);
  const inner = Buffer.alloc(BLOCK + SHORT, 0x36);
  const outer = Buffer.alloc(BLOCK + DIGEST, 0x5c);
  secret.forEach((byte, at) => {
    inner[at] = 0x36 ^ byte;
    outer[at] = 0x5c ^ byte;
  });
  return (body) => {
    if (body.length > SHORT) return createHmac('sha256', secret).update(body).digest('hex') as Sha256;
    inner.set(body, BLOCK);
    outer.write(hash('sha256', inner.subarray(0, BLOCK + body.length), 'hex'), BLOCK, 'hex');
    return hash('sha256', outer, 'hex') as Sha256;
  };
}
