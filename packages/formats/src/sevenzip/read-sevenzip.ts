// The two headers of a 7z archive (7zFormat.txt of the LZMA SDK): enough to say whether it is whole and whether its names
// are packed too. Scanners that read zips see nothing in it, and some loaders and users unpack it (NullifAI, 2025).
import { crc32 } from 'node:zlib';
import type { Parser } from '../bytes/parser.js';

const HEADER_BYTES = 32;
/** Bytes of the header at the end that are read for its checksum. */
const MAX_HEADER = 16 * 1024 * 1024;

export interface SevenZipReport {
  readonly version: string;
  /** `plain` lists the files; `packed` and `empty` do not. */
  readonly header: 'plain' | 'packed' | 'empty' | 'unknown';
  /** Bytes of the archive; what follows belongs to something else. */
  readonly end: number;
  readonly fault?: string;
}

export function* readSevenZip(size: number): Parser<SevenZipReport> {
  const start = Buffer.from(yield { offset: 0, length: HEADER_BYTES });
  const report = (header: SevenZipReport['header'], end: number, fault?: string): SevenZipReport => {
    const known = { version: `${start[6] ?? 0}.${start[7] ?? 0}`, header, end: Math.min(end, size) };
    return fault === undefined ? known : { ...known, fault };
  };
  if (start.length < HEADER_BYTES) return report('unknown', size, 'its header is cut off');
  if (crc32(start.subarray(12)) !== start.readUInt32LE(8))
    return report('unknown', size, 'its first header does not match its checksum');
  const length = Number(start.readBigUInt64LE(20));
  const offset = HEADER_BYTES + Number(start.readBigUInt64LE(12));
  const end = offset + length;
  if (length === 0) return report('empty', HEADER_BYTES);
  if (end > size) return report('unknown', size, 'its header lies beyond the end');
  if (length > MAX_HEADER) return report('unknown', end, `its header has ${length} bytes, more than ${MAX_HEADER}`);
  const bytes = yield { offset, length };
  if (crc32(bytes) !== start.readUInt32LE(28)) return report('unknown', end, 'its header does not match its checksum');
  return report(bytes[0] === 0x17 ? 'packed' : bytes[0] === 1 ? 'plain' : 'unknown', end);
}
