// Constants that carry another program: a pickle, compiled Python, an executable or an archive inside bytes, or any of them
// in base64 or hexadecimal inside text. Such a constant does nothing by itself, so it is listed, to be looked into.
import { byMagic } from '../sniff/magic.js';

/** `container` holds something else: an archive, a compressed stream, a file format with objects inside. */
export type Content = 'pickle' | 'code' | 'program' | 'container' | 'text';

/** How the input writes it: as it is, as characters that stand for one byte each in UTF-8, or encoded. */
export type Encoding = 'raw' | 'latin1' | 'base64' | 'hex';

/** A constant that looks like something else; `bytes` is set where the input does not hold it as it is. */
export interface Payload {
  readonly offset: number;
  readonly length: number;
  readonly encoding: Encoding;
  readonly content: Content;
  readonly bytes?: Uint8Array;
}

// Protocol 0 or 1 that starts by importing a name, perhaps below a mark.
const IMPORT_FIRST = /^\(?[ci][A-Za-z_][\w.]*\n[A-Za-z_][\w.]*\n/;
const BASE64 = /^[A-Za-z0-9+/_\-\s]{16,}={0,2}\s*$/;
const HEX = /^(?:[0-9a-fA-F]{2}){8,}$/;
const HEAD = 512;
const MIN_ENCODED = 16;
/** First bytes of what `contentOf` knows, so that most constants cost one look. */
const STARTS: ReadonlySet<number> = new Set([
  0x80, 0x28, 0x63, 0x69, 0xe3, 0x1f, 0x42, 0xfd, 0x5d, 0x04, 0x50, 0x37, 0x52, 0x93, 0x89, 0x7f, 0x4d, 0xcf, 0xce,
  0xca, 0xfe, 0x5b, 0xdb, 0xa9, 0x29, 0xa8, 0xdc, 0x08, 0x18, 0x48, 0x58, 0x68, 0x78, 0x38,
]);
const CONTAINERS: ReadonlySet<string> = new Set('zip gzip zlib bzip2 xz zstd lz4 7z rar tar hdf5 npy'.split(' '));
const PROGRAMS: ReadonlySet<string> = new Set(['elf', 'pe', 'mach-o', 'java-class']);

/** True for bytes that start as a pickle does: PROTO with a known version, or an import in protocol 0. */
export function startsAsPickle(head: Uint8Array): boolean {
  if (head.length >= 3 && head[0] === 0x80) return (head[1] ?? 255) <= 5;
  const first = head[0];
  if (first !== 0x28 && first !== 0x63 && first !== 0x69) return false;
  return IMPORT_FIRST.test(latin1(head.subarray(0, 256)));
}

/** What bytes are, judged by their first 512; undefined for data. @param length of the whole */
export function contentOf(bytes: Uint8Array, length = bytes.length): Content | undefined {
  const first = bytes[0] ?? 0;
  if (bytes.length < 3 || (!STARTS.has(first) && bytes[2] !== 0x0d && bytes[257] !== 0x75)) return undefined;
  const head = bytes.subarray(0, HEAD);
  if (startsAsPickle(head)) return 'pickle';
  if (holdsCode(head, length)) return 'code';
  if (length < 10) return undefined;
  const formats = byMagic(head);
  if (formats.some((format) => PROGRAMS.has(format))) return 'program';
  if (formats.includes('python-bytecode')) return 'code';
  return formats.some((format) => CONTAINERS.has(format)) || isZlib(head) || isLzma(head) ? 'container' : undefined;
}

/** What a text holds: one byte a character, or in base64 or hexadecimal. */
export function contentOfText(text: string): { readonly encoding: Encoding; readonly content: Content } | undefined {
  if (STARTS.has(text.charCodeAt(0))) {
    const content = contentOf(Buffer.from(text.slice(0, HEAD), 'latin1'), text.length);
    // A text that reads like the start of code or of an archive by its letters alone is a text.
    if (content !== undefined && (content === 'pickle' || isBinary(text))) return { encoding: 'latin1', content };
  }
  if (text.length < MIN_ENCODED) return undefined;
  const head = text.slice(0, HEAD).trim();
  const even = head.slice(0, head.length & ~1);
  if (HEX.test(even)) {
    const content = decodedContent(Buffer.from(even, 'hex'), text.length / 2);
    if (content !== undefined) return { encoding: 'hex', content };
  }
  if (!BASE64.test(head)) return undefined;
  const content = decodedContent(Buffer.from(head, 'base64'), (text.length / 4) * 3);
  return content === undefined ? undefined : { encoding: 'base64', content };
}

/** Bytes of an encoded payload. */
export function decodePayload(bytes: Uint8Array, encoding: Encoding): Uint8Array {
  if (encoding === 'raw') return bytes;
  if (encoding === 'latin1') return Buffer.from(utf8(bytes), 'latin1');
  return Buffer.from(latin1(bytes).trim(), encoding);
}

export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

function utf8(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}

/** Text that somebody took the trouble to encode is worth reading; other bytes only when they are known. */
function decodedContent(bytes: Uint8Array, length: number): Content | undefined {
  return contentOf(bytes, length) ?? (bytes.length >= 12 && isPrintable(bytes) ? 'text' : undefined);
}

function isPrintable(bytes: Uint8Array): boolean {
  for (const byte of bytes)
    if ((byte < 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) || byte > 0x7e) return false;
  return true;
}

function isBinary(text: string): boolean {
  for (let i = 0; i < text.length && i < HEAD; i++) {
    const code = text.charCodeAt(i);
    if (code > 0xff) return false;
    if (code < 9 || (code > 0x7e && code < 0xa0)) return true;
  }
  return false;
}

/** A deflate stream with the header of RFC 1950: which window sizes and levels there are. */
function isZlib(head: Uint8Array): boolean {
  const [method = 0, flags = 0] = head;
  return (method & 0x0f) === 8 && method >> 4 <= 7 && (method * 256 + flags) % 31 === 0 && (flags & 0x20) === 0;
}

/** The older LZMA format has no magic: usual properties, a dictionary that is a power of two, a size that is possible. */
function isLzma(head: Uint8Array): boolean {
  if (head.length < 14 || head[0] !== 0x5d || head[1] !== 0 || head[2] !== 0) return false;
  const unknown = head.subarray(5, 13).every((byte) => byte === 0xff);
  return unknown || (head[10] === 0 && head[11] === 0 && head[12] === 0);
}

/**
 * A marshalled code object near the start (CPython Python/marshal.c): its type, four to six counts that are small, then the
 * code as bytes. Python 2 writes four counts, 3.3-3.7 and 3.11 on five, 3.8-3.10 six.
 */
function holdsCode(head: Uint8Array, length: number): boolean {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  for (let at = 0; at < Math.min(24, head.length - 26); at++) {
    if (head[at] !== 0xe3 && head[at] !== 0x63) continue;
    for (let counts = 4; counts <= 6; counts++) {
      const bytes = at + 1 + 4 * counts;
      if (bytes + 5 > head.length || ((head[bytes] ?? 0) & 0x7f) !== 0x73) continue;
      const size = view.getUint32(bytes + 1, true);
      if (size === 0 || bytes + 5 + size > length) continue;
      if (areCounts(view, at + 1, counts)) return true;
    }
  }
  return false;
}

function areCounts(view: DataView, from: number, counts: number): boolean {
  for (let index = 0; index < counts; index++) {
    const limit = index === counts - 1 ? 0x8000000 : 0x10000;
    if (view.getUint32(from + 4 * index, true) >= limit) return false;
  }
  return true;
}
