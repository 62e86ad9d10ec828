// zstd frames (RFC 8878), as pandas, Parquet and Arrow write them, and skippable frames between them. A frame says how far
// back it reaches and how much comes out; both are the attacker's: room is made only for what has come out.
import type { Range } from '../bytes/parser.js';
import { Feed } from './feed.js';
import { isSkippable, skipFrame } from './skippable.js';
import type { Fault, Output, Unpacker } from './unpacker.js';
import { broken, cutOff, mismatch, unsupported } from './unpacker.js';
import { Xxh64 } from './xxh64.js';
import { BlockDecoder, MAX_BLOCK } from './zstd-block.js';
import { ZstdError } from './zstd-fse.js';

const FRAME = 0xfd2fb528;
/** What a decoder without further agreement has to offer, and the most that `zstd` itself gives unasked. */
const MAX_WINDOW = 128 * 1024 * 1024;
const CUT = 'the zstd frame is cut off';

type Step<T> = Generator<Range | Output, T, Uint8Array>;

/** Every frame, one behind the other. */
export function* unpackZstd(size: number, offset = 0): Unpacker {
  const feed = new Feed(size, offset);
  const decoder = new BlockDecoder();
  let fault: Fault | undefined;
  for (let frames = 0; ; frames++) {
    const end = feed.offset;
    const magic = (yield* feed.fill(4)) ? uint32(feed.bytes, feed.pos) : 0;
    const skippable = isSkippable(magic);
    if (magic !== FRAME && !skippable) {
      if (frames === 0) return { end, fault: broken('it is no zstd frame') };
      return fault === undefined ? { end } : { end, fault };
    }
    feed.pos += 4;
    const stop = yield* skippable ? skipFrame(feed) : frame(feed, decoder);
    if (stop?.kind === 'mismatch') fault ??= stop;
    else if (stop !== undefined) return { end: feed.offset, fault: stop };
  }
}

interface Header {
  readonly window: number;
  /** Bytes that come out, where the frame says so. */
  readonly content: number | undefined;
  readonly checked: boolean;
}

function* readHeader(feed: Feed): Step<Header | Fault> {
  const first = (yield* feed.take(1))?.[0];
  if (first === undefined) return cutOff(CUT);
  if ((first & 8) !== 0) return unsupported('the zstd header has a flag that is not defined');
  const single = (first & 0x20) !== 0;
  const idBytes = [0, 1, 2, 4][first & 3] ?? 0;
  const sizeBytes = first >> 6 === 0 ? (single ? 1 : 0) : 1 << (first >> 6);
  const taken = yield* feed.take((single ? 0 : 1) + idBytes + sizeBytes);
  if (taken === undefined) return cutOff(CUT);
  const rest = Buffer.from(taken);
  const idAt = single ? 0 : 1;
  if (idBytes > 0 && rest.readUIntLE(idAt, idBytes) !== 0) return unsupported('it wants a dictionary');
  const at = idAt + idBytes;
  const content =
    sizeBytes === 0
      ? undefined
      : sizeBytes === 8
        ? Number(rest.readBigUInt64LE(at))
        : rest.readUIntLE(at, sizeBytes) + (sizeBytes === 2 ? 256 : 0);
  const log = 10 + ((rest[0] ?? 0) >> 3);
  const window = single ? (content ?? 0) : 2 ** log + 2 ** (log - 3) * ((rest[0] ?? 0) & 7);
  if (window > MAX_WINDOW) return unsupported('its window is larger than 128 MiB');
  return { window, content, checked: (first & 4) !== 0 };
}

