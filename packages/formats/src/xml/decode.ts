// Which characters the bytes of an XML document are. XML 1.0, appendix F. UTF-16 and UTF-32 show by their first bytes; UTF-7
// and EBCDIC hide markup from whoever looks for it as ASCII, and no model needs them.

/** `ascii` is every encoding in which markup is written as ASCII: UTF-8, Latin-1, Windows and the like. */
export type XmlEncoding = 'ascii' | 'utf-16le' | 'utf-16be' | 'other';

export interface XmlBytes {
  readonly encoding: XmlEncoding;
  /** As declared, in lower case, or how it shows. */
  readonly name: string;
}

const ASCII_LIKE =
  /^(?:utf-?8|utf-?16(?:le|be)?|iso-10646-ucs-2|us-ascii|ascii|iso-?8859-\d{1,2}|latin-?\d|windows-?125\d|cp125\d|koi8-[ru]|macintosh|gbk|gb2312|gb18030|big5|euc-(?:jp|kr|cn)|shift[-_]jis|windows-31j)$/;
const DECLARATION = /^(?:\xef\xbb\xbf)?\s{0,4096}<\?xml[^>]{0,400}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']/;

/** @param head the first 4 KiB */
export function xmlEncoding(head: Uint8Array): XmlBytes {
  const [a, b, c, d] = head;
  if (a === 0xff && b === 0xfe) return c === 0 && d === 0 ? other('utf-32') : wide('utf-16le');
  if (a === 0xfe && b === 0xff) return wide('utf-16be');
  if (a === 0 && b === 0 && c === 0xfe && d === 0xff) return other('utf-32');
  if (a === 0x3c && b === 0 && c === 0 && d === 0) return other('utf-32');
  if (a === 0 && b === 0 && c === 0 && d === 0x3c) return other('utf-32');
  if (a === 0x3c && b === 0 && d === 0) return wide('utf-16le');
  if (a === 0 && b === 0x3c && c === 0) return wide('utf-16be');
  if (a === 0x4c && b === 0x6f && c === 0xa7 && d === 0x94) return other('ebcdic');
  const text = Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString('latin1');
  const declared = DECLARATION.exec(text)?.[1]?.toLowerCase() ?? 'utf-8';
  // One byte a character was enough to read the declaration, so that two cannot be what follows: such a document was in
  // UTF-16 before somebody decoded it.
  return ASCII_LIKE.test(declared) ? { encoding: 'ascii', name: declared } : other(declared);
}

function wide(name: 'utf-16le' | 'utf-16be'): XmlBytes {
  return { encoding: name, name };
}

function other(name: string): XmlBytes {
  return { encoding: 'other', name };
}

/** A document in UTF-16 as UTF-8. */
export function utf8OfUtf16(bytes: Uint8Array, encoding: XmlEncoding): Buffer {
  const even = Buffer.from(bytes.subarray(0, bytes.length & ~1));
  if (encoding === 'utf-16be') even.swap16();
  return Buffer.from(even.toString('utf16le'), 'utf8');
}

/** True for XML that is no UTF-8 text: UTF-16, UTF-32 or EBCDIC, from its first character on. */
export function looksLikeWideXml(head: Uint8Array): boolean {
  const { encoding, name } = xmlEncoding(head);
  if (name === 'ebcdic' || name === 'utf-32') return true;
  if (encoding === 'ascii' || encoding === 'other') return false;
  return /^\uFEFF?\s*<[?!A-Za-z_]/.test(utf8OfUtf16(head, encoding).toString('utf8'));
}
