// A file that is too large to hold, and still only read as the bytes that its digest was taken of: while the digest is taken,
// each block of the file gets a digest of its own, and every later read is held to these. Whoever swaps the file between two
// reads, and puts it back after, gets an error and not an answer about bytes that no statement names.
import { createHash, hash } from 'node:crypto';
import type { Disk, OpenFile, Sha256 } from '@vallum/core';
import { asSha256, VallumError } from '@vallum/core';

export interface FilePin {
  readonly sha256: Sha256;
  /** Bytes. */
  readonly size: number;
  /** SHA-256 of each block of `BLOCK` bytes; the last one may be shorter. */
  readonly blocks: readonly Buffer[];
}

/** Bytes; 32 bytes are kept of each block, so a file of 100 GiB costs 3 MiB. */
const BLOCK = 1024 * 1024;
/** Blocks that stay in memory: a reader of columns looks at several places in turn. */
const KEPT = 8;

/** @throws VallumError `DISK_*` */
export async function pinFile(disk: Disk, path: string, signal?: AbortSignal): Promise<FilePin> {
  const file = await disk.open(path);
  try {
    const whole = createHash('sha256');
    const blocks: Buffer[] = [];
    let size = 0;
    for (;;) {
      signal?.throwIfAborted();
      const bytes = await readFully(file, size, BLOCK);
      if (bytes.length === 0) break;
      whole.update(bytes);
      blocks.push(hash('sha256', bytes, 'buffer'));
      size += bytes.length;
      if (bytes.length < BLOCK) break;
    }
    return { sha256: asSha256(whole.digest('hex')), size, blocks };
  } finally {
    await file.close();
  }
}

/** A disk on which `path` opens as the pinned bytes, or throws. @throws VallumError `DATA_CHANGED`, while reading */
export function pinnedFile(disk: Disk, path: string, pin: FilePin): Disk {
  return {
    ...disk,
    open: async (asked) => {
      const file = await disk.open(asked);
      if (asked !== path) return file;
      if (file.size === pin.size) return heldTo(file, path, pin);
      await file.close();
      throw changed(path);
    },
  };
}

function heldTo(file: OpenFile, path: string, { size, blocks }: FilePin): OpenFile {
  const kept = new Map<number, Uint8Array>();
  const blockAt = async (index: number): Promise<Uint8Array> => {
    const known = kept.get(index);
    if (known !== undefined) return known;
    const bytes = await readFully(file, index * BLOCK, Math.min(BLOCK, size - index * BLOCK));
    if (blocks[index]?.equals(hash('sha256', bytes, 'buffer')) !== true) throw changed(path);
    kept.set(index, bytes);
    for (const oldest of kept.keys()) if (kept.size > KEPT) kept.delete(oldest);
    return bytes;
  };
  return {
    size,
    read: async (offset, length) => {
      const end = Math.min(size, offset + length);
      const target = Buffer.alloc(Math.max(0, end - offset));
      for (let at = offset; at < end;) {
        const index = Math.floor(at / BLOCK);
        const block = await blockAt(index);
        const part = block.subarray(at - index * BLOCK, end - index * BLOCK);
        target.set(part, at - offset);
        at += part.length;
      }
      return target;
    },
    close: () => file.close(),
  };
}

function changed(path: string): VallumError {
  return new VallumError('DATA_CHANGED', `${path} changed after its digest was taken`, {
    fix: 'run again when the feed is at rest',
  });
}

/** Fewer bytes only at the end of the file. */
async function readFully(file: OpenFile, offset: number, length: number): Promise<Uint8Array> {
  const first = await file.read(offset, length);
  if (first.length === length || first.length === 0) return first;
  const parts = [first];
  let got = first.length;
  while (got < length) {
    const more = await file.read(offset + got, length - got);
    if (more.length === 0) break;
    parts.push(more);
    got += more.length;
  }
  return Buffer.concat(parts);
}
