// Reads numbers and lengths one after another, of either byte order, from a piece of the input that is kept. What lies in
// the piece is read without asking, because a vocabulary has hundreds of thousands of small texts.
import type { Parser } from '../bytes/parser.js';

const PIECE = 1024 * 1024;

export class GgufFault extends Error {}

export class Cursor {
  readonly size: number;
  /** Offset of the next byte. */
  at = 0;
  littleEndian = true;
  #bytes: Buffer = Buffer.alloc(0);
  #start = 0;

  constructor(size: number) {
    this.size = size;
  }

  has(length: number): boolean {
    return this.at + length <= this.#start + this.#bytes.length && this.at >= this.#start;
  }

  /** Makes `length` bytes readable. @throws GgufFault when the input ends before */
  *fill(length: number): Parser<void> {
    if (this.has(length)) return;
    if (!(this.at + length <= this.size)) throw new GgufFault('it ends before what it announces');
    const read = yield { offset: this.at, length: Math.min(Math.max(length, PIECE), this.size - this.at) };
    if (read.length < length) throw new GgufFault('it ends before what it announces');
    this.#bytes = Buffer.from(read.buffer, read.byteOffset, read.byteLength);
    this.#start = this.at;
  }

  /** After `fill`: the next bytes, which stay where they are. */
  peek(length: number): Buffer {
    const from = this.at - this.#start;
    return this.#bytes.subarray(from, from + length);
  }

  /** After `fill`: offset of the next of these bytes in the piece that is kept, or infinity. */
  find(wanted: Buffer): number {
    const found = this.#bytes.indexOf(wanted, this.at - this.#start);
    return found < 0 ? Infinity : this.#start + found;
  }

  u8(): number {
    const from = this.at - this.#start;
    this.at += 1;
    return this.#bytes.readUInt8(from);
  }

  u32(): number {
    const from = this.at - this.#start;
    this.at += 4;
    return this.littleEndian ? this.#bytes.readUInt32LE(from) : this.#bytes.readUInt32BE(from);
  }

  /** As a double: above 2^53 it is not exact, and larger than anything that a file holds. */
  u64(): number {
    const first = this.u32();
    const second = this.u32();
    return this.littleEndian ? first + second * 2 ** 32 : second + first * 2 ** 32;
  }
}
