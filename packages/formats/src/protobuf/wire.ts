// A bounded reader of protobuf wire format: the fields of one message at a time, nothing decoded that is not asked for,
// large fields skipped by their length. The attacker controls every length and may nest, repeat, add fields that no schema
// knows and use groups, which readers skip; so fields are counted, and groups are skipped as protobuf skips them.
import type { Parser } from '../bytes/parser.js';
import { Window } from '../bytes/window.js';

export class WireError extends Error {}

export const WIRE = { varint: 0, eight: 1, bytes: 2, group: 3, groupEnd: 4, four: 5 } as const;

/** Where a message or a value lies in the input. */
export interface Extent {
  readonly start: number;
  readonly end: number;
}

export interface Field extends Extent {
  readonly number: number;
  readonly wire: number;
  /** The varint, exact up to 2^53; for bytes their length. */
  readonly value: number;
  /** Where the key of the field starts. */
  readonly at: number;
}

/** Messages up to this size are read in one piece. */
const WHOLE = 64 * 1024;
const MAX_GROUP_DEPTH = 64;
const HEAD = 20;

export class Wire {
  readonly #window: Window;
  #budget: number;

  constructor(size: number, maxFields: number) {
    this.#window = new Window(size);
    this.#budget = maxFields;
  }

  /** All fields of a message that is not a huge list. @throws WireError when it is no message */
  *fields(message: Extent): Parser<readonly Field[]> {
    const fields: Field[] = [];
    if (message.end - message.start > WHOLE) {
      for (let at = message.start; at < message.end;) {
        const field = yield* this.field(at, message.end);
        if (field.wire !== WIRE.group) fields.push(field);
        at = field.end;
      }
      return fields;
    }
    const bytes = yield* this.#window.take(message.start, message.end - message.start);
    if (bytes.length < message.end - message.start) throw new WireError('a message reaches beyond the end');
    for (let at = 0; at < bytes.length;) {
      this.#spend();
      const field = decode(bytes, at, message.start, message.end);
      const end = field.wire === WIRE.group ? yield* this.#group(field, message.end) : field.end;
      if (field.wire !== WIRE.group) fields.push(field);
      at = end - message.start;
    }
    return fields;
  }

  /** The field at `offset` of a message that ends at `end`; of a group only its number and end matter. */
  *field(offset: number, end: number): Parser<Field> {
    this.#spend();
    const head = yield* this.#window.take(offset, Math.min(HEAD, end - offset));
    const field = decode(head, 0, offset, end);
    return field.wire === WIRE.group ? { ...field, end: yield* this.#group(field, end) } : field;
  }

  /** The bytes of a field, at most `limit` of them. */
  *bytes(field: Extent, limit: number): Parser<Uint8Array> {
    return yield* this.#window.take(field.start, Math.min(limit, field.end - field.start));
  }

  *text(field: Field, limit = 4096): Parser<string> {
    if (field.wire !== WIRE.bytes) throw new WireError('a text is no text');
    const bytes = yield* this.bytes(field, limit);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  }

  #spend(): void {
    this.#budget -= 1;
    if (this.#budget < 0) throw new WireError('it has more fields than are read');
  }

  /** Offset behind a group, whose fields nobody reads. */
  *#group(start: Field, end: number): Parser<number> {
    const open = [start.number];
    let at = start.end;
    while (open.length > 0) {
      this.#spend();
      const head = yield* this.#window.take(at, Math.min(HEAD, end - at));
      const field = decode(head, 0, at, end, true);
      if (field.wire === WIRE.group) open.push(field.number);
      else if (field.wire === WIRE.groupEnd && open.pop() !== field.number)
        throw new WireError('a group ends that has not begun');
      if (open.length > MAX_GROUP_DEPTH) throw new WireError('groups are nested too deep');
      at = field.end;
    }
    return at;
  }
}

/** @param base offset of `bytes[0]`; @param end offset of the end of the message; @param inside whether a group is open */
function decode(bytes: Uint8Array, at: number, base: number, end: number, inside = false): Field {
  const cursor = { at };
  const key = varint(bytes, cursor);
  const number = Math.floor(key / 8);
  const wire = key % 8;
  if (number === 0 || number > 0x1fffffff) throw new WireError(`field number ${number} is not allowed`);
  let value: number;
  let start = base + cursor.at;
  let after = start;
  if (wire === WIRE.bytes) {
    value = varint(bytes, cursor);
    start = base + cursor.at;
    after = start + value;
  } else if (wire === WIRE.varint) {
    value = varint(bytes, cursor);
    after = base + cursor.at;
  } else {
    if (wire > WIRE.four || (wire === WIRE.groupEnd && !inside))
      throw new WireError(`wire type ${wire} is not used by this format`);
    value = wire === WIRE.eight ? 8 : wire === WIRE.four ? 4 : 0;
    after = start + value;
  }
  if (after > end) throw new WireError('a field reaches beyond its message');
  return { number, wire, value, at: base + at, start, end: after };
}

/** Reads a number at the cursor and moves it behind. */
function varint(bytes: Uint8Array, cursor: { at: number }): number {
  let value = 0;
  let factor = 1;
  for (let i = 0; i < 10; i++) {
    const byte = bytes[cursor.at++];
    if (byte === undefined) throw new WireError('a number is cut off');
    if (byte < 0x80) return value + byte * factor;
    value += (byte & 0x7f) * factor;
    factor *= 128;
  }
  throw new WireError('a number is too long');
}

/** The first `limit` numbers of a packed field, and how many bytes they take. */
export function unpackVarints(bytes: Uint8Array, limit: number): { values: number[]; length: number } {
  const values: number[] = [];
  const cursor = { at: 0 };
  while (cursor.at < bytes.length && values.length < limit) values.push(varint(bytes, cursor));
  return { values, length: cursor.at };
}
