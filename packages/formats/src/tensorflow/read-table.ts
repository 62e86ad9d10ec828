// The index of a TensorFlow checkpoint (`variables.index`, `model.ckpt.index`): a sorted table as LevelDB writes it, from
// tensor names to where their bytes lie in which data file. Block positions and sizes are the attacker's.
// Format: LevelDB table_format.md; values: tensor_bundle.proto.
import type { Parser } from '../bytes/parser.js';
import type { Extent } from '../protobuf/wire.js';
import { Wire, WireError } from '../protobuf/wire.js';

export interface TableEntry {
  readonly key: string;
  /** Protobuf type of the elements. */
  readonly type: number;
  readonly elements: number;
  readonly shard: number;
  readonly offset: number;
  readonly size: number;
  /** Its pieces stand under keys of their own. */
  readonly sliced: boolean;
}

export interface TableReport {
  readonly shards: number;
  readonly entries: readonly TableEntry[];
  readonly fault?: string;
}

export interface TableLimits {
  readonly maxEntries: number;
  /** Bytes of one block. */
  readonly maxBlock: number;
}

export const TABLE_LIMITS: TableLimits = { maxEntries: 200_000, maxBlock: 16 * 1024 * 1024 };

const FOOTER = 48;
const MAGIC = '57fb808b247547db';
/** A byte for the compression and four for the checksum. */
const TRAILER = 5;

export function* isTable(size: number): Parser<boolean> {
  if (size < FOOTER) return false;
  return Buffer.from(yield { offset: size - 8, length: 8 }).toString('hex') === MAGIC;
}

export function* readTable(size: number, limits: TableLimits = TABLE_LIMITS): Parser<TableReport> {
  const entries: TableEntry[] = [];
  let shards = 0;
  try {
    for (const block of yield* readBlock(size, yield* indexBlock(size), limits)) {
      const { place } = handle(block.value, 0);
      for (const { key, value } of yield* readBlock(size, place, limits)) {
        if (entries.length >= limits.maxEntries) throw new WireError('it has more tensors than are read');
        if (key.length === 0) shards = header(value);
        else entries.push(entry(key, value));
      }
    }
  } catch (error) {
    if (error instanceof WireError) return { shards, entries, fault: error.message };
    throw error;
  }
  return { shards, entries };
}

function* indexBlock(size: number): Parser<Extent> {
  if (!(yield* isTable(size))) throw new WireError('it has no footer');
  const footer = yield { offset: size - FOOTER, length: FOOTER };
  const meta = handle(footer, 0);
  return handle(footer, meta.next).place;
}

interface Pair {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

function* readBlock(size: number, place: Extent, limits: TableLimits): Parser<readonly Pair[]> {
  const length = place.end - place.start;
  if (length > limits.maxBlock) throw new WireError('a block is longer than is read');
  if (place.end + TRAILER > size || length < 4) throw new WireError('a block lies beyond the end');
  const bytes = Uint8Array.from(yield { offset: place.start, length: length + TRAILER });
  if (bytes[length] !== 0) throw new WireError('a block is compressed');
  const restarts = new DataView(bytes.buffer).getUint32(length - 4, true);
  const end = length - 4 - restarts * 4;
  if (end < 0) throw new WireError('a block has more restarts than bytes');
  const pairs: Pair[] = [];
  let key: Uint8Array = new Uint8Array(0);
  for (let at = 0; at < end;) {
    const shared = varint(bytes, at, end);
    const rest = varint(bytes, shared.next, end);
    const value = varint(bytes, rest.next, end);
    const from = value.next + rest.value;
    if (shared.value > key.length || from + value.value > end || pairs.length > limits.maxEntries)
      throw new WireError('an entry of a block does not fit');
    key = Buffer.concat([key.subarray(0, shared.value), bytes.subarray(value.next, from)]);
    if (key.length > 64 * 1024) throw new WireError('a name is too long');
    at = from + value.value;
    pairs.push({ key, value: bytes.subarray(from, at) });
  }
  return pairs;
}

function handle(bytes: Uint8Array, at: number): { place: Extent; next: number } {
  const start = varint(bytes, at, bytes.length);
  const length = varint(bytes, start.next, bytes.length);
  return { place: { start: start.value, end: start.value + length.value }, next: length.next };
}

function varint(bytes: Uint8Array, at: number, end: number): { value: number; next: number } {
  let value = 0;
  let factor = 1;
  for (let next = at; next < Math.min(end, at + 10);) {
    const byte = bytes[next++] ?? 0;
    value += (byte & 0x7f) * factor;
    factor *= 128;
    if (byte < 0x80) return { value, next };
  }
  throw new WireError('a number is cut off');
}

function header(value: Uint8Array): number {
  let shards = 1;
  for (const field of within(value)) if (field.number === 1) shards = field.value;
  return shards;
}

function entry(key: Uint8Array, value: Uint8Array): TableEntry {
  const found = { type: 0, elements: 1, shard: 0, offset: 0, size: 0, sliced: false };
  for (const field of within(value))
    if (field.number === 1) found.type = field.value;
    else if (field.number === 2) found.elements = elements(value.subarray(field.start, field.end));
    else if (field.number === 3) found.shard = field.value;
    else if (field.number === 4) found.offset = field.value;
    else if (field.number === 5) found.size = field.value;
    else if (field.number === 7) found.sliced = true;
  return { key: Buffer.from(key).toString('latin1'), ...found };
}

function elements(shape: Uint8Array): number {
  let product = 1;
  for (const side of within(shape)) {
    if (side.number !== 2 || side.wire !== 2) continue;
    let length = 0;
    for (const field of within(shape.subarray(side.start, side.end))) if (field.number === 1) length = field.value;
    product *= length;
  }
  return product;
}

/** The fields of a message that is in memory. */
function within(bytes: Uint8Array) {
  const parser = new Wire(bytes.length, 10_000).fields({ start: 0, end: bytes.length });
  let step = parser.next();
  while (step.done !== true)
    step = parser.next(bytes.subarray(step.value.offset, step.value.offset + step.value.length));
  return step.value;
}
