// A buffer over the pieces of a text: what a reader has not used up stays in front, the next piece comes behind it. A row
// that never ends would grow it without end, so a row has a bound.
import type { TextInput } from './input.js';
import { tableError } from './errors.js';
import { TABLE_DEFAULTS } from './limits.js';

const FIRST = 64 * 1024;

export class TextFeed {
  /** Two bytes behind `end` may always be written. */
  bytes: Buffer = Buffer.alloc(FIRST);
  /** Next byte that is not used up; the reader moves it. */
  at = 0;
  end = 0;
  /** Nothing follows `end`. */
  final = false;
  readonly #pieces: AsyncGenerator<Uint8Array, void, undefined>;
  readonly #maxRowBytes: number;

  constructor(input: TextInput, maxRowBytes = TABLE_DEFAULTS.maxRowBytes, signal?: AbortSignal) {
    this.#pieces = input.pieces(signal);
    this.#maxRowBytes = maxRowBytes;
  }

  /** Puts more bytes behind `end`. @throws VallumError `TABLE_LIMIT` where a row is too long, and what the input throws */
  async more(): Promise<void> {
    const left = this.end - this.at;
    if (left > this.#maxRowBytes)
      throw tableError(
        'TABLE_LIMIT',
        `a row has more than ${this.#maxRowBytes} bytes`,
        'look for a quote that is not closed',
      );
    this.#makeRoom(0);
    // A row that is longer than a piece is looked at again from its start, so what is at hand doubles each time.
    do {
      const step = await this.#pieces.next();
      if (step.done === true) {
        this.final = true;
        return;
      }
      this.#makeRoom(step.value.length);
      this.bytes.set(step.value, this.end);
      this.end += step.value.length;
    } while (this.end < left * 2);
  }

  #makeRoom(length: number): void {
    const left = this.end - this.at;
    const needed = left + length + 2;
    if (needed > this.bytes.length) {
      const larger = Buffer.alloc(needed * 2);
      this.bytes.copy(larger, 0, this.at, this.end);
      this.bytes = larger;
    } else if (this.at > 0) this.bytes.copyWithin(0, this.at, this.end);
    this.at = 0;
    this.end = left;
  }

  /** Must be called by whoever stops before `final`. */
  async close(): Promise<void> {
    await this.#pieces.return();
  }
}
