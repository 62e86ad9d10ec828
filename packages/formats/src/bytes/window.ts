// A window over the input for parsers that walk forward: it asks for a piece at a time and serves small reads from it.
import type { Parser } from './parser.js';

const PIECE = 64 * 1024;

export class Window {
  readonly size: number;
  #bytes: Uint8Array = new Uint8Array(0);
  #start = 0;

  constructor(size: number) {
    this.size = size;
  }

  /** `length` bytes from `offset`; fewer at the end of the input. */
  *take(offset: number, length: number): Parser<Uint8Array> {
    const from = offset - this.#start;
    if (from < 0 || from + length > this.#bytes.length) {
      const wanted = Math.min(Math.max(length, PIECE), Math.max(0, this.size - offset));
      this.#bytes = wanted === 0 ? new Uint8Array(0) : yield { offset, length: wanted };
      this.#start = offset;
      return this.#bytes.subarray(0, length);
    }
    return this.#bytes.subarray(from, from + length);
  }
}
