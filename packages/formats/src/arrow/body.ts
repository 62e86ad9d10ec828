// The buffers behind a message: read as they are needed, or unpacked whole where they are compressed. Offsets, lengths and
// unpacked lengths are the attacker's.
import type { Source } from '../bytes/parser.js';
import { Account } from '../columnar/budget.js';
import type { Budget } from '../columnar/budget.js';
import { brokenTable, unsupportedTable } from '../columnar/fault.js';
import { unpackLz4 } from '../compress/lz4.js';
import { unpackBytes } from '../compress/unpacker.js';
import { zstdInto } from '../compress/zstd.js';
import { tableError } from '../table/errors.js';
import type { Extent, RecordBatch } from './messages.js';

/** Unpacked bytes that one packed byte can become at most. */
const RATIO = { lz4: 256, zstd: 2 ** 16 } as const;
const PREFIX = 8;

export class Body {
  readonly #source: Source;
  readonly #extent: Extent;
  readonly #batch: RecordBatch;
  readonly #account: Account;
  readonly #whole = new Map<number, Uint8Array>();

  constructor(source: Source, extent: Extent, batch: RecordBatch, budget: Budget) {
    this.#source = source;
    this.#extent = extent;
    this.#batch = batch;
    this.#account = new Account(budget);
  }

  /** Nothing of it is used any more. */
  release(): void {
    this.#whole.clear();
    this.#account.release();
  }

  /** Bytes of a buffer in the file. */
  packed(buffer: number): number {
    const length = this.#batch.buffers[buffer * 2 + 1] ?? -1;
    const offset = this.#batch.buffers[buffer * 2] ?? -1;
    if (!(offset >= 0 && length >= 0 && offset + length <= this.#extent.length))
      throw brokenTable('a buffer lies outside of its message');
    return length;
  }

  /** `length` bytes of a buffer from `from` on, in memory that stays. @throws VallumError `TABLE_*` */
  async slice(buffer: number, from: number, length: number): Promise<Uint8Array> {
    if (length === 0) return new Uint8Array(0);
    const packed = this.packed(buffer);
    if (this.#batch.compression !== 'none') {
      const whole = await this.all(buffer);
      if (!(from >= 0 && from + length <= whole.length)) throw shorter();
      return whole.subarray(from, from + length);
    }
    if (!(from >= 0 && from + length <= packed)) throw shorter();
    return this.#read(this.#batch.buffers[buffer * 2]! + from, length);
  }

  /** A whole buffer, kept until the body is released. */
  async all(buffer: number): Promise<Uint8Array> {
    const known = this.#whole.get(buffer);
    if (known !== undefined) return known;
    const packed = this.packed(buffer);
    this.#account.take(packed);
    const bytes = await this.#read(this.#batch.buffers[buffer * 2]!, packed);
    const whole = this.#batch.compression === 'none' ? bytes : this.#unpack(bytes);
    this.#whole.set(buffer, whole);
    return whole;
  }

  async #read(offset: number, length: number): Promise<Uint8Array> {
    const at = this.#extent.offset + offset;
    const bytes = await this.#source.read(at, length);
    if (bytes.length !== length)
      throw tableError('TABLE_CHANGED', `it ends at byte ${at + bytes.length}`, 'read it while nobody writes');
    // What was read may be used again by its owner.
    return Uint8Array.prototype.slice.call(bytes);
  }

  #unpack(bytes: Uint8Array): Uint8Array {
    const { compression } = this.#batch;
    if (compression === 'none' || bytes.length === 0) return bytes;
    if (compression === 'unknown')
      throw unsupportedTable('it is packed with a codec that is not read', 'write it with zstd or lz4');
    if (bytes.length < PREFIX) throw brokenTable('a packed buffer is cut off');
    const size = Number(new DataView(bytes.buffer, bytes.byteOffset, PREFIX).getBigInt64(0, true));
    const rest = bytes.subarray(PREFIX);
    if (size === -1) return rest;
    if (!(size >= 0 && size <= rest.length * RATIO[compression]))
      throw brokenTable('a packed buffer cannot have the size that it says');
    this.#account.take(size);
    if (compression === 'zstd') {
      const out = new Uint8Array(size);
      if (zstdInto(rest, out) !== size) throw brokenTable('a buffer cannot be unpacked: its zstd data is broken');
      return out;
    }
    const { bytes: out, fault, cut } = unpackBytes(unpackLz4(rest.length), rest, size);
    if (fault !== undefined || cut || out.length !== size)
      throw brokenTable(`a buffer cannot be unpacked: ${fault?.message ?? 'it has another size than it says'}`);
    return out;
  }
}

function shorter(): Error {
  return brokenTable('a buffer is shorter than its rows need');
}
