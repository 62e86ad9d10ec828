// LZ4 frames, as joblib and the lz4 tool write them, the legacy frames of old kernels, and skippable frames between them.
import type { Range } from '../bytes/parser.js';
import { xxh32, Xxh32 } from './checksums.js';
import { Feed } from './feed.js';
import { isSkippable, skipFrame } from './skippable.js';
import type { Fault, Output, Unpacker } from './unpacker.js';
import { broken, cutOff, mismatch, unsupported } from './unpacker.js';

const FRAME = 0x184d2204;
const LEGACY = 0x184c2102;
const LEGACY_BLOCK = 8 * 1024 * 1024;
const HISTORY = 64 * 1024;

type Step<T> = Generator<Range | Output, T, Uint8Array>;

export function* unpackLz4(size: number, offset = 0): Unpacker {
  const feed = new Feed(size, offset);
  let fault: Fault | undefined;
  for (let frames = 0; ; frames++) {
    const end = feed.offset;
    const magic = (yield* feed.fill(4)) ? uint32(feed.bytes, feed.pos) : 0;
    const known = magic === FRAME || magic === LEGACY || isSkippable(magic);
    if (!known) {
      if (frames === 0) return { end, fault: broken('it is no lz4 frame') };
      return fault === undefined ? { end } : { end, fault };
    }
    feed.pos += 4;
    const frame = new Frame(feed);
    const stop = yield* magic === FRAME ? frame.modern() : magic === LEGACY ? frame.legacy() : skipFrame(feed);
    if (stop !== undefined) return { end: feed.offset, fault: stop };
    fault ??= frame.mismatch;
  }
}

const CUT = 'the lz4 frame is cut off';

class Frame {
  mismatch: Fault | undefined;
  readonly #feed: Feed;
  /** The last 64 KiB that came out, then the block. */
  #out = new Uint8Array(0);
  #kept = 0;

  constructor(feed: Feed) {
    this.#feed = feed;
  }

  *modern(): Step<Fault | undefined> {
    const feed = this.#feed;
    if (!(yield* feed.fill(3))) return cutOff(CUT);
    const flags = feed.bytes[feed.pos] ?? 0;
    const sizes = feed.bytes[feed.pos + 1] ?? 0;
    if (flags >> 6 !== 1 || (flags & 2) !== 0 || (sizes & 0x8f) !== 0 || sizes >> 4 < 4)
      return unsupported('the lz4 header has flags that are not defined');
    const has = { size: (flags & 8) !== 0, check: (flags & 4) !== 0, dictionary: (flags & 1) !== 0 };
    const length = 2 + (has.size ? 8 : 0) + (has.dictionary ? 4 : 0);
    const header = yield* feed.take(length + 1);
    if (header === undefined) return cutOff(CUT);
    if (((xxh32(header.subarray(0, length)) >>> 8) & 255) !== header[length])
      this.mismatch ??= mismatch('the lz4 header does not match its checksum');
    if (has.dictionary) return unsupported('it wants a dictionary');
    const expected = has.size ? Number(Buffer.from(header).readBigUInt64LE(2)) : undefined;
    const maxBlock = 2 ** (8 + 2 * (sizes >> 4));
    const linked = (flags & 0x20) === 0;
    const hash = has.check ? new Xxh32() : undefined;
    let total = 0;
    for (;;) {
      const word = yield* feed.take(4);
      if (word === undefined) return cutOff(CUT);
      const packed = uint32(word, 0);
      if (packed === 0) break;
      const size = packed & 0x7fffffff;
      if (size > maxBlock) return broken('an lz4 block is longer than its frame allows');
      const checked = (flags & 0x10) === 0 ? 0 : 4;
      const taken = yield* feed.take(size + checked);
      if (taken === undefined) return cutOff(CUT);
      const bytes = taken.subarray(0, size);
      if (checked > 0 && uint32(taken, size) !== xxh32(bytes))
        this.mismatch ??= mismatch('an lz4 block does not match its checksum');
      if (!linked) this.#kept = 0;
      const piece = this.#block(bytes, packed >>> 31 === 1, maxBlock);
      if (piece.bytes.length > 0) {
        hash?.update(piece.bytes);
        total += piece.bytes.length;
        yield piece;
      }
      if (piece.fault !== undefined) return piece.fault;
    }
    if (expected !== undefined && expected !== total) this.mismatch ??= mismatch('the lz4 frame has another length');
    if (hash === undefined) return undefined;
    const sum = yield* feed.take(4);
    if (sum === undefined) return cutOff(CUT);
    if (uint32(sum, 0) !== hash.digest()) this.mismatch ??= mismatch('the lz4 frame does not match its checksum');
    return undefined;
  }

