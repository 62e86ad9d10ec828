// The messages of an Arrow stream (Message.fbs, File.fbs): schema, dictionaries, batches of rows, and the footer of a file.
import type { Parser } from '../bytes/parser.js';
import { parseBytes } from '../bytes/parser.js';
import { brokenTable } from '../columnar/fault.js';
import type { Table as FlatTable } from '../flatbuffers/flat-buffer.js';
import { FlatBuffer, FlatBufferError } from '../flatbuffers/flat-buffer.js';
import type { Schema } from './schema.js';
import { readSchema } from './schema.js';

const MAX_PARTS = 2 ** 22;
/** From here on a union has no bitmap of its own. */
const VERSION_5 = 4;

export interface Extent {
  readonly offset: number;
  readonly length: number;
}

export interface RecordBatch {
  readonly rows: number;
  /** Length and missing values of each field, parents before their children. */
  readonly nodes: Float64Array;
  /** Offset in the body and length of each buffer. */
  readonly buffers: Float64Array;
  readonly compression: 'none' | 'lz4' | 'zstd' | 'unknown';
  readonly variadic: Float64Array;
  readonly unionHasValidity: boolean;
}

export type Message = { readonly bodyLength: number } & (
  | { readonly kind: 'schema'; readonly schema: Schema }
  | { readonly kind: 'dictionary'; readonly id: number; readonly delta: boolean; readonly batch: RecordBatch }
  | { readonly kind: 'rows'; readonly batch: RecordBatch }
  | { readonly kind: 'other' }
);

export interface ArrowFooter {
  readonly schema: Schema;
  readonly dictionaries: readonly Extent[];
  readonly batches: readonly Extent[];
}

/** @throws VallumError `TABLE_BROKEN` */
export function readMessage(bytes: Uint8Array): Message {
  return parse(bytes, 'a message', function* (flat, root): Parser<Message> {
    const version = yield* flat.scalar(root, 0, 2);
    const type = yield* flat.scalar(root, 1, 1);
    const bodyLength = yield* flat.scalar(root, 3, 8, true);
    const headerAt = root.fields[2] ?? 0;
    if (headerAt === 0 || bodyLength < 0) throw new FlatBufferError('a message has no header');
    const header = yield* flat.table(yield* flat.follow(headerAt));
    if (type === 1) return { kind: 'schema', bodyLength, schema: yield* readSchema(flat, header) };
    if (type === 3) return { kind: 'rows', bodyLength, batch: yield* readBatch(flat, header, version) };
    if (type !== 2) return { kind: 'other', bodyLength };
    const id = yield* flat.scalar(header, 0, 8, true);
    const delta = (yield* flat.scalar(header, 2, 1)) !== 0;
    const dataAt = header.fields[1] ?? 0;
    if (dataAt === 0) throw new FlatBufferError('a dictionary has no values');
    const data = yield* flat.table(yield* flat.follow(dataAt));
    return { kind: 'dictionary', bodyLength, id, delta, batch: yield* readBatch(flat, data, version) };
  });
}

/** @throws VallumError `TABLE_BROKEN` */
export function readArrowFooter(bytes: Uint8Array): ArrowFooter {
  return parse(bytes, 'the footer', function* (flat, root): Parser<ArrowFooter> {
    const schemaAt = root.fields[1] ?? 0;
    if (schemaAt === 0) throw new FlatBufferError('there is no schema');
    const schema = yield* readSchema(flat, yield* flat.table(yield* flat.follow(schemaAt)));
    return { schema, dictionaries: yield* readBlocks(flat, root, 2), batches: yield* readBlocks(flat, root, 3) };
  });
}

function parse<T>(bytes: Uint8Array, what: string, read: (flat: FlatBuffer, root: FlatTable) => Parser<T>): T {
  // Tables may share their bytes, so what is read is bounded by the bytes and not by the tree.
  const flat = new FlatBuffer(bytes.length, bytes.length * 4 + 1000);
  try {
    return parseBytes(
      (function* () {
        return yield* read(flat, yield* flat.root());
      })(),
      bytes,
    );
  } catch (error) {
    if (error instanceof FlatBufferError) throw brokenTable(`${what} cannot be read: ${error.message}`, error);
    throw error;
  }
}

const COMPRESSIONS = ['lz4', 'zstd'] as const;

function* readBatch(flat: FlatBuffer, table: FlatTable, version: number): Parser<RecordBatch> {
  const rows = yield* flat.scalar(table, 0, 8, true);
  const nodes = yield* longs(flat, table, 1, 2);
  const buffers = yield* longs(flat, table, 2, 2);
  const packedAt = table.fields[3] ?? 0;
  let compression: RecordBatch['compression'] = 'none';
  if (packedAt !== 0) {
    const packed = yield* flat.table(yield* flat.follow(packedAt));
    const method = yield* flat.scalar(packed, 1, 1);
    compression = method === 0 ? (COMPRESSIONS[yield* flat.scalar(packed, 0, 1)] ?? 'unknown') : 'unknown';
  }
  const variadic = yield* longs(flat, table, 4, 1);
  if (!(rows >= 0 && Number.isSafeInteger(rows))) throw new FlatBufferError('a batch has no valid number of rows');
  return { rows, nodes, buffers, compression, variadic, unionHasValidity: version < VERSION_5 };
}

/** A vector of structures of 64-bit numbers. @param each numbers of one structure */
function* longs(flat: FlatBuffer, table: FlatTable, field: number, each: number): Parser<Float64Array> {
  const vector = yield* flat.vector(table, field, each * 8);
  if (vector === undefined) return new Float64Array(0);
  if (vector.length > MAX_PARTS) throw new FlatBufferError('a list is longer than is read');
  const count = vector.length * each;
  const bytes = yield* flat.bytes(vector.start, count * 8);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float64Array.from({ length: count }, (_, i) => Number(view.getBigInt64(i * 8, true)));
}

function* readBlocks(flat: FlatBuffer, table: FlatTable, field: number): Parser<readonly Extent[]> {
  const words = yield* longs(flat, table, field, 3);
  const blocks: Extent[] = [];
  for (let at = 0; at < words.length; at += 3) {
    // The middle one has 32 bits of the length of the message, and padding.
    const head = Number(BigInt.asIntN(32, BigInt(words[at + 1]!)));
    blocks.push({ offset: words[at]!, length: head + words[at + 2]! });
  }
  return blocks;
}
