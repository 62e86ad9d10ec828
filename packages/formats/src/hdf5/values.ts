// The values that can carry something for a loader to act on: texts, opaque bytes and arrays of single bytes. Numbers are
// left alone.
import type { Parser } from '../bytes/parser.js';
import type { Datatype } from './datatype.js';
import type { Hdf5File } from './file.js';
import { Cursor, Damage } from './file.js';
import type { GlobalHeaps } from './heaps.js';

/**
 * `text`: each element is a text. `opaque`: each element is a run of bytes. `bytes`: all elements together are one run of
 * bytes, which may be no more than numbers.
 */
export type CarrierKind = 'text' | 'opaque' | 'bytes';

/** Some bytes: where they stand in the file, or the bytes themselves where they had to be unpacked. */
export type Piece = { readonly offset: number; readonly length: number } | { readonly bytes: Buffer };

/** Undefined for numbers and whatever else a loader takes for nothing but data. */
export function carrierOf(type: Datatype): CarrierKind | undefined {
  switch (type.class) {
    case 'string':
    case 'text':
      return 'text';
    case 'opaque':
      return 'opaque';
    case 'sequence':
      return type.base !== undefined && isByte(type.base) ? 'opaque' : undefined;
    case 'array':
      return type.base !== undefined && isByte(type.base) ? 'opaque' : undefined;
    default:
      return isByte(type) ? 'bytes' : undefined;
  }
}

function isByte({ class: name, size }: Datatype): boolean {
  return size === 1 && (name === 'integer' || name === 'bits' || name === 'opaque' || name === 'string');
}

export function isVariable({ class: name }: Datatype): boolean {
  return name === 'sequence' || name === 'text';
}

/** Where the value of variable length behind one reference stands; undefined for an empty one. */
export function* follow(
  file: Hdf5File,
  heaps: GlobalHeaps,
  cursor: Cursor,
): Parser<{ readonly offset: number; readonly length: number } | undefined> {
  file.step();
  const count = cursor.number(4);
  const address = cursor.address();
  const index = cursor.number(4);
  // Elements that were never written are all zero.
  if (count === 0 || address === undefined || address === file.base) return undefined;
  const { offset, length } = yield* heaps.find(address, index);
  return { offset, length: Math.min(count, length) };
}

/** The elements of some raw data, in the order in which they stand. */
export function* elements(
  file: Hdf5File,
  heaps: GlobalHeaps,
  type: Datatype,
  count: number,
  data: Piece,
): Parser<readonly Piece[]> {
  const pieces: Piece[] = [];
  const total = 'bytes' in data ? data.bytes.length : data.length;
  if (type.size < 1) throw new Damage('an element has no bytes');
  if (carrierOf(type) === 'bytes') return [part(data, 0, Math.min(total, count * type.size))];
  for (let index = 0; index < count && (index + 1) * type.size <= total; index++) {
    file.step();
    const element = part(data, index * type.size, type.size);
    if (!isVariable(type)) {
      pieces.push(element);
      continue;
    }
    const bytes = 'bytes' in element ? element.bytes : yield* file.bytes(element.offset, element.length);
    const found = yield* follow(file, heaps, new Cursor(file, bytes));
    if (found !== undefined) pieces.push(found);
  }
  return pieces;
}

function part(data: Piece, at: number, length: number): Piece {
  return 'bytes' in data ? { bytes: data.bytes.subarray(at, at + length) } : { offset: data.offset + at, length };
}
