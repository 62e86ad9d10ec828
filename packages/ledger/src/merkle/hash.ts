// The two hashes of RFC 6962 section 2.1. The prefix byte keeps a leaf from being passed off as an inner node.
import { hash } from 'node:crypto';

/** Bytes of one hash. */
export const HASH_BYTES = 32;

const node = Buffer.alloc(1 + 2 * HASH_BYTES, 0x01);

/** SHA-256(0x00 || data) */
export function leafHash(data: Uint8Array): Buffer {
  const leaf = Buffer.allocUnsafe(1 + data.length);
  leaf[0] = 0x00;
  leaf.set(data, 1);
  return hash('sha256', leaf, 'buffer');
}

/** SHA-256(0x01 || left || right) */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  node.set(left, 1);
  node.set(right, 1 + HASH_BYTES);
  return hash('sha256', node, 'buffer');
}

/** The root of a tree without leaves: SHA-256 of nothing. */
export const EMPTY_ROOT: Buffer = hash('sha256', '', 'buffer');
