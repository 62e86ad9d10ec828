// What a file is as a table: by its bytes first, because names lie; by its name only among texts that could be several things.
import { imageFormat } from '../image/image-size.js';
import type { Compression } from '../compress/unpackers.js';

export type FileKind =
  | 'parquet'
  | 'arrow'
  | 'npy'
  | 'zip'
  | 'csv'
  | 'tsv'
  | 'jsonl'
  | 'json'
  | 'mbox'
  | 'mail'
  | 'image'
  | 'text'
  | 'empty'
  | 'other';

const MAGIC: readonly (readonly [string, FileKind])[] = [
  ['PAR1', 'parquet'],
  ['PARE', 'parquet'],
  ['ARROW1', 'arrow'],
  ['\xff\xff\xff\xff', 'arrow'],
  ['\x93NUMPY', 'npy'],
  ['PK\x03\x04', 'zip'],
];
const PACKED: readonly (readonly [string, Compression])[] = [
  ['\x1f\x8b', 'gzip'],
  ['BZh', 'bzip2'],
  ['\xfd7zXZ\0', 'xz'],
  ['\x04\x22\x4d\x18', 'lz4'],
];
const BY_NAME: Readonly<Record<string, FileKind>> = {
  csv: 'csv',
  tsv: 'tsv',
  tab: 'tsv',
  jsonl: 'jsonl',
  ndjson: 'jsonl',
  json: 'json',
  eml: 'mail',
  mbox: 'mbox',
  txt: 'text',
  md: 'text',
};
/** The line in front of a mail in a file of mails: a sender and a time. */
const MBOX = /^From .*\d\d:\d\d/;
/** Two lines of a header as mail programs and servers write them. */
const MAIL = /^(?:[A-Za-z][A-Za-z0-9-]{1,40}:[^\n]*\n(?:[ \t][^\n]*\n)*){2}/;
const MAIL_NAME =
  /^(?:received|from|to|subject|date|return-path|delivered-to|message-id|mime-version|replied|forwarded|x-[\w-]+):/im;

export function compressionOf(head: Uint8Array): Compression | undefined {
  const start = Buffer.from(head.subarray(0, 8)).toString('latin1');
  return PACKED.find(([magic]) => start.startsWith(magic))?.[1];
}

/** @param head the first bytes, unpacked @param name without what the compression adds to it */
export function kindOf(head: Uint8Array, name: string): FileKind {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  const start = bytes.toString('latin1', 0, 8);
  const magic = MAGIC.find(([letters]) => start.startsWith(letters))?.[1];
  if (magic !== undefined) return magic;
  if (imageFormat(bytes) !== undefined) return 'image';
  if (bytes.length === 0) return 'empty';
  if (MBOX.test(bytes.toString('latin1', 0, 256))) return 'mbox';
  const named = BY_NAME[/\.([A-Za-z0-9]+)$/.exec(name)?.[1]?.toLowerCase() ?? ''];
  // Zeros are in UTF-16 too, which its mark tells, and in a table that is broken, which its reader tells.
  if (bytes.includes(0) && !/^(?:\xff\xfe|\xfe\xff)/.test(start) && named === undefined) return 'other';
  const text = bytes.toString('latin1').replace(/^\xef\xbb\xbf/, '');
  if ((named === 'csv' || named === 'tsv') && isJsonObject(text.slice(0, text.indexOf('\n')))) return 'jsonl';
  if ((named === undefined || named === 'text') && MAIL.test(text) && MAIL_NAME.test(text.slice(0, 200))) return 'mail';
  if (named !== undefined && named !== 'json' && named !== 'jsonl') return named;
  if (/^\s*\[\s*(?:\{|\]|$)/.test(text)) return 'json';
  if (/^\s*\{/.test(text)) return 'jsonl';
  return named ?? 'text';
}

function isJsonObject(line: string): boolean {
  try {
    return line.startsWith('{') && typeof JSON.parse(line) === 'object';
  } catch {
    return false;
  }
}