  /** Blocks up to the end of the input, or to something that is no size of a block. */
  *legacy(): Step<Fault | undefined> {
    const feed = this.#feed;
    for (;;) {
      if (!(yield* feed.fill(4))) return feed.left === 0 ? undefined : cutOff(CUT);
      const size = uint32(feed.bytes, feed.pos);
      if (size === FRAME || size === LEGACY || isSkippable(size)) return undefined;
      if (size > LEGACY_BLOCK + 64 * 1024) return undefined;
      feed.pos += 4;
      const bytes = yield* feed.take(size);
      if (bytes === undefined) return cutOff(CUT);
      this.#kept = 0;
      const piece = this.#block(bytes, false, LEGACY_BLOCK);
      if (piece.bytes.length > 0) yield piece;
      if (piece.fault !== undefined) return piece.fault;
    }
  }

  /** One block, behind the history that it may point into. */
  #block(input: Uint8Array, plain: boolean, maxBlock: number): Output & { fault?: Fault } {
    this.#room(plain ? input.length : Math.min(maxBlock, Math.max(64, input.length * 255)));
    const start = this.#kept;
    let end = start;
    let fault: Fault | undefined;
    if (plain) {
      this.#out.set(input, start);
      end += input.length;
    } else {
      const result = lz4Block(input, this.#out, start);
      end = result.end;
      if (!result.whole) fault = broken('the lz4 data is broken');
    }
    const bytes = this.#out.slice(start, end);
    const kept = Math.min(HISTORY, end);
    this.#out.copyWithin(0, end - kept, end);
    this.#kept = kept;
    return fault === undefined ? { bytes } : { bytes, fault };
  }

  #room(block: number): void {
    const wanted = HISTORY + block;
    if (this.#out.length >= wanted) return;
    const wider = new Uint8Array(wanted);
    wider.set(this.#out.subarray(0, this.#kept));
    this.#out = wider;
  }
}

/** Unpacks one block into `out` at `start`; `whole` is false when it is broken, or larger than the room. */
export function lz4Block(input: Uint8Array, out: Uint8Array, start: number): { end: number; whole: boolean } {
  let at = start;
  let pos = 0;
  const { length } = input;
  while (pos < length) {
    const token = input[pos++] ?? 0;
    let literals = token >> 4;
    if (literals === 15)
      for (let more = 255; more === 255;) {
        if (pos >= length) return { end: at, whole: false };
        more = input[pos++] ?? 0;
        literals += more;
      }
    if (pos + literals > length || at + literals > out.length) return { end: at, whole: false };
    if (literals > 32) out.set(input.subarray(pos, pos + literals), at);
    else for (let i = 0; i < literals; i++) out[at + i] = input[pos + i] ?? 0;
    at += literals;
    pos += literals;
    if (pos === length) return { end: at, whole: true };
    if (pos + 2 > length) return { end: at, whole: false };
    const distance = (input[pos] ?? 0) | ((input[pos + 1] ?? 0) << 8);
    pos += 2;
    let matched = (token & 15) + 4;
    if (matched === 19)
      for (let more = 255; more === 255;) {
        if (pos >= length) return { end: at, whole: false };
        more = input[pos++] ?? 0;
        matched += more;
      }
    if (distance === 0 || distance > at || at + matched > out.length) return { end: at, whole: false };
    const end = at + matched;
    if (distance === 1) out.fill(out[at - 1] ?? 0, at, end);
    else if (matched > 32 && distance >= matched) out.copyWithin(at, at - distance, end - distance);
    else for (let from = at - distance, to = at; to < end;) out[to++] = out[from++] ?? 0;
    at = end;
  }
  return { end: at, whole: true };
}

function uint32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)) >>> 0
  );
}
