// Texts in UTF-16 with a byte order mark: Windows runs scripts in it, and `json.loads` and XML readers take it too.
const MARKS: readonly (readonly [number, number, 'utf-16le' | 'utf-16be'])[] = [
  [0xff, 0xfe, 'utf-16le'],
  [0xfe, 0xff, 'utf-16be'],
];

export function utf16Of(head: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  const [, , encoding] = MARKS.find(([first, second]) => head[0] === first && head[1] === second) ?? [];
  return encoding;
}

/** Whether the first bytes of a file are UTF-16 without control characters. */
export function startsAsUtf16(head: Uint8Array, size: number): boolean {
  const encoding = utf16Of(head);
  if (encoding === undefined || size % 2 !== 0) return false;
  // Half of a pair may be cut off at the end.
  const text = utf16Text(head.subarray(0, head.length - (head.length < size ? 2 + (head.length % 2) : 0)), encoding);
  return text !== undefined && !hasControl(text);
}

/** The text without its mark; undefined when it is not valid. */
export function utf16Text(bytes: Uint8Array, encoding: 'utf-16le' | 'utf-16be'): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function hasControl(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 && code !== 9 && code !== 10 && code !== 12 && code !== 13 && code !== 27) return true;
  }
  return false;
}
