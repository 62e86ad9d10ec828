// Entry bundles of tlog-tiles: each entry behind its length as a big-endian uint16, nothing around it.

/** Bytes of the longest entry that a length of 16 bits can announce. */
export const LONGEST_ENTRY = 0xffff;

export function encodeBundle(entries: readonly Uint8Array[]): Buffer {
  const bundle = Buffer.allocUnsafe(entries.reduce((sum, { length }) => sum + 2 + length, 0));
  let at = 0;
  for (const entry of entries) {
    if (entry.length > LONGEST_ENTRY) throw new RangeError(`an entry of ${entry.length} bytes does not fit a bundle`);
    bundle.writeUInt16BE(entry.length, at);
    bundle.set(entry, at + 2);
    at += 2 + entry.length;
  }
  return bundle;
}

export interface Bundle {
  /** Views into the bundle's bytes. */
  readonly entries: readonly Uint8Array[];
  /** Bytes at the end that announce more than there is; 0 in a whole bundle. */
  readonly rest: number;
}

/** Reads as many entries as are framed; a bundle with a changed length still gives those before it. */
export function decodeBundle(bytes: Uint8Array): Bundle {
  const entries: Uint8Array[] = [];
  let at = 0;
  while (at + 2 <= bytes.length) {
    const length = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
    if (at + 2 + length > bytes.length) break;
    entries.push(bytes.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return { entries, rest: bytes.length - at };
}
