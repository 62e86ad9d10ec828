// xz (the .xz file format 1.2.1): streams of blocks, each of LZMA2 chunks, with a check on every part. Streams that stand
// one behind the other are read as one. A filter before LZMA2 is refused by name: what came out would not be the content.
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Range } from '../bytes/parser.js';
import { Crc64 } from './checksums.js';
import { Feed } from './feed.js';
import { LzmaDecoder } from './lzma-decoder.js';
import { dictionaryOf, runLzma2 } from './lzma2.js';
import type { Fault, Output, Unpacker } from './unpacker.js';
import { broken, cutOff, mismatch, unsupported } from './unpacker.js';

const MAGIC = Buffer.from('fd377a585a00', 'hex');
const LZMA2 = 0x21n;
const CHECK_BYTES = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64];
const MAX_BLOCKS = 1_000_000;

type Step<T> = Generator<Range | Output, T, Uint8Array>;

export function* unpackXz(size: number, offset = 0): Unpacker {
  const feed = new Feed(size, offset);
  let fault: Fault | undefined;
  for (let streams = 0; ; streams++) {
    const end = feed.offset;
    while ((yield* feed.fill(4)) && feed.bytes.subarray(feed.pos, feed.pos + 4).every((byte) => byte === 0))
      feed.pos += 4;
    yield* feed.fill(12);
    const magic = feed.left >= 6 && MAGIC.equals(feed.bytes.subarray(feed.pos, feed.pos + 6));
    if (!magic) {
      if (streams === 0) return { end, fault: broken('it is no xz stream') };
      const behind = feed.left === 0 ? feed.offset : end;
      return fault === undefined ? { end: behind } : { end: behind, fault };
    }
    const stream = new Stream(feed);
    const stop = yield* stream.all();
    if (stop !== undefined) return { end: feed.offset, fault: stop };
    fault ??= stream.mismatch;
  }
}

class Stream {
  mismatch: Fault | undefined;
  readonly #feed: Feed;
  readonly #blocks: string[] = [];

  constructor(feed: Feed) {
    this.#feed = feed;
  }

