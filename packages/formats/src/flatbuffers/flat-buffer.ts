// A bounded reader of FlatBuffers. Every offset is the attacker's: tables may overlap, point backwards or at each other,
// and vectors may claim any length, so each access is checked against the file and counted. Loaders mostly skip those checks.
import type { Parser } from '../bytes/parser.js';

export class FlatBufferError extends Error {}

export interface Table {
  /** Offset of the table. */
  readonly at: number;
  /** Offsets of its fields in the file; 0 where a field is not there. */
  readonly fields: readonly number[];
}

export interface Vector {
  /** Offset of the first element. */
  readonly start: number;
  readonly length: number;
}

const PAGE = 64 * 1024;
const MAX_PAGES = 64;

export class FlatBuffer {
  readonly size: number;
  #budget: number;
  #reached = 0;
  readonly #pages = new Map<number, Uint8Array>();

  /** @param maxReads values that are read, over all tables */
  constructor(size: number, maxReads: number) {
    this.size = size;
    this.#budget = maxReads;
  }

  /** Offset behind everything that was read or is a vector that was found. */
  get reached(): number {
    return this.#reached;
  }

  /** Bytes of the file. @throws FlatBufferError when they are not all there */
  *bytes(at: number, length: number): Parser<Uint8Array> {
    this.#budget -= 1;
    if (this.#budget < 0) throw new FlatBufferError('it has more tables than are read');
    if (!(at >= 0 && length >= 0 && at + length <= this.size))
      throw new FlatBufferError('an offset leads beyond the end');
    this.#reached = Math.max(this.#reached, at + length);
    const page = Math.floor(at / PAGE);
    const from = at - page * PAGE;
    if (from + length > PAGE) return yield { offset: at, length };
    const known = this.#pages.get(page) ?? (yield* this.#load(page));
    return known.subarray(from, from + length);
  }

  *#load(page: number): Parser<Uint8Array> {
    // What was handed out may be reused by its owner, so a page is a copy.
    const bytes = (yield { offset: page * PAGE, length: Math.min(PAGE, this.size - page * PAGE) }).slice();
    if (this.#pages.size >= MAX_PAGES) this.#pages.delete(this.#pages.keys().next().value ?? page);
    this.#pages.set(page, bytes);
    return bytes;
  }

  *number(at: number, length: 1 | 2 | 4 | 8, signed = false): Parser<number> {
    const bytes = yield* this.bytes(at, length);
    const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (length === 1) return signed ? data.getInt8(0) : data.getUint8(0);
    if (length === 2) return signed ? data.getInt16(0, true) : data.getUint16(0, true);
    if (length === 4) return signed ? data.getInt32(0, true) : data.getUint32(0, true);
    return Number(signed ? data.getBigInt64(0, true) : data.getBigUint64(0, true));
  }

  *root(): Parser<Table> {
    return yield* this.table(yield* this.follow(0));
  }

  /** Where the offset at `at` points. */
  *follow(at: number): Parser<number> {
    const target = at + (yield* this.number(at, 4));
    if (target === at) throw new FlatBufferError('an offset points at itself');
    return target;
  }

  *table(at: number): Parser<Table> {
    const vtable = at - (yield* this.number(at, 4, true));
    const length = yield* this.number(vtable, 2);
    const inline = yield* this.number(vtable + 2, 2);
    if (length < 4 || length % 2 !== 0 || inline < 4) throw new FlatBufferError('a table has no valid list of fields');
    const fields: number[] = [];
    const bytes = yield* this.bytes(vtable + 4, length - 4);
    for (let index = 0; index < bytes.length; index += 2) {
      const offset = (bytes[index] ?? 0) + (bytes[index + 1] ?? 0) * 256;
      if (offset >= inline) throw new FlatBufferError('a field lies outside its table');
      fields.push(offset === 0 ? 0 : at + offset);
    }
    if (at + inline > this.size) throw new FlatBufferError('a table reaches beyond the end');
    this.#reached = Math.max(this.#reached, at + inline);
    return { at, fields };
  }

  /** A number of a table, or `other` where it is left out. */
  *scalar(table: Table, field: number, length: 1 | 2 | 4 | 8, signed = false, other = 0): Parser<number> {
    const at = table.fields[field] ?? 0;
    return at === 0 ? other : yield* this.number(at, length, signed);
  }

  *vector(table: Table, field: number, elementBytes: number): Parser<Vector | undefined> {
    const at = table.fields[field] ?? 0;
    if (at === 0) return undefined;
    return yield* this.vectorAt(yield* this.follow(at), elementBytes);
  }

  *vectorAt(at: number, elementBytes: number): Parser<Vector> {
    const length = yield* this.number(at, 4);
    if (at + 4 + length * elementBytes > this.size) throw new FlatBufferError('a list reaches beyond the end');
    this.#reached = Math.max(this.#reached, at + 4 + length * elementBytes);
    return { start: at + 4, length };
  }

  *text(table: Table, field: number, limit = 4096): Parser<string> {
    const at = table.fields[field] ?? 0;
    return at === 0 ? '' : yield* this.textAt(yield* this.follow(at), limit);
  }

  *textAt(at: number, limit: number): Parser<string> {
    const { start, length } = yield* this.vectorAt(at, 1);
    const bytes = yield* this.bytes(start, Math.min(length, limit));
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  }

  /** The tables of a vector of tables. @param limit tables that are read; more are a fault */
  *tables(table: Table, field: number, limit: number): Parser<readonly Table[]> {
    const vector = yield* this.vector(table, field, 4);
    if (vector === undefined) return [];
    if (vector.length > limit) throw new FlatBufferError('a list is longer than is read');
    const found: Table[] = [];
    for (let index = 0; index < vector.length; index++)
      found.push(yield* this.table(yield* this.follow(vector.start + index * 4)));
    return found;
  }

  /** Signed 32-bit numbers of a vector. */
  *integers(table: Table, field: number, limit: number): Parser<readonly number[]> {
    const vector = yield* this.vector(table, field, 4);
    if (vector === undefined) return [];
    if (vector.length > limit) throw new FlatBufferError('a list is longer than is read');
    const bytes = yield* this.bytes(vector.start, vector.length * 4);
    const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return Array.from({ length: vector.length }, (_, index) => data.getInt32(index * 4, true));
  }
}
