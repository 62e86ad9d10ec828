// Skippable frames, which LZ4 and zstd share (RFC 8878, section 3.1.2): a length, and bytes that mean nothing to a decoder.
import type { Range } from '../bytes/parser.js';
import type { Feed } from './feed.js';
import type { Fault } from './unpacker.js';
import { cutOff } from './unpacker.js';

export function isSkippable(magic: number): boolean {
  return magic >>> 4 === 0x184d2a5;
}

/** Behind the magic number. */
export function* skipFrame(feed: Feed): Generator<Range, Fault | undefined, Uint8Array> {
  const header = yield* feed.take(4);
  let left = header === undefined ? -1 : Buffer.from(header).readUInt32LE();
  while (left > 0) {
    if (!(yield* feed.fill(1))) break;
    const part = Math.min(left, feed.left);
    feed.pos += part;
    left -= part;
  }
  return left === 0 ? undefined : cutOff('a skippable frame is cut off');
}
