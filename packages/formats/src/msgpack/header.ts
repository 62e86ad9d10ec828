// The first bytes of one MessagePack value: its kind, and its length or count. Layout: spec.md of MessagePack.
import type { Cursor } from '../bytes/cursor.js';
import { CursorError } from '../bytes/cursor.js';

/** `length` is bytes for texts, byte strings and extensions, and values for lists and maps (two for each entry). */
export type Header =
  | { readonly kind: 'plain'; readonly value: number | bigint | boolean | null }
  | { readonly kind: 'text' | 'bytes' | 'list' | 'map'; readonly length: number }
  | { readonly kind: 'extension'; readonly length: number; readonly type: number };

/** Bytes that a header has at most. */
export const MAX_HEADER = 9;

const NIL: Header = { kind: 'plain', value: null };
const FALSE: Header = { kind: 'plain', value: false };
const TRUE: Header = { kind: 'plain', value: true };

/** @param cursor holds the header, or what is left of the input */
export function readHeader(cursor: Cursor): Header {
  const tag = cursor.byte();
  if (tag <= 0x7f) return { kind: 'plain', value: tag };
  if (tag <= 0x8f) return { kind: 'map', length: (tag & 15) * 2 };
  if (tag <= 0x9f) return { kind: 'list', length: tag & 15 };
  if (tag <= 0xbf) return { kind: 'text', length: tag & 31 };
  if (tag >= 0xe0) return { kind: 'plain', value: tag - 256 };
  return wide(cursor, tag);
}

function wide(cursor: Cursor, tag: number): Header {
  switch (tag) {
    case 0xc0:
      return NIL;
    case 0xc2:
      return FALSE;
    case 0xc3:
      return TRUE;
    case 0xc4:
    case 0xc5:
    case 0xc6:
      return { kind: 'bytes', length: unsigned(cursor, tag - 0xc4) };
    case 0xc7:
    case 0xc8:
    case 0xc9: {
      const length = unsigned(cursor, tag - 0xc7);
      return { kind: 'extension', length, type: cursor.take(1).readInt8() };
    }
    case 0xca:
      return { kind: 'plain', value: cursor.take(4).readFloatBE() };
    case 0xcb:
      return { kind: 'plain', value: cursor.take(8).readDoubleBE() };
    case 0xcc:
    case 0xcd:
    case 0xce:
      return { kind: 'plain', value: unsigned(cursor, tag - 0xcc) };
    case 0xcf:
      return { kind: 'plain', value: cursor.take(8).readBigUInt64BE() };
    case 0xd0:
      return { kind: 'plain', value: cursor.take(1).readInt8() };
    case 0xd1:
      return { kind: 'plain', value: cursor.take(2).readInt16BE() };
    case 0xd2:
      return { kind: 'plain', value: cursor.take(4).readInt32BE() };
    case 0xd3:
      return { kind: 'plain', value: cursor.take(8).readBigInt64BE() };
    case 0xd4:
    case 0xd5:
    case 0xd6:
    case 0xd7:
    case 0xd8:
      return { kind: 'extension', length: 2 ** (tag - 0xd4), type: cursor.take(1).readInt8() };
    case 0xd9:
    case 0xda:
    case 0xdb:
      return { kind: 'text', length: unsigned(cursor, tag - 0xd9) };
    case 0xdc:
    case 0xdd:
      return { kind: 'list', length: unsigned(cursor, tag - 0xdc + 1) };
    case 0xde:
    case 0xdf:
      return { kind: 'map', length: unsigned(cursor, tag - 0xde + 1) * 2 };
    default:
      throw new CursorError(`the byte 0x${tag.toString(16)} starts no value, at offset ${cursor.at - 1}`);
  }
}

/** An unsigned number of 1, 2 or 4 bytes. */
function unsigned(cursor: Cursor, power: number): number {
  return cursor.take(2 ** power).readUIntBE(0, 2 ** power);
}
