// The written literals of protocols 0 and 1, as CPython reads them. What CPython would refuse is undefined here: the
// machine makes it a fault, so that a broken stream is never taken for a readable one.

const INTEGER = /^\s*[+-]?(?:0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|[0-9][0-9_]*)\s*$/;
const FLOAT =
  /^[ \t]*[+-]?(?:(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9]+)?|inf(?:inity)?|nan)[ \t\r]*$/i;

/** Largest number of digits that is turned into a number; longer ones are integers of unknown value. */
const DIGITS = 15;

/** The integer of INT, LONG, GET and PUT; null when it is one but too long to hold, undefined when it is none. */
export function readInteger(text: string): number | null | undefined {
  const digits = text.endsWith('L') ? text.slice(0, -1) : text;
  if (!INTEGER.test(digits)) return undefined;
  const plain = digits.trim().replaceAll('_', '');
  if (plain.length > DIGITS) return null;
  const negative = plain.startsWith('-');
  const value = Number(plain.replace(/^[+-]/, ''));
  return negative ? -value : value;
}

export function isFloat(text: string): boolean {
  return FLOAT.test(text);
}

/** The text of STRING: quoted, with Python's escapes. */
export function readString(line: string): string | undefined {
  const text = line.replace(/[ \t\r]+$/, '').replace(/^[ \t]+/, '');
  const quote = text[0];
  if ((quote !== "'" && quote !== '"') || text.length < 2 || !text.endsWith(quote)) return undefined;
  return text
    .slice(1, -1)
    .replace(
      /\\(?:x([0-9a-fA-F]{2})|([0-7]{1,3})|([abfnrtv\\'"]))/g,
      (_all, hex?: string, octal?: string, one?: string) => {
        if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
        if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
        return ESCAPES[one ?? ''] ?? '';
      },
    );
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
};

/** The text of UNICODE: raw-unicode-escape, where only \u and \U mean anything, and not behind another backslash. */
export function readRawUnicode(line: string): string {
  return line.replace(RAW_ESCAPE, (all, short?: string, long?: string) => {
    if (short === undefined && long === undefined) return all;
    const point = Number.parseInt(short ?? long ?? '', 16);
    return point <= 0x10ffff ? String.fromCodePoint(point) : all;
  });
}

const RAW_ESCAPE = /\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|[^])/g;
