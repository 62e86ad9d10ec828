// Messages of an independent implementation (Python's cryptography) open, and are written bit by bit as it writes them.
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CHUNK_BYTES,
  decryptChunk,
  decryptMessage,
  deriveKeys,
  encryptChunks,
  encryptMessage,
  messageBytes,
  PREFIX_BYTES,
  prefixOf,
  SALT_BYTES,
  SEALED_CHUNK_BYTES,
} from './chunked-encryption.js';
import vectors from './testing/cobblestone-256.json' with { type: 'json' };
import { plain } from './testing/sealed.js';

const key = Buffer.from(vectors.key, 'hex');
const salt = Buffer.alloc(SALT_BYTES, 7);
const context = Buffer.from('context');

describe('Cobblestone-256', () => {
  it.each(vectors.vectors)('writes $bytes bytes under "$context" as the other implementation does', (vector) => {
    const prefix = Buffer.from(vector.prefix, 'hex');
    const keys = deriveKeys(key, prefix.subarray(0, SALT_BYTES), Buffer.from(vector.context));
    expect(prefixOf(keys)).toEqual(prefix);
    const message = Buffer.concat([prefix, encryptChunks(keys, 0, plain(vector.bytes), true)]);
    expect(message).toHaveLength(messageBytes(vector.bytes));
    expect(createHash('sha256').update(message).digest('hex')).toBe(vector.ciphertextSha256);
    if (vector.ciphertext !== undefined) {
      const opened = decryptMessage(key, Buffer.from(vector.context), Buffer.from(vector.ciphertext, 'hex'));
      expect(opened).toEqual({ kind: 'plaintext', bytes: plain(vector.bytes) });
    }
  });

  it('gives the same bytes in one piece and chunk by chunk', () => {
    const keys = deriveKeys(key, salt, context);
    const text = plain(3 * CHUNK_BYTES + 9);
    const pieces = [0, 1, 2].map((at) =>
      encryptChunks(keys, at, text.subarray(at * CHUNK_BYTES, (at + 1) * CHUNK_BYTES), false),
    );
    const last = encryptChunks(keys, 3, text.subarray(3 * CHUNK_BYTES), true);
    expect(Buffer.concat([...pieces, last])).toEqual(encryptChunks(keys, 0, text, true));
  });

  it('never repeats a nonce: the same plaintext differs in every chunk, far beyond 32 bits of counter', () => {
    const keys = deriveKeys(key, salt, context);
    const sealed = [0, 1, 2 ** 32, 2 ** 32 + 1, 2 ** 38 - 1].map((at) =>
      encryptChunks(keys, at, Buffer.alloc(5), true).toString('hex'),
    );
    expect(new Set(sealed).size).toBe(sealed.length);
  });

  it('refuses a chunk at another place, and any chunk of impossible size', () => {
    const keys = deriveKeys(key, salt, context);
    const sealed = encryptChunks(keys, 1, plain(100), true);
    expect(decryptChunk(keys, 1, sealed)).toEqual(plain(100));
    expect(decryptChunk(keys, 0, sealed)).toBeUndefined();
    for (const size of [0, 1, 15, 16, SEALED_CHUNK_BYTES + 1])
      expect(decryptChunk(keys, 1, Buffer.alloc(size))).toBeUndefined();
  });

  it('tells a wrong key or context from a changed message', () => {
    const message = encryptMessage(deriveKeys(key, salt, context), plain(32));
    expect(decryptMessage(Buffer.alloc(32), context, message).kind).toBe('wrong-key');
    expect(decryptMessage(key, Buffer.from('contexT'), message).kind).toBe('wrong-key');
    const changed = Buffer.from(message);
    changed[PREFIX_BYTES] = changed[PREFIX_BYTES]! ^ 1;
    expect(decryptMessage(key, context, changed).kind).toBe('damaged');
    expect(decryptMessage(key, context, message.subarray(0, -1)).kind).toBe('damaged');
    expect(decryptMessage(key, context, Buffer.concat([message, Buffer.alloc(1)])).kind).toBe('damaged');
  });

  it('never opens anything but what was encrypted', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(decryptMessage(key, context, bytes).kind).not.toBe('plaintext');
      }),
    );
  });
});
