// A pack: the envelopes of one group in one file, so that a group costs one wait for the disk and not one each. Layout:
// `vallum/pack/v1\n`, the number of records as uint32, for each record the id of its statement (32 bytes) and its length
// (uint32), then the records one behind the other; integers big-endian. Whoever can write the file controls all of it:
// sizes are bounded before anything is read, an id comes once, and a record counts only if it is whole. What it holds is
// digested by its reader.
import type { Sha256 } from '@vallum/core';
import { MAX_ENVELOPE_BYTES } from '@vallum/trust';

export interface PackRecord {
  /** 32 bytes. */
  readonly id: Buffer;
  /** First byte in the pack. */
  readonly from: number;
  readonly to: number;
}

const MAGIC = Buffer.from('vallum/pack/v1\n');
const ROW_BYTES = 36;
/** Bytes before the table of records. */
export const PACK_START = MAGIC.length + 4;
const MOST_RECORDS = 65_536;
/** A pack takes no further record once it holds this many bytes. */
const FULL = 8 * 1024 * 1024;
/** Bytes of the largest pack that is read. */
export const PACK_LIMIT = PACK_START + MOST_RECORDS * ROW_BYTES + FULL + MAX_ENVELOPE_BYTES;

export interface Packable {
  readonly id: Sha256;
  readonly bytes: Uint8Array;
}

/** As many packs as it takes, each within the bounds. */
export function encodePacks(contents: readonly Packable[]): readonly Buffer[] {
  const packs: Buffer[] = [];
  let from = 0;
  let size = 0;
  for (const [at, { bytes }] of contents.entries()) {
    size += bytes.length;
    if (size < FULL && at + 1 - from < MOST_RECORDS && at + 1 < contents.length) continue;
    packs.push(encode(contents.slice(from, at + 1)));
    [from, size] = [at + 1, 0];
  }
  return packs;
}

function encode(contents: readonly Packable[]): Buffer {
  const head = Buffer.alloc(PACK_START + contents.length * ROW_BYTES);
  head.set(MAGIC);
  head.writeUInt32BE(contents.length, MAGIC.length);
  for (const [at, { id, bytes }] of contents.entries()) {
    head.write(id, PACK_START + at * ROW_BYTES, 'hex');
    head.writeUInt32BE(bytes.length, PACK_START + at * ROW_BYTES + 32);
  }
  return Buffer.concat([head, ...contents.map(({ bytes }) => bytes)]);
}

/** Bytes of the table of records, from the first `PACK_START` bytes of a pack; undefined for what is no pack. */
export function tableBytes(start: Uint8Array): number | undefined {
  const bytes = Buffer.from(start.buffer, start.byteOffset, start.length);
  if (bytes.length < PACK_START || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  const count = bytes.readUInt32BE(MAGIC.length);
  return count <= MOST_RECORDS ? count * ROW_BYTES : undefined;
}

/** Whether an id comes twice: no writer makes such a pack, and one place for each id is enough to look at. */
export function hasRepeats(table: Uint8Array): boolean {
  const bytes = Buffer.from(table.buffer, table.byteOffset, table.length);
  const ids = new Set<string>();
  for (let row = 0; row + ROW_BYTES <= bytes.length; row += ROW_BYTES) ids.add(bytes.toString('latin1', row, row + 32));
  return ids.size * ROW_BYTES !== bytes.length;
}

/** The records that a whole table speaks of, one by one; whether they are all there is for the reader to see. */
export function* readTable(table: Uint8Array): Generator<PackRecord> {
  const bytes = Buffer.from(table.buffer, table.byteOffset, table.length);
  let from = PACK_START + bytes.length;
  for (let row = 0; row + ROW_BYTES <= bytes.length; row += ROW_BYTES) {
    const to = from + bytes.readUInt32BE(row + 32);
    yield { id: bytes.subarray(row, row + 32), from, to };
    from = to;
  }
}