function* frame(feed: Feed, decoder: BlockDecoder): Step<Fault | undefined> {
  const header = yield* readHeader(feed);
  if ('kind' in header) return header;
  const hash = header.checked ? new Xxh64() : undefined;
  const keep = Math.max(header.window, 1024);
  decoder.reset();
  /** What came out, as far back as it can be copied from. */
  let out = new Uint8Array(MAX_BLOCK * 2);
  let at = 0;
  let total = 0;
  for (let last = false; !last;) {
    const word = yield* feed.take(3);
    if (word === undefined) return cutOff(CUT);
    const head = (word[0] ?? 0) | ((word[1] ?? 0) << 8) | ((word[2] ?? 0) << 16);
    last = (head & 1) === 1;
    const type = (head >> 1) & 3;
    const size = head >> 3;
    if (type === 3 || size > MAX_BLOCK) return broken('a zstd block is of no known form');
    const block = yield* feed.take(type === 1 ? 1 : size);
    if (block === undefined) return cutOff(CUT);
    if (at + MAX_BLOCK > out.length) {
      const kept = Math.min(at, keep);
      const wanted = kept + Math.max(4 * MAX_BLOCK, Math.min(kept, 4 * 1024 * 1024));
      const wider = wanted > out.length ? new Uint8Array(wanted) : out;
      if (wider === out) out.copyWithin(0, at - kept, at);
      else wider.set(out.subarray(at - kept, at));
      out = wider;
      at = kept;
    }
    const start = at;
    try {
      at = blockInto(decoder, { type, size, block }, out, at, 0);
    } catch (error) {
      if (error instanceof ZstdError) return broken(`the zstd data is broken: ${error.message}`);
      throw error;
    }
    if (at === start) continue;
    total += at - start;
    // What was handed out must not change while it is looked at, and the next block may move it.
    const bytes = out.slice(start, at);
    hash?.update(bytes);
    yield { bytes };
  }
  const sum = hash === undefined ? undefined : yield* feed.take(4);
  if (hash !== undefined && sum === undefined) return cutOff(CUT);
  if (header.content !== undefined && header.content !== total) return mismatch('the zstd frame has another length');
  if (hash !== undefined && sum !== undefined && uint32(sum, 0) !== hash.digest())
    return mismatch('the zstd frame does not match its checksum');
  return undefined;
}

interface Block {
  readonly type: number;
  readonly size: number;
  readonly block: Uint8Array;
}

function blockInto(
  decoder: BlockDecoder,
  { type, size, block }: Block,
  out: Uint8Array,
  at: number,
  base: number,
): number {
  if (type === 2) return decoder.decode(block, out, at, base);
  if (at + size > out.length) throw new ZstdError('a block does not fit');
  if (type === 0) out.set(block, at);
  else out.fill(block[0] ?? 0, at, at + size);
  return at + size;
}

function uint32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)) >>> 0
  );
}

/**
 * Unpacks the frames of `input` into `out`, without a copy in between.
 * @returns the bytes that came out; undefined when it is broken, does not end with the input or does not fit
 */
export function zstdInto(input: Uint8Array, out: Uint8Array): number | undefined {
  const decoder = (shared ??= new BlockDecoder());
  let at = 0;
  for (let pos = 0; pos < input.length;) {
    const feed = feedOf(input, pos + 4);
    if (pos + 8 > input.length) return undefined;
    const magic = uint32(input, pos);
    if (magic >>> 4 === 0x184d2a5) {
      pos += 8 + uint32(input, pos + 4);
      if (pos > input.length) return undefined;
      continue;
    }
    if (magic !== FRAME) return undefined;
    const step = readHeader(feed).next();
    if (step.done !== true || 'kind' in step.value) return undefined;
    const header = step.value;
    pos += 4 + feed.pos;
    decoder.reset();
    const base = at;
    for (let last = false; !last;) {
      if (pos + 3 > input.length) return undefined;
      const head = (input[pos] ?? 0) | ((input[pos + 1] ?? 0) << 8) | ((input[pos + 2] ?? 0) << 16);
      last = (head & 1) === 1;
      const type = (head >> 1) & 3;
      const size = head >> 3;
      const end = pos + 3 + (type === 1 ? 1 : size);
      if (type === 3 || size > MAX_BLOCK || end > input.length) return undefined;
      try {
        at = blockInto(decoder, { type, size, block: input.subarray(pos + 3, end) }, out, at, base);
      } catch (error) {
        if (error instanceof ZstdError) return undefined;
        throw error;
      }
      pos = end;
    }
    if (header.content !== undefined && header.content !== at - base) return undefined;
    if (!header.checked) continue;
    const hash = new Xxh64();
    hash.update(out.subarray(base, at));
    if (pos + 4 > input.length || uint32(input, pos) !== hash.digest()) return undefined;
    pos += 4;
  }
  return at;
}

/** Made once: it has a quarter of a megabyte of tables, and decodes one page after another without pausing. */
let shared: BlockDecoder | undefined;

function feedOf(input: Uint8Array, from: number): Feed {
  const head = input.subarray(from, from + 16);
  const feed = new Feed(head.length, 0);
  feed.bytes = new Uint8Array(80);
  feed.bytes.set(head);
  feed.end = head.length;
  feed.last = true;
  return feed;
}
