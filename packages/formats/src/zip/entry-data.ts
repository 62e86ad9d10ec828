// The content of a zip entry, as a loader that ignores checksums and flags would get it (torch's does). Its size in the
// header is the attacker's: whoever unpacks it bounds what comes out.
import { unpackBzip2 } from '../compress/bzip2.js';
import { unpackDeflate } from '../compress/inflate.js';
import { unpackZipLzma } from '../compress/lzma.js';
import type { Unpacker } from '../compress/unpacker.js';
import { unpackXz } from '../compress/xz.js';
import type { ZipEntry } from './read-zip.js';

const STORED = 0;
/** Bit of the flags and method 14: the stream ends by a marker. It may also be there where the size is known. */
const METHODS: Readonly<Record<number, string>> = {
  1: 'shrink',
  6: 'implode',
  93: 'zstd',
  20: 'zstd',
  94: 'mp3',
  96: 'jpeg',
  97: 'wavpack',
  98: 'PPMd',
  99: 'AES encryption',
};

/** How to unpack the `compressed` bytes of an entry; undefined when they are the content, or why they cannot be. */
export function entryUnpacker(entry: ZipEntry): (() => Unpacker) | undefined | string {
  const { method, compressed, size } = entry;
  switch (method) {
    case STORED:
      return undefined;
    case 8:
      return () => unpackDeflate(compressed);
    case 9:
      return () => unpackDeflate(compressed, 0, true);
    case 12:
      return () => unpackBzip2(compressed);
    case 14:
      return () => unpackZipLzma(compressed, size);
    case 95:
      return () => unpackXz(compressed);
    default:
      return `compression method ${method}${METHODS[method] === undefined ? '' : ` (${METHODS[method]})`} is not read`;
  }
}
