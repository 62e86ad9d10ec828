// The chunks of a dataset, found through its index and unpacked as far as the common filters go. Only datasets whose
// elements can carry something are unpacked.
import { inflateSync } from 'node:zlib';
import type { Parser } from '../bytes/parser.js';
import type { Indexed } from './chunk-arrays.js';
import { readExtensibleArray, readFixedArray } from './chunk-arrays.js';
import type { Hdf5File } from './file.js';
import { Cursor, Damage } from './file.js';
import type { ChunkedLayout, Filter } from './messages.js';
import { readTree1, readTree2 } from './trees.js';
import type { Piece } from './values.js';

export interface Chunk {
  readonly offset: number;
  readonly length: number;
  /** Filters that were left out, by bit. */
  readonly mask: number;
}

const DEFLATE = 1;
const SHUFFLE = 2;
const FLETCHER = 3;

/** The chunks, or the first `most` and some more. */
export function* readChunks(
  file: Hdf5File,
  layout: ChunkedLayout,
  dims: readonly number[],
  elementSize: number,
  most: number,
): Parser<readonly Chunk[]> {
  const { index, address, chunk } = layout;
  if (address === undefined) return [];
  const length = chunk.reduce((product, side) => product * side, elementSize);
  if (index.kind === 'single') return [{ offset: address, length: index.length ?? length, mask: index.mask }];
  if (index.kind === 'tree-1') {
    const chunks: Chunk[] = [];
    for (const { key, child } of yield* readTree1(file, address, 1, 8 + 8 * (chunk.length + 1), most))
      if (child !== undefined) chunks.push({ offset: child, length: key.readUInt32LE(0), mask: key.readUInt32LE(4) });
    return chunks;
  }
  if (index.kind !== 'implicit') {
    const entries = yield* readIndex(file, index.kind, address, chunk.length, most);
    return entries.flatMap(({ address: offset, length: stored, mask }) =>
      offset === undefined ? [] : [{ offset, length: stored ?? length, mask }],
    );
  }
  const count = dims.reduce((product, side, at) => product * Math.ceil(side / (chunk[at] ?? 1)), 1);
  const chunks: Chunk[] = [];
  for (let at = 0; at < count && at <= most; at++) {
    file.step();
    chunks.push({ offset: address + at * length, length, mask: 0 });
  }
  return chunks;
}

function* readIndex(
  file: Hdf5File,
  kind: 'fixed' | 'extensible' | 'tree-2',
  address: number,
  rank: number,
  most: number,
): Parser<readonly Indexed[]> {
  if (kind === 'fixed') return yield* readFixedArray(file, address, most);
  if (kind === 'extensible') return yield* readExtensibleArray(file, address, most);
  const entries: Indexed[] = [];
  for (const record of yield* readTree2(file, address, most)) {
    const cursor = new Cursor(file, record);
    const offset = cursor.address();
    // Filtered chunks have a size and a mask between their address and their place.
    const extra = record.length - file.offsetSize - 8 * rank;
    if (extra < 0) throw new Damage('a chunk has no place');
    const stored = extra >= 5 ? cursor.number(extra - 4) : undefined;
    entries.push({ address: offset, length: stored, mask: stored === undefined ? 0 : cursor.number(4) });
  }
  return entries;
}

/** @throws Damage for a filter that is not known here */
export function* unpack(file: Hdf5File, chunk: Chunk, filters: readonly Filter[], maxBytes: number): Parser<Piece> {
  const used = filters.filter((_, index) => (chunk.mask & (1 << index)) === 0);
  if (used.length === 0) return { offset: chunk.offset, length: chunk.length };
  if (chunk.length > maxBytes) throw new Damage(`a chunk of ${chunk.length} bytes`);
  let bytes = yield* file.bytes(chunk.offset, chunk.length);
  for (const filter of [...used].reverse()) bytes = undo(filter, bytes, maxBytes);
  return { bytes };
}

function undo({ id, values }: Filter, bytes: Buffer, maxBytes: number): Buffer {
  if (id === FLETCHER) return bytes.subarray(0, Math.max(0, bytes.length - 4));
  if (id === SHUFFLE) return unshuffle(bytes, values[0] ?? 1);
  if (id !== DEFLATE) throw new Damage(`chunks are packed with filter ${id}`);
  try {
    return inflateSync(bytes, { maxOutputLength: maxBytes });
  } catch {
    throw new Damage('a chunk does not unpack, or to too much');
  }
}

function unshuffle(bytes: Buffer, width: number): Buffer {
  if (width <= 1 || bytes.length < width) return bytes;
  const count = Math.floor(bytes.length / width);
  const whole = Buffer.from(bytes);
  for (let at = 0; at < width; at++)
    for (let index = 0; index < count; index++) whole[index * width + at] = bytes[at * count + index] ?? 0;
  return whole;
}
