// The messages of an object header that matter here: how large a dataset is, where its bytes are, how they are packed,
// and where a link leads.
import type { Address, Cursor } from './file.js';
import { Damage } from './file.js';

export const MESSAGE = {
  dataspace: 0x01,
  linkInfo: 0x02,
  datatype: 0x03,
  link: 0x06,
  externalFiles: 0x07,
  layout: 0x08,
  filters: 0x0b,
  attribute: 0x0c,
  continuation: 0x10,
  symbolTable: 0x11,
  attributeInfo: 0x15,
} as const;

export interface Dataspace {
  readonly dims: readonly number[];
  /** Elements; 1 for a scalar, 0 for none. */
  readonly count: number;
}

export function readDataspace(cursor: Cursor): Dataspace {
  const version = cursor.number(1);
  const rank = cursor.number(1);
  if ((version !== 1 && version !== 2) || rank > 32) throw new Damage(`a dataspace of version ${version}`);
  cursor.skip(1);
  const kind = version === 2 ? cursor.number(1) : 1;
  if (version === 1) cursor.skip(5);
  const dims: number[] = [];
  for (let side = 0; side < rank; side++) dims.push(cursor.length());
  return { dims, count: version === 2 && kind === 2 ? 0 : dims.reduce((product, side) => product * side, 1) };
}

export type LinkTarget =
  | { readonly kind: 'hard'; readonly address: Address }
  | { readonly kind: 'soft'; readonly path: string }
  | { readonly kind: 'external'; readonly file: string; readonly path: string }
  | { readonly kind: 'user'; readonly type: number };

export interface LinkMessage {
  readonly name: string;
  readonly target: LinkTarget;
}

export function readLink(cursor: Cursor): LinkMessage {
  if (cursor.number(1) !== 1) throw new Damage('a link of an unknown version');
  const flags = cursor.number(1);
  const type = (flags & 8) === 0 ? 0 : cursor.number(1);
  if ((flags & 4) !== 0) cursor.skip(8);
  if ((flags & 16) !== 0) cursor.skip(1);
  const name = cursor.take(cursor.number(1 << (flags & 3))).toString('utf8');
  if (type === 0) return { name, target: { kind: 'hard', address: cursor.address() } };
  const length = cursor.number(2);
  if (type === 1) return { name, target: { kind: 'soft', path: cursor.take(length).toString('utf8') } };
  const value = cursor.take(length);
  if (type !== 64) return { name, target: { kind: 'user', type } };
  const [file = '', path = ''] = value.subarray(1).toString('utf8').split('\0');
  return { name, target: { kind: 'external', file, path } };
}

export type Layout =
  | { readonly kind: 'compact'; readonly bytes: Buffer }
  | { readonly kind: 'contiguous'; readonly address: Address; readonly length: number | undefined }
  | { readonly kind: 'virtual'; readonly address: Address; readonly index: number }
  | ChunkedLayout;

export interface ChunkedLayout {
  readonly kind: 'chunked';
  /** Sides of one chunk, in elements. */
  readonly chunk: readonly number[];
  readonly index: ChunkIndex;
  readonly address: Address;
}

export type ChunkIndex =
  | { readonly kind: 'tree-1' | 'implicit' | 'tree-2' | 'fixed' | 'extensible' }
  | { readonly kind: 'single'; readonly length: number | undefined; readonly mask: number };

export function readLayout(cursor: Cursor): Layout {
  const version = cursor.number(1);
  if (version === 1 || version === 2) return readOldLayout(cursor);
  if (version < 3 || version > 5) throw new Damage(`a layout of version ${version}`);
  const kind = cursor.number(1);
  if (kind === 0) return { kind: 'compact', bytes: cursor.take(cursor.number(2)) };
  if (kind === 1) return { kind: 'contiguous', address: cursor.address(), length: cursor.length() };
  if (kind === 3 && version >= 4) return { kind: 'virtual', address: cursor.address(), index: cursor.number(4) };
  if (kind !== 2) throw new Damage(`a layout of kind ${kind}`);
  if (version >= 4) return readChunked(cursor);
  const rank = cursor.number(1);
  const address = cursor.address();
  return { kind: 'chunked', chunk: sides(cursor, rank, 4), index: { kind: 'tree-1' }, address };
}

