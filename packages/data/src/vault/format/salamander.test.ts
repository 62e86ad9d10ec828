// AES-GCM alone lets whoever knows two keys write one ciphertext that opens under both, to different plaintexts (Dodis,
// Grubbs, Ristenpart, Woodage, 2018). Here is one, for two keys of the same message format: each chunk opens, and the
// commitment is all that stands in between, and stands.
import { createCipheriv, type KeyObject } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { MessageKeys } from './chunked-encryption.js';
import { decryptChunk, decryptMessage, deriveKeys, prefixOf } from './chunked-encryption.js';

const R = 0xe1n << 120n;

/** Product in the field of GHASH (NIST SP 800-38D, 6.3). */
function times(x: bigint, y: bigint): bigint {
  let z = 0n;
  let v = y;
  for (let bit = 127n; bit >= 0n; bit -= 1n) {
    if ((x >> bit) & 1n) z ^= v;
    v = v & 1n ? (v >> 1n) ^ R : v >> 1n;
  }
  return z;
}

/** x to the power of 2^128 - 2. */
function inverse(x: bigint): bigint {
  let power = x;
  let product = 1n << 127n;
  for (let bit = 1; bit < 128; bit += 1) {
    power = times(power, power);
    product = times(product, power);
  }
  return product;
}

function block(key: KeyObject, input: Buffer): bigint {
  const cipher = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false);
  return BigInt(`0x${cipher.update(input).toString('hex')}`);
}

const bytesOf = (x: bigint): Buffer => Buffer.from(x.toString(16).padStart(32, '0'), 'hex');

function hashKey({ key }: MessageKeys): bigint {
  return block(key, Buffer.alloc(16));
}

function mask({ key, baseNonce }: MessageKeys): bigint {
  return block(key, Buffer.concat([baseNonce, Buffer.from([0, 0, 0, 1])]));
}

describe('a ciphertext under two keys', () => {
  const context = Buffer.from('context');
  const inputs = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)] as const;
  const one = deriveKeys(inputs[0], Buffer.alloc(24), context);
  const two = deriveKeys(inputs[1], Buffer.alloc(24), context);

  // Two blocks c1, c2 and the lengths l: tag = c1 H^3 + c2 H^2 + l H + E(J0), made equal for both keys by choice of c1.
  const [h1, h2] = [hashKey(one), hashKey(two)];
  const [s1, s2] = [times(h1, h1), times(h2, h2)];
  const c2 = 0x1234n;
  const length = 256n;
  const sum = times(c2, s1 ^ s2) ^ times(length, h1 ^ h2) ^ mask(one) ^ mask(two);
  const c1 = times(sum, inverse(times(s1, h1) ^ times(s2, h2)));
  const tag = times(c1, times(s1, h1)) ^ times(c2, s1) ^ times(length, h1) ^ mask(one);
  const chunk = Buffer.concat([c1, c2, tag].map(bytesOf));

  it('is accepted by AES-GCM under both', () => {
    const [first, second] = [decryptChunk(one, 0, chunk), decryptChunk(two, 0, chunk)];
    expect(first).toHaveLength(32);
    expect(second).toHaveLength(32);
    expect(first).not.toEqual(second);
  });

  it('is refused under all but the committed one', () => {
    const message = Buffer.concat([prefixOf(one), chunk]);
    expect(decryptMessage(inputs[0], context, message).kind).toBe('plaintext');
    expect(decryptMessage(inputs[1], context, message).kind).toBe('wrong-key');
  });
});
