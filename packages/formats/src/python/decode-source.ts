// Python source as text. Its first two lines choose the encoding (PEP 263), and an encoding can hide code: under UTF-7 or
// unicode_escape a line that looks like a comment holds statements, so encodings outside the common ones are named.
import { isUtf8 } from 'node:buffer';

export interface SourceText {
  readonly text: string;
  readonly encoding: string;
  /** An encoding that no ordinary source has; its text is decoded where it is known how. */
  readonly odd?: string;
  /** Why Python itself would not read it. */
  readonly fault?: string;
}

const COOKIE = /^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)/;
const BLANK = /^[ \t\f]*(?:#.*)?$/;
const COMMON =
  /^(?:utf-?8(?:-sig)?|u8|(?:us-)?ascii|646|latin-?1|l1|iso-?8859-?\d{1,2}|cp125\d|windows-125\d|koi8-[ru])$/;
const ASIAN =
  /^(?:gb2312|gbk|gb18030|cp936|big5|cp950|euc-?(?:jp|kr)|shift-?jis|sjis|cp932|cp949|uhc|johab|iso-?2022-?jp)$/;
const LABELS: Readonly<Record<string, string>> = { cp936: 'gbk', cp950: 'big5', cp932: 'shift_jis', cp949: 'euc-kr' };

export function decodeSource(bytes: Uint8Array): SourceText {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const marked = buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf;
  const body = marked ? buffer.subarray(3) : buffer;
  const encoding = (cookie(body) ?? 'utf-8').toLowerCase().replaceAll('_', '-');
  if (/^utf-?8(?:-sig)?$|^u8$/.test(encoding)) return utf8(body, encoding);
  if (marked) return { ...utf8(body, encoding), fault: `a UTF-8 mark and the encoding ${encoding}` };
  if (COMMON.test(encoding)) return { text: singleByte(body, encoding), encoding };
  if (ASIAN.test(encoding)) return labelled(body, encoding);
  return { text: odd(body, encoding), encoding, odd: encoding };
}

function cookie(body: Buffer): string | undefined {
  const lines = body
    .subarray(0, 4096)
    .toString('latin1')
    .split(/\r\n|\r|\n/, 2);
  const first = COOKIE.exec(lines[0] ?? '');
  if (first !== null) return first[1];
  return BLANK.test(lines[0] ?? '') ? COOKIE.exec(lines[1] ?? '')?.[1] : undefined;
}

function utf8(body: Buffer, encoding: string): SourceText {
  if (isUtf8(body)) return { text: body.toString('utf8'), encoding };
  return { text: body.toString('latin1'), encoding, fault: 'it is not the UTF-8 that it must be' };
}

function singleByte(body: Buffer, encoding: string): string {
  const label = encoding.replace(/^cp(125\d)$/, 'windows-$1').replace(/^iso-?8859-?/, 'iso-8859-');
  try {
    return new TextDecoder(label).decode(body);
  } catch {
    return body.toString('latin1');
  }
}

function labelled(body: Buffer, encoding: string): SourceText {
  try {
    return {
      text: new TextDecoder(LABELS[encoding] ?? encoding.replace(/^euc(?=[jk])/, 'euc-')).decode(body),
      encoding,
    };
  } catch {
    return { text: body.toString('latin1'), encoding, fault: `the encoding ${encoding} is not known here` };
  }
}

function odd(body: Buffer, encoding: string): string {
  const text = body.toString('latin1');
  if (/^(?:utf-?7|u7|unicode-1-1-utf-7)$/.test(encoding)) return utf7(text);
  if (/unicode-escape$/.test(encoding)) return unescapeText(text);
  if (/^rot-?13$/.test(encoding)) return rot13(text);
  if (/^utf-?16/.test(encoding)) return body.toString('utf16le');
  return text;
}

/** RFC 2152: `+` base64 of UTF-16 `-`. */
export function utf7(text: string): string {
  return text.replace(/\+([A-Za-z0-9+/]*)-?/g, (_whole, coded: string) => {
    if (coded === '') return '+';
    const bytes = Buffer.from(coded, 'base64');
    return Buffer.from(bytes.subarray(0, bytes.length & ~1))
      .swap16()
      .toString('utf16le');
  });
}

const SIMPLE: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '\\': '\\', "'": "'", '"': '"' };

export function unescapeText(text: string): string {
  return text.replace(
    /\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([0-7]{1,3})|([nrt\\'"]))/g,
    (_whole, u: string | undefined, x: string | undefined, octal: string | undefined, simple: string | undefined) => {
      if (simple !== undefined) return SIMPLE[simple] ?? simple;
      return String.fromCharCode(octal === undefined ? parseInt(u ?? x ?? '0', 16) : parseInt(octal, 8));
    },
  );
}

export function rot13(text: string): string {
  return text.replace(/[A-Za-z]/g, (letter) => {
    const base = letter <= 'Z' ? 65 : 97;
    return String.fromCharCode(((letter.charCodeAt(0) - base + 13) % 26) + base);
  });
}
