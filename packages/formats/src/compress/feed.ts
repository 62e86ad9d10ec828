// The input of a decompressor, a piece at a time, with some zeros behind its end: inner loops read a few bytes without
// asking, and look afterwards whether they ran over.
import type { Range } from '../bytes/parser.js';

const PIECE = 64 * 1024;
/** Zeros behind the bytes; more than any inner loop reads between two looks at the end. */
export const PAD = 64;
const BACK = 8;

export class Feed {
  bytes: Uint8Array = new Uint8Array(PAD);
  /** Next byte in `bytes`. */
  pos = 0;
  /** Behind the last real byte in `bytes`. */
  end = 0;
  /** Nothing follows what is in `bytes`. */
  last = false;
  readonly #size: number;
  #base: number;

  /** @param size where the input ends @param offset where it begins */
  constructor(size: number, offset: number) {
    this.#size = size;
    this.#base = Math.min(offset, size);
    this.last = offset >= size;
  }

  /** Offset in the input of the next byte, never beyond its end. */
  get offset(): number {
    return this.#base + Math.min(this.pos, this.end);
  }

  get left(): number {
    return this.end - this.pos;
  }

  /** Puts `wanted` bytes at hand, or all that there are. @returns whether that many are there */
  *fill(wanted: number): Generator<Range, boolean, Uint8Array> {
    if (this.left >= wanted) return true;
    if (this.last) return false;
    // A reader of bits may give back whole bytes that it read ahead.
    const back = Math.min(this.pos, BACK);
    const offset = this.#base + this.pos - back;
    const length = Math.min(Math.max(wanted + back, PIECE), Math.max(0, this.#size - offset));
    const piece = length === 0 ? new Uint8Array(0) : yield { offset, length };
    if (this.bytes.length < piece.length + PAD) this.bytes = new Uint8Array(piece.length + PAD);
    this.bytes.set(piece);
    this.bytes.fill(0, piece.length, piece.length + PAD);
    this.#base = offset;
    this.pos = back;
    this.end = piece.length;
    this.last = piece.length < length || offset + piece.length >= this.#size;
    return this.left >= wanted;
  }

  /** The next `length` bytes, valid until the next call; undefined when the input ends before. */
  *take(length: number): Generator<Range, Uint8Array | undefined, Uint8Array> {
    if (!(yield* this.fill(length))) return undefined;
    this.pos += length;
    return this.bytes.subarray(this.pos - length, this.pos);
  }
}
