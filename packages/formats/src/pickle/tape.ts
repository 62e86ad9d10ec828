// The opcodes that lie in memory, and where the argument of the current one is. Lengths are the attacker's: an argument
// is never copied, and only the first KEPT_TEXT bytes of it need to be in memory.
import { Broken } from './broken.js';
import type { ArgumentForm } from './opcodes.js';
import { KEPT_TEXT } from './values.js';

const NOTHING = new Uint8Array(0);
const WIDTH = { u1: 1, u2: 2, u4: 4, u8: 8, counted1: 1, counted4: 4, counted8: 8 } as const;

export class Tape {
  /** Bytes of the whole input. */
  readonly size: number;
  /** Offset in the input of the first byte in memory. */
  base = 0;
  bytes: Uint8Array = NOTHING;
  /** Index in `bytes` of the argument's data, and its length, which may reach beyond `bytes`. */
  start = 0;
  length = 0;
  readonly #maxLine: number;
  #view: DataView = new DataView(NOTHING.buffer);

  constructor(size: number, maxLine: number) {
    this.size = size;
    this.#maxLine = maxLine;
  }

  load(bytes: Uint8Array, base: number): void {
    this.bytes = bytes;
    this.base = base;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Finds the argument of the opcode at index `at`: 0, or how many bytes from the opcode must be in memory. */
  argument(form: ArgumentForm, at: number): number {
    const begin = at + 1;
    const held = this.bytes.length - begin;
    switch (form) {
      case 'none':
        this.start = begin;
        this.length = 0;
        return 0;
      case 'u1':
      case 'u2':
      case 'u4':
      case 'u8': {
        const width = WIDTH[form];
        this.start = begin;
        this.length = width;
        return held >= width ? 0 : this.#more(1 + width);
      }
      case 'line':
      case 'lines': {
        const first = this.bytes.indexOf(0x0a, begin);
        const end = form === 'lines' && first >= 0 ? this.bytes.indexOf(0x0a, first + 1) : first;
        this.start = begin;
        this.length = end - begin;
        if (end >= 0) return 0;
        if (held > this.#maxLine) throw new Broken(`a line is longer than ${this.#maxLine} bytes`, 'budget');
        return this.#more(held * 2 + 256);
      }
      case 'counted1':
      case 'counted4':
      case 'counted8': {
        const width = WIDTH[form];
        if (held < width) return this.#more(1 + width);
        this.start = begin + width;
        this.length = this.unsigned(begin, width);
        if (this.base + this.start + this.length > this.size)
          throw new Broken('an opcode asks for bytes after the end');
        const kept = Math.min(this.length, KEPT_TEXT);
        return held >= width + kept ? 0 : this.#more(1 + width + kept);
      }
    }
  }

  unsigned(at: number, width: number): number {
    if (width === 1) return this.#view.getUint8(at);
    if (width === 2) return this.#view.getUint16(at, true);
    if (width === 4) return this.#view.getUint32(at, true);
    return Number(this.#view.getBigUint64(at, true));
  }

  /** The argument as a number without sign. */
  number(): number {
    return this.unsigned(this.start, this.length);
  }

  int32(): number {
    return this.#view.getInt32(this.start, true);
  }

  /** The argument as a little-endian two's complement integer of one to six bytes. */
  signed(): number {
    const { bytes, start, length } = this;
    return Buffer.from(bytes.buffer, bytes.byteOffset + start, length).readIntLE(0, length);
  }

  /** The first `length` bytes of the argument as text. */
  text(encoding: 'utf8' | 'latin1', length = this.length): string {
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + this.start, length).toString(encoding);
  }

  #more(wanted: number): number {
    if (this.base + this.bytes.length >= this.size) throw new Broken('the stream ends inside an opcode');
    return wanted;
  }
}
