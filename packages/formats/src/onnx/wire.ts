// A bounded walker over protobuf wire format: one field at a time, nothing decoded that is not asked for, large fields
// skipped by their length. The attacker controls every length and may nest or repeat without end, so fields are counted.
import type { Parser } from '../bytes/parser.js';
import { Window } from '../bytes/window.js';

export class WireError extends Error {}

export interface Field {
  readonly number: number;
  /** 0 varint, 1 eight bytes, 2 length and bytes, 5 four bytes. */
  readonly wire: number;
  /** The varint; for bytes their length. */
  readonly value: number;
  /** Where the bytes of the field start. */
  readonly start: number;
  readonly end: number;
}

export class WireReader {
  readonly #window: Window;
  #budget: number;

  constructor(size: number, maxFields: number) {
    this.#window = new Window(size);
    this.#budget = maxFields;
  }

  /** The field at `offset` of a message that ends at `end`. @throws WireError when it is none, or the budget is spent */
  *field(offset: number, end: number): Parser<Field> {
    this.#budget -= 1;
    if (this.#budget < 0) throw new WireError('it has more fields than are read');
    const head = yield* this.#window.take(offset, Math.min(20, end - offset));
    const key = varint(head, 0);
    const number = Math.floor(key.value / 8);
    const wire = key.value % 8;
    if (number === 0 || number > 0x1fffffff) throw new WireError(`field number ${number} is not allowed`);
    const after = offset + key.length;
    if (wire === 0) {
      const { value, length } = varint(head, key.length);
      return checked({ number, wire, value, start: after, end: after + length }, end);
    }
    if (wire === 1) return checked({ number, wire, value: 8, start: after, end: after + 8 }, end);
    if (wire === 5) return checked({ number, wire, value: 4, start: after, end: after + 4 }, end);
    if (wire !== 2) throw new WireError(`wire type ${wire} is not used by this format`);
    const { value, length } = varint(head, key.length);
    return checked({ number, wire, value, start: after + length, end: after + length + value }, end);
  }

  /** The bytes of a field, at most `limit` of them. */
  *bytes(field: Field, limit: number): Parser<Uint8Array> {
    return yield* this.#window.take(field.start, Math.min(limit, field.end - field.start));
  }

  *text(field: Field, limit = 4096): Parser<string> {
    if (field.wire !== 2) throw new WireError('a text is no text');
    const bytes = yield* this.bytes(field, limit);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  }
}

function checked(field: Field, end: number): Field {
  if (field.end > end) throw new WireError('a field reaches beyond its message');
  return field;
}

function varint(bytes: Uint8Array, at: number): { value: number; length: number } {
  let value = 0;
  let factor = 1;
  for (let i = 0; i < 10; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) throw new WireError('a number is cut off');
    value += (byte & 0x7f) * factor;
    factor *= 128;
    if (byte < 0x80) return { value, length: i + 1 };
  }
  throw new WireError('a number is too long');
}
