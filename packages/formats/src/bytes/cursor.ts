// A place in the input from which a reader of nested values walks forward. Counts and lengths are the attacker's: nothing
// is asked for beyond the end, and a value that does not fit ends the reading.
import type { Parser } from './parser.js';

const PIECE = 64 * 1024;

/** Ends a walk; the message says why the input cannot be read. */
export class CursorError extends Error {}

export class Cursor {
  readonly end: number;
  #bytes: Buffer = Buffer.alloc(0);
  #start = 0;
  #at: number;

  constructor(start: number, end: number) {
    this.#at = start;
    this.end = end;
  }

  get at(): number {
    return this.#at;
  }

  get left(): number {
    return this.end - this.#at;
  }

  /** True when the next `length` bytes are at hand, so that they can be taken without asking. */
  holds(length: number): boolean {
    return this.#at + length <= this.#start + this.#bytes.length;
  }

  /** Makes the next `length` bytes available, or as many as there are. */
  *fill(length: number): Parser<void> {
    const wanted = Math.min(Math.max(length, PIECE), this.left);
    this.#start = this.#at;
    if (wanted === 0) {
      this.#bytes = Buffer.alloc(0);
      return;
    }
    const bytes = yield { offset: this.#at, length: wanted };
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The next bytes, which must be at hand. */
  take(length: number): Buffer {
    const from = this.#at - this.#start;
    if (from + length > this.#bytes.length) throw new CursorError(`it ends inside a value, at offset ${this.#at}`);
    this.#at += length;
    return this.#bytes.subarray(from, from + length);
  }

  byte(): number {
    const value = this.#bytes[this.#at - this.#start];
    if (value === undefined) throw new CursorError(`it ends where a value is expected, at offset ${this.#at}`);
    this.#at += 1;
    return value;
  }

  /** Up to `length` of the next bytes, without moving. */
  *peek(length: number): Parser<Buffer> {
    const wanted = Math.min(length, this.left);
    if (!this.holds(wanted)) yield* this.fill(wanted);
    const from = this.#at - this.#start;
    return this.#bytes.subarray(from, from + wanted);
  }

  *need(length: number): Parser<Buffer> {
    if (!this.holds(length)) yield* this.fill(length);
    return this.take(length);
  }

  skip(length: number): void {
    if (!(length <= this.left)) throw new CursorError(`a value of ${length} bytes does not fit, at offset ${this.#at}`);
    this.#at += length;
  }
}
