// Every form of compression that is unpacked here, by the name that the sniffer gives it.
import { unpackBzip2 } from './bzip2.js';
import { unpackGzip, unpackZfile, unpackZlib } from './gzip.js';
import { unpackLz4 } from './lz4.js';
import { unpackLzma } from './lzma.js';
import type { Unpacker } from './unpacker.js';
import { unpackXz } from './xz.js';
import { unpackZstd } from './zstd.js';

export const UNPACKERS = {
  gzip: unpackGzip,
  zlib: unpackZlib,
  zfile: unpackZfile,
  bzip2: unpackBzip2,
  xz: unpackXz,
  lzma: unpackLzma,
  lz4: unpackLz4,
  zstd: unpackZstd,
} as const satisfies Readonly<Record<string, (size: number) => Unpacker>>;

export type Compression = keyof typeof UNPACKERS;
