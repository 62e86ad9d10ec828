// How the HDF5 reader gets at its bytes: pages that are kept for a while, numbers as wide as the file says, and a count of
// the work. Every address and length belongs to the attacker: nothing is read past the end, and a structure that does not
// hold together is `Damage`, which ends the reading of one object and never of the scan.
import type { Parser } from '../bytes/parser.js';

const PAGE = 4096;
const PAGES = 512;
/** Bytes of one structure or chunk. */
const MAX_PIECE = 64 * 1024 * 1024;

/** A structure that cannot be read; what holds it is told as not read. */
export class Damage extends Error {}

/** The limits are used up: nothing more is read. */
export class Exhausted extends Error {}

/** `undefined` stands for the address of nothing. */
export type Address = number | undefined;

/** A reader of one structure: numbers are little-endian. */
export class Cursor {
  readonly bytes: Buffer;
  at: number;
  readonly #file: Hdf5File;

  constructor(file: Hdf5File, bytes: Uint8Array, at = 0) {
    this.#file = file;
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  take(length: number): Buffer {
    if (!(length >= 0 && this.at + length <= this.bytes.length)) throw new Damage('a structure ends too early');
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  skip(length: number): this {
    this.take(length);
    return this;
  }

  /** Above 2^53 it is not exact, and then it is past the end of any file anyway. */
  number(width: number): number {
    const bytes = this.take(width);
    let value = 0;
    for (let index = width - 1; index >= 0; index--) value = value * 256 + (bytes[index] ?? 0);
    return value;
  }

  length(): number {
    return this.number(this.#file.lengthSize);
  }

  /** Where in the file; the file's own addresses count from the superblock. */
  address(): Address {
    const bytes = this.take(this.#file.offsetSize);
    if (bytes.every((byte) => byte === 0xff)) return undefined;
    let value = 0;
    for (let index = bytes.length - 1; index >= 0; index--) value = value * 256 + (bytes[index] ?? 0);
    return value + this.#file.base;
  }

  expect(signature: string): this {
    if (this.take(signature.length).toString('latin1') !== signature) throw new Damage(`${signature} is missing`);
    return this;
  }

  /** Text up to a zero byte, or to the end. */
  text(): string {
    const end = this.bytes.indexOf(0, this.at);
    const stop = end < 0 ? this.bytes.length : end;
    const text = this.bytes.toString('utf8', this.at, stop);
    this.at = Math.min(this.bytes.length, stop + 1);
    return text;
  }
}

export class Hdf5File {
  readonly size: number;
  base = 0;
  offsetSize = 8;
  lengthSize = 8;
  readonly #maxWork: number;
  #work = 0;
  readonly #pages = new Map<number, Buffer>();

  constructor(size: number, maxWork: number) {
    this.size = size;
    this.#maxWork = maxWork;
  }

  /** Counts one step of work. */
  step(steps = 1): void {
    this.#work += steps;
    if (this.#work > this.#maxWork) throw new Exhausted(`it takes more than ${this.#maxWork} steps to read`);
  }

  /** Exactly `length` bytes from `offset`. */
  *bytes(offset: Address, length: number): Parser<Buffer> {
    this.step(1 + length / PAGE);
    if (offset === undefined) throw new Damage('an address is missing');
    if (!(length >= 0 && offset >= 0 && offset + length <= this.size))
      throw new Damage(`${length} bytes at ${offset} lie outside the file`);
    if (length > MAX_PIECE) throw new Damage(`a structure of ${length} bytes`);
    if (length > 16 * PAGE) {
      const read = yield { offset, length };
      if (read.length < length) throw new Damage('the file ends too early');
      return Buffer.from(read.buffer, read.byteOffset, length);
    }
    const first = Math.floor(offset / PAGE);
    const last = Math.floor((offset + Math.max(1, length) - 1) / PAGE);
    const parts: Buffer[] = [];
    for (let page = first; page <= last; page++) parts.push(yield* this.#page(page));
    const whole = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
    const from = offset - first * PAGE;
    if (from + length > whole.length) throw new Damage('the file ends too early');
    return whole.subarray(from, from + length);
  }

  *cursor(offset: Address, length: number): Parser<Cursor> {
    return new Cursor(this, yield* this.bytes(offset, length));
  }

  /** As many of `length` bytes as there are. */
  *upTo(offset: Address, length: number): Parser<Cursor> {
    if (offset === undefined || !(offset >= 0 && offset < this.size))
      throw new Damage(`the address ${offset ?? 'of nothing'} lies outside the file`);
    return yield* this.cursor(offset, Math.min(length, this.size - offset));
  }

  *#page(page: number): Parser<Buffer> {
    const kept = this.#pages.get(page);
    if (kept !== undefined) return kept;
    const read = yield { offset: page * PAGE, length: Math.min(PAGE, this.size - page * PAGE) };
    const bytes = Buffer.from(read.buffer, read.byteOffset, read.byteLength);
    if (this.#pages.size >= PAGES) this.#pages.delete(this.#pages.keys().next().value ?? 0);
    this.#pages.set(page, bytes);
    return bytes;
  }
}
