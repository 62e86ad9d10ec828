// Thrift's compact protocol, read where Parquet uses it: the footer and the headers of pages. Every length is checked
// against the bytes that are left, nesting is bounded, and what is not asked for is skipped.

/** The message says why the structure cannot be read. */
export class ThriftError extends Error {}

export const THRIFT = { true: 1, false: 2, binary: 8, list: 9, set: 10, map: 11, struct: 12 } as const;

const MAX_DEPTH = 32;

/** Reads the value of a field; false leaves it to be skipped. */
export type Field = (id: number, type: number) => boolean;

export class Thrift {
  readonly bytes: Uint8Array;
  pos: number;
  #depth = 0;

  constructor(bytes: Uint8Array, pos = 0) {
    this.bytes = bytes;
    this.pos = pos;
  }

  byte(): number {
    const value = this.bytes[this.pos];
    if (value === undefined) throw new ThriftError('it is cut off');
    this.pos += 1;
    return value;
  }

  /** @throws ThriftError beyond 2^53 */
  varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (value > Number.MAX_SAFE_INTEGER) throw new ThriftError('a number is larger than any size or count');
      if (byte < 128) return value;
      if (scale > 2 ** 49) throw new ThriftError('a number is longer than allowed');
    }
  }

  /** i16, i32 and i64 within 2^52. */
  integer(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** A view of the bytes. */
  binary(): Uint8Array {
    const length = this.varint();
    if (length > this.bytes.length - this.pos) throw new ThriftError('a text is longer than what is left');
    this.pos += length;
    return this.bytes.subarray(this.pos - length, this.pos);
  }

  text(): string {
    const { buffer, byteOffset, length } = this.binary();
    return Buffer.from(buffer, byteOffset, length).toString('utf8');
  }

  struct(field: Field): void {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw new ThriftError('it is nested deeper than allowed');
    for (let id = 0; ;) {
      const head = this.byte();
      if (head === 0) break;
      const type = head & 15;
      id = head >> 4 === 0 ? this.integer() : id + (head >> 4);
      if (!field(id, type)) this.skip(type);
    }
    this.#depth -= 1;
  }

  /** @param limit more elements are a fault */
  list(limit: number, element: (type: number) => void): void {
    const head = this.byte();
    const count = head >> 4 === 15 ? this.varint() : head >> 4;
    // An element takes a byte at least.
    if (count > limit || count > this.bytes.length - this.pos) throw new ThriftError('a list is longer than allowed');
    for (let i = 0; i < count; i++) element(head & 15);
  }

  skip(type: number): void {
    if (type === THRIFT.true || type === THRIFT.false) return;
    if (type === 3) this.pos += 1;
    else if (type >= 4 && type <= 6) {
      while (this.byte() >= 128);
    } else if (type === 7) this.pos += 8;
    else if (type === THRIFT.binary) this.binary();
    else if (type === THRIFT.struct) this.struct(() => false);
    else if (type === THRIFT.list || type === THRIFT.set) {
      this.#depth += 1;
      if (this.#depth > MAX_DEPTH) throw new ThriftError('it is nested deeper than allowed');
      this.list(Infinity, (element) => this.#skipElement(element));
      this.#depth -= 1;
    } else if (type === THRIFT.map) this.#skipMap();
    else throw new ThriftError('a field has no known type');
  }

  #skipMap(): void {
    const count = this.varint();
    if (count > this.bytes.length - this.pos) throw new ThriftError('a map is longer than what is left');
    if (count === 0) return;
    const types = this.byte();
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw new ThriftError('it is nested deeper than allowed');
    for (let i = 0; i < count; i++) {
      this.#skipElement(types >> 4);
      this.#skipElement(types & 15);
    }
    this.#depth -= 1;
  }

  /** A boolean has a byte of its own where it is no field. */
  #skipElement(type: number): void {
    if (type === THRIFT.true || type === THRIFT.false) this.byte();
    else this.skip(type);
  }
}
