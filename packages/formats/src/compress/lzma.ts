// LZMA streams without a container: the old `.lzma` form (joblib writes it) and the one inside a zip (method 14).
import type { Feed as Input } from './feed.js';
import { Feed } from './feed.js';
import type { Range } from '../bytes/parser.js';
import { LZMA_SYMBOL_BYTES, LzmaDecoder, lzmaProperties } from './lzma-decoder.js';
import type { Fault, Output, Unpacker } from './unpacker.js';
import { broken, cutOff } from './unpacker.js';

const ALONE_HEADER = 13;
const UNKNOWN = 0xffff_ffff_ffff_ffffn;

/**
 * Whether bytes can be the header of a `.lzma` file. It has no magic number, so the same is asked as liblzma asks: a
 * dictionary of 2^n or 2^n + 2^(n-1) bytes, a length below 256 GiB or none, and the zero that every stream begins with.
 */
export function isLzmaHeader(head: Uint8Array): boolean {
  if (head.length < ALONE_HEADER + 5) return false;
  const properties = lzmaProperties(head[0] ?? 255);
  if (properties === undefined || properties.lc + properties.lp > 4) return false;
  const data = Buffer.from(head.subarray(0, ALONE_HEADER));
  const dictionary = data.readUInt32LE(1);
  const size = data.readBigUInt64LE(5);
  return isDictionary(dictionary) && (size === UNKNOWN || size < 2n ** 38n) && size !== 0n && head[ALONE_HEADER] === 0;
}

function isDictionary(size: number): boolean {
  if (size === 0xffffffff) return true;
  if (size < 4096) return false;
  const top = 2 ** Math.floor(Math.log2(size));
  return size === top || size === top * 1.5;
}

export function* unpackLzma(size: number, offset = 0): Unpacker {
  const feed = new Feed(size, offset);
  const header = yield* feed.take(ALONE_HEADER);
  if (header === undefined) return { end: feed.offset, fault: cutOff('the LZMA header is cut off') };
  const data = Buffer.from(header);
  const length = data.readBigUInt64LE(5);
  return yield* stream(feed, data, length === UNKNOWN ? undefined : Number(length));
}

/** Method 14 of a zip: two bytes of version, two of length, five of properties. @param length as the entry says */
export function* unpackZipLzma(size: number, length: number | undefined): Unpacker {
  const feed = new Feed(size, 0);
  const header = yield* feed.take(9);
  if (header === undefined || header[2] !== 5 || header[3] !== 0)
    return { end: feed.offset, fault: broken('the LZMA header of the entry is broken') };
  return yield* stream(feed, Buffer.from(header.subarray(4)), length);
}

function* stream(feed: Input, header: Buffer, length: number | undefined): Unpacker {
  const properties = lzmaProperties(header[0] ?? 255);
  if (properties === undefined) return { end: feed.offset, fault: broken('the LZMA properties are broken') };
  const decoder = new LzmaDecoder(header.readUInt32LE(1));
  decoder.setProperties(properties);
  decoder.resetState();
  yield* feed.fill(5);
  const fault = decoder.start(feed) ?? (yield* runLzma(feed, decoder, length));
  return fault === undefined ? { end: feed.offset } : { end: feed.offset, fault };
}

/** Runs to the marker, or to `length` bytes. A stream of known length may have a marker as well. */
export function* runLzma(
  feed: Input,
  decoder: LzmaDecoder,
  length: number | undefined,
): Generator<Range | Output, Fault | undefined, Uint8Array> {
  let left = length ?? Number.MAX_SAFE_INTEGER;
  for (;;) {
    yield* feed.fill(LZMA_SYMBOL_BYTES + 16);
    const came = decoder.run(feed, left);
    left -= typeof came === 'number' ? came : 0;
    const done = typeof came !== 'number' || decoder.ended || left === 0;
    if (done || decoder.full) {
      const bytes = decoder.fresh();
      if (bytes.length > 0) yield { bytes };
      decoder.next();
    }
    if (typeof came !== 'number') return came;
    if (decoder.ended && length !== undefined && left > 0) return broken('the LZMA data ends before it should');
    if (decoder.ended || (left === 0 && decoder.finished)) return undefined;
    if (left === 0) return yield* marker(feed, decoder);
  }
}

function* marker(feed: Input, decoder: LzmaDecoder): Generator<Range, Fault | undefined, Uint8Array> {
  yield* feed.fill(LZMA_SYMBOL_BYTES + 16);
  const came = decoder.run(feed, 1);
  return decoder.ended ? undefined : typeof came === 'number' ? broken('the LZMA data is longer than it says') : came;
}
