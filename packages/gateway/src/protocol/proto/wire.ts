// Protobuf's wire format, read strictly and at once from a whole message: groups, overlong numbers and lengths beyond the end
// are refused. A caller controls every byte. Source: the Protocol Buffers documentation, "Encoding".
import { isUtf8 } from 'node:buffer';

/** A message that is refused; caught where the message came in, never beyond. */
export class ProtoFault extends Error {}

export const VARINT = 0;
export const EIGHT = 1;
export const BYTES = 2;
export const FOUR = 5;

export interface ProtoField {
  readonly number: number;
  readonly wire: number;
  /** Signed value of a varint as the nearest double; of other fields 0. */
  readonly value: number;
  /** The varint as it was written, unsigned. */
  readonly wide: bigint;
  /** Content of a field of bytes, or of 4 or 8 bytes. */
  readonly bytes: Buffer;
  /** The field with its key. */
  readonly whole: Buffer;
}

const NOTHING = Buffer.alloc(0);
const MOST_FIELD_NUMBER = 0x1fffffff;

/** @throws ProtoFault */
export function readFields(message: Buffer, visit: (field: ProtoField) => void): void {
  const cursor = { at: 0 };
  while (cursor.at < message.length) {
    const start = cursor.at;
    const key = readVarint(message, cursor);
    const number = Math.floor(Number(key) / 8);
    const wire = Number(key) % 8;
    if (number === 0 || number > MOST_FIELD_NUMBER) throw new ProtoFault('a field number is out of range');
    let wide = 0n;
    let bytes: Buffer = NOTHING;
    if (wire === VARINT) wide = BigInt(readVarint(message, cursor));
    else {
      const length = wire === BYTES ? Number(readVarint(message, cursor)) : wire === EIGHT ? 8 : wire === FOUR ? 4 : -1;
      if (length < 0) throw new ProtoFault('a field has a wire type that is not used');
      if (length > message.length - cursor.at) throw new ProtoFault('a field reaches beyond its message');
      bytes = message.subarray(cursor.at, cursor.at + length);
      cursor.at += length;
    }
    const value = wire === VARINT ? Number(BigInt.asIntN(64, wide)) : 0;
    visit({ number, wire, value, wide, bytes, whole: message.subarray(start, cursor.at) });
  }
}

/** Unsigned; a plain number below 2^49, which is nearly always. */
export function readVarint(bytes: Buffer, cursor: { at: number }): number | bigint {
  let value = 0;
  let factor = 1;
  for (let i = 0; i < 7; i++) {
    const byte = bytes[cursor.at++];
    if (byte === undefined) throw new ProtoFault('a number is cut off');
    if (byte < 0x80) return value + byte * factor;
    value += (byte & 0x7f) * factor;
    factor *= 128;
  }
  let wide = BigInt(value);
  for (let shift = 49n; shift <= 63n; shift += 7n) {
    const byte = bytes[cursor.at++];
    if (byte === undefined) throw new ProtoFault('a number is cut off');
    if (shift === 63n && byte > 1) break;
    wide |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return wide;
  }
  throw new ProtoFault('a number has more than 64 bits');
}

/** UTF-8, as proto3 demands of a string. @throws ProtoFault */
export function textOf({ wire, bytes }: ProtoField): string {
  if (wire !== BYTES || !isUtf8(bytes)) throw new ProtoFault('a text is no UTF-8');
  return bytes.toString('utf8');
}

/** @param value an integer; negative ones take ten bytes */
export function varint(value: number | bigint): Buffer {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}

/** A field of bytes with its key and length. */
export function bytesField(number: number, content: Buffer): Buffer {
  return Buffer.concat([varint(number * 8 + BYTES), varint(content.length), content]);
}

/** Empty texts are left out, as proto3 does. */
export function textField(number: number, text: string): Buffer {
  return text === '' ? NOTHING : bytesField(number, Buffer.from(text));
}
