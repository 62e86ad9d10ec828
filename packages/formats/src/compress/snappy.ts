// Raw snappy blocks (google/snappy, format_description.txt), as Parquet pages have them: a length, then literals and
// copies. Lengths and distances are the attacker's.

/**
 * Unpacks a block into `out`, which must be exactly as long as what comes out.
 * @returns false when it is broken, or has another length
 */
export function snappyInto(input: Uint8Array, out: Uint8Array): boolean {
  const end = input.length;
  const from = new DataView(input.buffer, input.byteOffset, end);
  const to = new DataView(out.buffer, out.byteOffset, out.length);
  let pos = 0;
  let claimed = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = input[pos++];
    if (byte === undefined || shift > 28) return false;
    claimed += (byte & 127) * 2 ** shift;
    if (byte < 128) break;
  }
  if (claimed !== out.length) return false;
  let at = 0;
  while (pos < end) {
    const tag = input[pos++] ?? 0;
    let length = (tag >> 2) + 1;
    let distance: number;
    const type = tag & 3;
    if (type === 0) {
      if (length > 60) {
        const extra = length - 60;
        if (pos + extra > end) return false;
        length = 1;
        for (let i = 0; i < extra; i++) length += (input[pos++] ?? 0) * 2 ** (8 * i);
      }
      if (pos + length > end || at + length > claimed) return false;
      if (length > 32) {
        out.set(input.subarray(pos, pos + length), at);
        at += length;
        pos += length;
        continue;
      }
      const stop = at + length;
      for (; at + 4 <= stop; at += 4, pos += 4) to.setInt32(at, from.getInt32(pos));
      while (at < stop) out[at++] = input[pos++]!;
      continue;
    }
    if (type === 1) {
      if (pos + 1 > end) return false;
      length = ((tag >> 2) & 7) + 4;
      distance = ((tag >> 5) << 8) | (input[pos++] ?? 0);
    } else if (type === 2) {
      if (pos + 2 > end) return false;
      distance = (input[pos] ?? 0) | ((input[pos + 1] ?? 0) << 8);
      pos += 2;
    } else {
      if (pos + 4 > end) return false;
      distance =
        (input[pos] ?? 0) +
        (input[pos + 1] ?? 0) * 256 +
        (input[pos + 2] ?? 0) * 65536 +
        (input[pos + 3] ?? 0) * 2 ** 24;
      pos += 4;
    }
    if (distance === 0 || distance > at || at + length > claimed) return false;
    let back = at - distance;
    const stop = at + length;
    // Four bytes at a time where they do not overlap.
    if (distance >= 4) for (; at + 4 <= stop; at += 4, back += 4) to.setInt32(at, to.getInt32(back));
    while (at < stop) out[at++] = out[back++]!;
  }
  return at === claimed;
}
