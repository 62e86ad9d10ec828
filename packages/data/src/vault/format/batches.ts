// Cuts what a source gives, pieces of any size, into batches of one size, so that neither a source of single bytes nor one
// of gigabytes decides how often the disk is written and how long the event loop waits.
import type { OpenFile } from '@vallum/core';

/** 64 chunks: about 0.7 ms of AES between two turns of the event loop. */
export const BATCH_BYTES = 1024 * 1024;

/** Something of a known size that can be read once from start to end. */
export interface ByteSource {
  readonly size: number;
  readonly chunks: AsyncIterable<Uint8Array>;
}

export function sourceOf(file: Pick<OpenFile, 'size' | 'read'>): ByteSource {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < file.size;) {
      const piece = await file.read(at, BATCH_BYTES);
      if (piece.length === 0) return;
      at += piece.length;
      yield piece;
    }
  }
  return { size: file.size, chunks: chunks() };
}

/** Batches of exactly `bytes`, the last one shorter or, when nothing remains, left out. */
export async function* inBatches(chunks: AsyncIterable<Uint8Array>, bytes: number): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = [];
  let held = 0;
  for await (const piece of chunks) {
    parts.push(piece);
    held += piece.length;
    if (held < bytes) continue;
    const joined = parts.length === 1 ? piece : Buffer.concat(parts);
    let at = 0;
    for (; at + bytes <= joined.length; at += bytes) yield joined.subarray(at, at + bytes);
    parts = at < joined.length ? [joined.slice(at)] : [];
    held = joined.length - at;
  }
  if (held > 0) yield Buffer.concat(parts);
}
