// gzip (RFC 1952) and zlib (RFC 1950), and the form that joblib wrote before 0.10: `ZF`, a length in hexadecimal, zlib.
// A checksum that does not match is told after everything came out: a loader that reads in pieces has run it by then.
import { crc32 } from 'node:zlib';
import type { Range } from '../bytes/parser.js';
import { adler32 } from './checksums.js';
import { Feed } from './feed.js';
import { inflate } from './inflate.js';
import type { Fault, Output, Unpacker } from './unpacker.js';
import { broken, cutOff, mismatch, unsupported } from './unpacker.js';

const FLAG = { crc: 2, extra: 4, name: 8, comment: 16, reserved: 0xe0 } as const;
/** Bytes of one name or comment. */
const MAX_TEXT = 64 * 1024;

/** Every member, one behind the other; zeros between and behind them belong to it. */
export function* unpackGzip(size: number, offset = 0): Unpacker {
  const feed = new Feed(size, offset);
  let fault: Fault | undefined;
  for (let members = 0; ; members++) {
    const end = feed.offset;
    yield* skipZeros(feed);
    if (!(yield* feed.fill(3)) || feed.bytes[feed.pos] !== 0x1f || feed.bytes[feed.pos + 1] !== 0x8b) {
      if (members === 0) return { end, fault: broken('it is no gzip stream') };
      const behind = feed.left === 0 ? feed.offset : end;
      return fault === undefined ? { end: behind } : { end: behind, fault };
    }
    const wrong = yield* member(feed);
    fault ??= wrong?.fault;
    if (wrong?.stop === true) return { end: feed.offset, fault: wrong.fault };
  }
}

type Step<T> = Generator<Range | Output, T, Uint8Array>;

function* member(feed: Feed): Step<{ fault: Fault; stop: boolean } | undefined> {
  const stopped = (fault: Fault): { fault: Fault; stop: boolean } => ({ fault, stop: true });
  const header = yield* feed.take(10);
  if (header === undefined) return stopped(cutOff('the header of the gzip stream is cut off'));
  const method = header[2] ?? 0;
  const flags = header[3] ?? 0;
  if (method !== 8) return stopped(unsupported(`gzip method ${method} is not read`));
  if ((flags & FLAG.reserved) !== 0) return stopped(unsupported('the gzip header has flags that are not defined'));
  if ((flags & FLAG.extra) !== 0) {
    const length = yield* feed.take(2);
    if (length !== undefined) yield* feed.take((length[0] ?? 0) + 256 * (length[1] ?? 0));
  }
  if ((flags & FLAG.name) !== 0 && !(yield* skipText(feed))) return stopped(broken('the name in it does not end'));
  if ((flags & FLAG.comment) !== 0 && !(yield* skipText(feed)))
    return stopped(broken('the comment in it does not end'));
  if ((flags & FLAG.crc) !== 0) yield* feed.take(2);
  let check = 0;
  let length = 0;
  const seen = (bytes: Uint8Array): void => {
    check = crc32(bytes, check);
    length = (length + bytes.length) >>> 0;
  };
  const fault = yield* inflate(feed, { seen });
  if (fault !== undefined) return stopped(fault);
  const trailer = yield* feed.take(8);
  if (trailer === undefined) return stopped(cutOff('the checksum of the gzip stream is cut off'));
  const said = Buffer.from(trailer);
  if (said.readUInt32LE(0) !== check >>> 0 || said.readUInt32LE(4) !== length)
    return { fault: mismatch('the gzip stream does not match its checksum'), stop: false };
  return undefined;
}

function* skipText(feed: Feed): Step<boolean> {
  for (let length = 0; length < MAX_TEXT; length++) {
    if (!(yield* feed.fill(1))) return false;
    if (feed.bytes[feed.pos++] === 0) return true;
  }
  return false;
}

function* skipZeros(feed: Feed): Step<void> {
  while ((yield* feed.fill(1)) && feed.bytes[feed.pos] === 0) feed.pos += 1;
}

/** Whether two bytes are a zlib header that needs no preset dictionary. */
export function isZlibHeader(first: number, second: number): boolean {
  return (first & 15) === 8 && first >> 4 <= 7 && (first * 256 + second) % 31 === 0 && (second & 0x20) === 0;
}

export function* unpackZlib(size: number, offset = 0): Unpacker {
  const feed = new Feed(size, offset);
  const header = yield* feed.take(2);
  if (header === undefined || !isZlibHeader(header[0] ?? 0, header[1] ?? 0))
    return { end: feed.offset, fault: unsupported('its zlib header is broken or wants a dictionary') };
  let check = 1;
  const seen = (bytes: Uint8Array): void => void (check = adler32(bytes, check));
  const fault = yield* inflate(feed, { seen });
  if (fault !== undefined) return { end: feed.offset, fault };
  const trailer = yield* feed.take(4);
  if (trailer === undefined) return { end: feed.offset, fault: cutOff('the checksum of the zlib stream is cut off') };
  if (Buffer.from(trailer).readUInt32BE(0) !== check)
    return { end: feed.offset, fault: mismatch('the zlib stream does not match its checksum') };
  return { end: feed.offset };
}

/** `ZF`, nineteen characters for the length, and one more space from old Python 2. */
const ZFILE_HEADER = 21;

export function isZfile(head: Uint8Array): boolean {
  return /^ZF0x[0-9a-f]{1,17}L? *$/.test(Buffer.from(head.subarray(0, ZFILE_HEADER)).toString('latin1'));
}

export function* unpackZfile(size: number): Unpacker {
  const head = yield { offset: 0, length: ZFILE_HEADER + 1 };
  if (!isZfile(head)) return { end: 0, fault: broken('it is no ZF stream') };
  return yield* unpackZlib(size, ZFILE_HEADER + (head[ZFILE_HEADER] === 0x20 ? 1 : 0));
}