  *all(): Step<Fault | undefined> {
    const head = yield* this.#feed.take(12);
    if (head === undefined) return cutOff('the xz header is cut off');
    const flags = Buffer.from(head.subarray(6, 8));
    if (crc32(flags) !== Buffer.from(head).readUInt32LE(8)) return broken('the xz header does not match its checksum');
    const check = (flags[1] ?? 0) & 15;
    if (flags[0] !== 0 || (flags[1] ?? 0) > 15) return unsupported('the xz header has flags that are not defined');
    for (;;) {
      if (!(yield* this.#feed.fill(1))) return cutOff('the xz stream is cut off');
      if (this.#feed.bytes[this.#feed.pos] === 0) return yield* this.#index(flags);
      const fault = yield* this.#block(check);
      if (fault !== undefined) return fault;
      if (this.#blocks.length > MAX_BLOCKS) return unsupported(`it has more than ${MAX_BLOCKS} blocks`);
    }
  }

  *#block(check: number): Step<Fault | undefined> {
    const feed = this.#feed;
    const headerSize = ((feed.bytes[feed.pos] ?? 0) + 1) * 4;
    const bytes = yield* feed.take(headerSize);
    if (bytes === undefined) return cutOff('the header of an xz block is cut off');
    const header = Buffer.from(bytes);
    if (crc32(header.subarray(0, -4)) !== header.readUInt32LE(headerSize - 4))
      return broken('the header of an xz block does not match its checksum');
    const fields = readBlockHeader(header.subarray(1, -4));
    if ('kind' in fields) return fields;
    const sums = checker(check);
    const start = feed.offset;
    let length = 0;
    const seen = (piece: Uint8Array): void => {
      length += piece.length;
      sums?.update(piece);
    };
    const fault = yield* runLzma2(feed, new LzmaDecoder(fields.dictionary), seen);
    if (fault !== undefined) return fault;
    const packed = feed.offset - start;
    if ((fields.packed ?? packed) !== packed || (fields.size ?? length) !== length)
      this.mismatch ??= mismatch('an xz block has another size than its header says');
    yield* feed.take((4 - (packed & 3)) & 3);
    const size = CHECK_BYTES[check] ?? 0;
    const sum = yield* feed.take(size);
    if (sum === undefined) return cutOff('the xz stream is cut off');
    if (sums !== undefined && !sums.digest().equals(sum))
      this.mismatch ??= mismatch('an xz block does not match its checksum');
    this.#blocks.push(`${headerSize + packed + size},${length}`);
    return undefined;
  }

  /** The index must list the blocks that were there. */
  *#index(flags: Buffer): Step<Fault | undefined> {
    const feed = this.#feed;
    const start = feed.offset;
    let sum = 0;
    const byte = function* (): Step<number> {
      if (!(yield* feed.fill(1))) return 0;
      const value = feed.bytes.subarray(feed.pos, feed.pos + 1);
      sum = crc32(value, sum);
      feed.pos += 1;
      return value[0] ?? 0;
    };
    const integer = function* (): Step<number> {
      let value = 0;
      for (let i = 0; i < 9; i++) {
        const next = yield* byte();
        value += (next & 127) * 2 ** (7 * i);
        if (next < 128) return value;
      }
      return -1;
    };
    yield* byte();
    const count = yield* integer();
    let same = count === this.#blocks.length;
    for (let i = 0; same && i < count; i++) same = `${yield* integer()},${yield* integer()}` === this.#blocks[i];
    if (!same) return broken('the index of the xz stream does not list its blocks');
    while (((feed.offset - start) & 3) !== 0 && feed.left > 0) yield* byte();
    const said = yield* feed.take(4);
    if (said === undefined) return cutOff('the xz stream is cut off');
    if (Buffer.from(said).readUInt32LE(0) !== sum >>> 0)
      this.mismatch ??= mismatch('the index of the xz stream is broken');
    const size = feed.offset - start;
    const footer = yield* feed.take(12);
    if (footer === undefined) return cutOff('the xz stream is cut off');
    const tail = Buffer.from(footer);
    const good =
      tail.toString('latin1', 10) === 'YZ' &&
      tail.readUInt32LE(0) === crc32(tail.subarray(4, 10)) &&
      (tail.readUInt32LE(4) + 1) * 4 === size &&
      flags.equals(tail.subarray(8, 10));
    if (!good) this.mismatch ??= mismatch('the footer of the xz stream is broken');
    return undefined;
  }
}

interface BlockHeader {
  readonly packed: number | undefined;
  readonly size: number | undefined;
  readonly dictionary: number;
}

function readBlockHeader(bytes: Buffer): BlockHeader | Fault {
  const flags = bytes[0] ?? 0;
  let at = 1;
  const integer = (): bigint => {
    let value = 0n;
    for (let i = 0n; i < 9n; i++) {
      const next = bytes[at++] ?? 0;
      value |= BigInt(next & 127) << (7n * i);
      if (next < 128) break;
    }
    return value;
  };
  const packed = (flags & 0x40) === 0 ? undefined : Number(integer());
  const size = (flags & 0x80) === 0 ? undefined : Number(integer());
  if ((flags & 0x3c) !== 0) return unsupported('an xz block has flags that are not defined');
  if ((flags & 3) !== 0) return unsupported(`it is packed behind the filter ${filterName(integer())}`);
  const id = integer();
  const dictionary = integer() === 1n ? dictionaryOf(bytes[at] ?? 255) : undefined;
  if (id !== LZMA2) return unsupported(`it is packed by the filter ${filterName(id)}`);
  return dictionary === undefined ? broken('the dictionary of an xz block is broken') : { packed, size, dictionary };
}

const FILTERS = ['delta', 'x86', 'PowerPC', 'IA-64', 'ARM', 'ARM Thumb', 'SPARC', 'ARM64', 'RISC-V'];

function filterName(id: bigint): string {
  return FILTERS[Number(id) - 3] ?? `0x${id.toString(16)}`;
}

interface Checker {
  update(bytes: Uint8Array): void;
  digest(): Buffer;
}

/** Undefined for no check, and for those that are reserved. */
function checker(id: number): Checker | undefined {
  if (id === 4) return new Crc64();
  if (id === 10) {
    const hash = createHash('sha256');
    return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest() };
  }
  if (id !== 1) return undefined;
  let sum = 0;
  return {
    update: (bytes) => void (sum = crc32(bytes, sum)),
    digest: () => {
      const out = Buffer.alloc(4);
      out.writeUInt32LE(sum >>> 0);
      return out;
    },
  };
}