function readOldLayout(cursor: Cursor): Layout {
  const rank = cursor.number(1);
  const kind = cursor.number(1);
  cursor.skip(5);
  const address = kind === 0 ? undefined : cursor.address();
  if (kind === 0) {
    cursor.skip(4 * rank);
    return { kind: 'compact', bytes: cursor.take(cursor.number(4)) };
  }
  if (kind === 1) return { kind: 'contiguous', address, length: undefined };
  if (kind !== 2) throw new Damage(`a layout of kind ${kind}`);
  return { kind: 'chunked', chunk: sides(cursor, rank, 4), index: { kind: 'tree-1' }, address };
}

// The last side is the size of an element.
function sides(cursor: Cursor, rank: number, width: number): readonly number[] {
  if (rank < 1 || rank > 33) throw new Damage(`chunks with ${rank} sides`);
  const all: number[] = [];
  for (let side = 0; side < rank; side++) all.push(cursor.number(width));
  return all.slice(0, -1);
}

function readChunked(cursor: Cursor): Layout {
  const flags = cursor.number(1);
  const rank = cursor.number(1);
  const chunk = sides(cursor, rank, cursor.number(1));
  const type = cursor.number(1);
  const index = readIndex(cursor, type, flags);
  return { kind: 'chunked', chunk, index, address: cursor.address() };
}

function readIndex(cursor: Cursor, type: number, flags: number): ChunkIndex {
  switch (type) {
    case 1:
      return (flags & 2) === 0
        ? { kind: 'single', length: undefined, mask: 0 }
        : { kind: 'single', length: cursor.length(), mask: cursor.number(4) };
    case 2:
      return { kind: 'implicit' };
    case 3:
      cursor.skip(1);
      return { kind: 'fixed' };
    case 4:
      cursor.skip(5);
      return { kind: 'extensible' };
    case 5:
      cursor.skip(6);
      return { kind: 'tree-2' };
    default:
      throw new Damage(`chunks with an index of type ${type}`);
  }
}

export interface Filter {
  readonly id: number;
  readonly values: readonly number[];
}

export function readFilters(cursor: Cursor): readonly Filter[] {
  const version = cursor.number(1);
  const count = cursor.number(1);
  if (version !== 1 && version !== 2) throw new Damage(`filters of version ${version}`);
  if (version === 1) cursor.skip(6);
  const filters: Filter[] = [];
  for (let index = 0; index < count; index++) {
    const id = cursor.number(2);
    const nameLength = version === 1 || id >= 256 ? cursor.number(2) : 0;
    cursor.skip(2);
    const number = cursor.number(2);
    cursor.skip(version === 1 ? Math.ceil(nameLength / 8) * 8 : nameLength);
    const values: number[] = [];
    for (let at = 0; at < number; at++) values.push(cursor.number(4));
    if (version === 1 && number % 2 === 1) cursor.skip(4);
    filters.push({ id, values });
  }
  return filters;
}

export interface ExternalSlot {
  readonly name: number;
  readonly offset: number;
  readonly length: number;
}

export interface ExternalFiles {
  /** Of the local heap that holds the names. */
  readonly heap: Address;
  readonly slots: readonly ExternalSlot[];
}

export function readExternalFiles(cursor: Cursor): ExternalFiles {
  cursor.skip(6);
  const used = cursor.number(2);
  const heap = cursor.address();
  const slots: ExternalSlot[] = [];
  for (let index = 0; index < used; index++)
    slots.push({ name: cursor.length(), offset: cursor.length(), length: cursor.length() });
  return { heap, slots };
}
