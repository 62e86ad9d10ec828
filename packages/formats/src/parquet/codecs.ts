// How the bytes of a page are packed. What a header says about their unpacked size is the attacker's: more than a codec can
// make of so few bytes is refused before room is made for it.
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { lz4Block } from '../compress/lz4.js';
import { snappyInto } from '../compress/snappy.js';
import { zstdInto } from '../compress/zstd.js';

export interface Codec {
  readonly name: string;
  /** Bytes that one packed byte can become at most. */
  readonly ratio: number;
  /** @returns false unless exactly `out` comes out */
  into(packed: Uint8Array, out: Uint8Array): boolean;
}

const byZlib =
  (inflate: (packed: Uint8Array, options: { maxOutputLength: number }) => Uint8Array) =>
  (packed: Uint8Array, out: Uint8Array): boolean => {
    try {
      const bytes = inflate(packed, { maxOutputLength: Math.max(1, out.length) });
      if (bytes.length === out.length) out.set(bytes);
      return bytes.length === out.length;
    } catch {
      // zlib says why in words of its own; that the page cannot be unpacked is all that counts.
      return false;
    }
  };

const lz4Raw = (packed: Uint8Array, out: Uint8Array): boolean => {
  const { end, whole } = lz4Block(packed, out, 0);
  return whole && end === out.length;
};

/** Blocks with two lengths in front of each, as Hadoop wrote them under the name LZ4; others wrote plain blocks. */
function lz4Hadoop(packed: Uint8Array, out: Uint8Array): boolean {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  let at = 0;
  let pos = 0;
  while (pos + 8 <= packed.length) {
    const [size, length] = [view.getUint32(pos), view.getUint32(pos + 4)];
    if (length > packed.length - pos - 8 || size > out.length - at) break;
    const part = out.subarray(at, at + size);
    if (!lz4Raw(packed.subarray(pos + 8, pos + 8 + length), part)) break;
    pos += 8 + length;
    at += size;
  }
  return (pos === packed.length && at === out.length) || lz4Raw(packed, out);
}

/** By their number in the footer. */
export const CODECS: ReadonlyMap<number, Codec> = new Map([
  [1, { name: 'snappy', ratio: 64, into: snappyInto }],
  [2, { name: 'gzip', ratio: 1100, into: byZlib(gunzipSync) }],
  [4, { name: 'brotli', ratio: 2 ** 22, into: byZlib(brotliDecompressSync) }],
  [5, { name: 'lz4', ratio: 256, into: lz4Hadoop }],
  [6, { name: 'zstd', ratio: 2 ** 16, into: (packed, out) => zstdInto(packed, out) === out.length }],
  [7, { name: 'lz4', ratio: 256, into: lz4Raw }],
]);
