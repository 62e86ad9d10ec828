// What the tests of the vault share: plaintext that anyone can redo, a keyring in memory and an object sealed with it.
import { createHash } from 'node:crypto';
import { sha256 } from '@vallum/core';
import { newKek, rotated } from '../../keys/keyring.js';
import { keyringProvider } from '../../keys/keyring-provider.js';
import type { KeyProvider } from '../../keys/provider.js';
import type { SealedObject, SealRequest } from '../seal.js';
import { sealObject } from '../seal.js';
import type { MemoryDisk } from './memory-disk.js';
import { memoryDisk } from './memory-disk.js';

let longest = Buffer.alloc(0);

/** SHA-256 of the counters 0, 1, 2, ... of four bytes each, cut to a length. */
export function plain(bytes: number): Buffer {
  if (bytes > longest.length) longest = counted(bytes);
  return longest.subarray(0, bytes);
}

function counted(bytes: number): Buffer<ArrayBuffer> {
  const blocks: Buffer[] = [];
  const counter = Buffer.alloc(4);
  for (let at = 0; at * 32 < bytes; at += 1) {
    counter.writeUInt32BE(at);
    blocks.push(createHash('sha256').update(counter).digest());
  }
  return Buffer.concat(blocks);
}

export const ring = [newKek()];
export const keys: KeyProvider = keyringProvider('keyring:test', ring);
export const rotatedKeys: KeyProvider = keyringProvider('keyring:test', rotated(ring));

export function sourceFrom(...pieces: Uint8Array[]): { size: number; chunks: AsyncIterable<Uint8Array> } {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    yield* pieces;
  }
  return { size: pieces.reduce((sum, piece) => sum + piece.length, 0), chunks: chunks() };
}

export async function seal(
  disk: MemoryDisk,
  plaintext: Uint8Array,
  more: Partial<SealRequest> = {},
): Promise<SealedObject> {
  return sealObject({
    disk,
    path: '/v/mails',
    source: sourceFrom(plaintext),
    object: 'dataset/mails',
    version: '2026-11',
    digest: sha256(plaintext),
    keys,
    ...more,
  });
}

export async function sealedDisk(plaintext: Uint8Array, more: Partial<SealRequest> = {}): Promise<MemoryDisk> {
  const disk = memoryDisk();
  await seal(disk, plaintext, more);
  return disk;
}
