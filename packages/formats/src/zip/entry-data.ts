// The content of a zip entry, as a loader that ignores checksums and flags would get it (torch's does), within a budget.
// Bombs are the threat: the size in the header is the attacker's, so the limit is on what comes out.
import { inflateRawSync } from 'node:zlib';
import type { Parser } from '../bytes/parser.js';
import type { ZipEntry } from './read-zip.js';

export interface EntryLimits {
  /** Bytes that come out of one entry. */
  readonly maxBytes: number;
  /** Bytes out for one byte in, looked at above 1 MiB. */
  readonly maxRatio: number;
}

export type EntryData =
  | { readonly kind: 'stored'; readonly offset: number; readonly length: number }
  | { readonly kind: 'unpacked'; readonly bytes: Uint8Array }
  | { readonly kind: 'bomb' | 'too-large' | 'broken' | 'method'; readonly why: string };

const MIB = 1024 * 1024;

export function* readEntry(entry: ZipEntry, limits: EntryLimits): Parser<EntryData> {
  if (entry.method === 0) return { kind: 'stored', offset: entry.dataOffset, length: entry.compressed };
  if (entry.method !== 8) return { kind: 'method', why: `compression method ${entry.method} is not read` };
  if (entry.compressed > limits.maxBytes)
    return { kind: 'too-large', why: `it has ${entry.compressed} packed bytes, more than ${limits.maxBytes}` };
  const packed = yield { offset: entry.dataOffset, length: entry.compressed };
  const ratioLimit = Math.max(MIB, packed.length * limits.maxRatio);
  const maxOutputLength = Math.min(limits.maxBytes, ratioLimit);
  try {
    return { kind: 'unpacked', bytes: inflateRawSync(packed, { maxOutputLength }) };
  } catch (error) {
    if (!tooLarge(error)) return { kind: 'broken', why: 'its compressed data is broken' };
    if (ratioLimit < limits.maxBytes)
      return { kind: 'bomb', why: `it unpacks to more than ${limits.maxRatio} times its size` };
    return { kind: 'too-large', why: `it unpacks to more than ${limits.maxBytes} bytes` };
  }
}

function tooLarge(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
}
