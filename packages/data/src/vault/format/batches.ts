// Cuts what a source gives, pieces of any size, into batches of one size, so that neither a source of single bytes nor one
// of gigabytes decides how often the disk is written and how long the event loop waits.
import type { OpenFile } from '@vallum/core';
import { readInto } from '@vallum/core';
import { CHUNK_BYTES } from './chunked-encryption.js';

/** About 0.7 ms of AES between two turns of the event loop. */
export const BATCH_CHUNKS = 64;
export const BATCH_BYTES = BATCH_CHUNKS * CHUNK_BYTES;

/** Something of a known size that can be read once from start to end. */
export interface ByteSource {
  readonly size: number;
  /** Each piece is used before the next is asked for, and may lie in the same memory. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** Pieces in one buffer that is filled anew for each where the file can do that. */
export function sourceOf(file: Pick<OpenFile, 'size' | 'read' | 'readInto'>): ByteSource {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    const room = Buffer.allocUnsafe(Math.min(BATCH_BYTES, file.size));
    for (let at = 0; at < file.size;) {
      const piece = await readInto(file, room.subarray(0, file.size - at), at);
      if (piece.length === 0) return;
      at += piece.length;
      yield piece;
    }
  }
  return { size: file.size, chunks: chunks() };
}

/** Batches of exactly `bytes`, the last one shorter or, when nothing remains, left out; each is valid until the next. */
export async function* inBatches(chunks: AsyncIterable<Uint8Array>, bytes: number): AsyncGenerator<Uint8Array> {
  let room: Uint8Array | undefined;
  let held = 0;
  for await (const piece of chunks)
    for (let at = 0; at < piece.length;) {
      const part = piece.subarray(at, at + bytes - held);
      at += part.length;
      if (part.length === bytes) {
        yield part;
        continue;
      }
      room ??= Buffer.allocUnsafe(bytes);
      room.set(part, held);
      held += part.length;
      if (held < bytes) continue;
      yield room;
      held = 0;
    }
  if (room !== undefined && held > 0) yield room.subarray(0, held);
}
