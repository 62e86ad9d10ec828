// Elements of a BYTES tensor in binary form: a 4-byte little-endian length before each. The caller controls every length.

/** @returns undefined when they are not exactly `count` elements that fill the bytes */
export function elementsOfBytes(bytes: Buffer, count: number): string[] | undefined {
  // Each element takes 4 bytes at least: a claim of many in few bytes is refused before anything is allocated.
  if (count > bytes.length / 4) return undefined;
  const texts: string[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + 4 > bytes.length) return undefined;
    const length = bytes.readUInt32LE(at);
    at += 4;
    if (length > bytes.length - at) return undefined;
    texts.push(bytes.toString('utf8', at, at + length));
    at += length;
  }
  return at === bytes.length ? texts : undefined;
}

export function writeElements(texts: readonly string[]): Buffer {
  const parts: Buffer[] = [];
  for (const text of texts) {
    const bytes = Buffer.from(text);
    const head = Buffer.allocUnsafe(4);
    head.writeUInt32LE(bytes.length);
    parts.push(head, bytes);
  }
  return Buffer.concat(parts);
}
