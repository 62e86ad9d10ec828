// Texts with two or four bytes a character inside other bytes: UTF-16 without a mark, and the arrays of texts of numpy (UTF-32).
// Only their printable ASCII is read: no token needs more.

export interface WideText {
  /** Byte of its first character. */
  readonly start: number;
  /** Bytes of one character. */
  readonly width: 2 | 4;
  readonly text: string;
}

const WIDE = [
  { width: 2, pattern: /[\t\n\r\x20-\x7e](?:\0[\t\n\r\x20-\x7e]){15,}/g },
  { width: 4, pattern: /[\t\n\r\x20-\x7e](?:\0\0\0[\t\n\r\x20-\x7e]){15,}/g },
] as const;

/** @param bytes as Latin-1 */
export function* wideTexts(bytes: string): Generator<WideText> {
  for (const { width, pattern } of WIDE)
    for (const match of bytes.matchAll(pattern))
      yield { start: match.index, width, text: match[0].replaceAll('\0', '') };
}
