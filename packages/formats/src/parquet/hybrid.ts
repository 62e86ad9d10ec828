// Parquet's hybrid of runs and bit-packed groups: definition levels, dictionary indices, booleans. A run of a few bytes may
// claim any number of values, so they are handed out as they are asked for and never held.
import { PageError } from './page.js';
import type { Page } from './page.js';

export interface Levels {
  /** Writes `count` numbers. @throws PageError when they are not there */
  read(out: Uint8Array | Int32Array, at: number, count: number): void;
  /** Takes `count` numbers if they are known to be all `value`; otherwise none. */
  skipIf(value: number, count: number): boolean;
}

export class Hybrid implements Levels {
  readonly #page: Page;
  readonly #width: number;
  readonly #end: number;
  #pos: number;
  #left = 0;
  #same = true;
  #value = 0;
  /** Bit of the next packed number. */
  #bit = 0;

  /** @param width bits of a number, at most 32 */
  constructor(page: Page, pos: number, end: number, width: number) {
    if (width > 32) throw new PageError('numbers of more than 32 bits are packed');
    this.#page = page;
    this.#pos = pos;
    this.#end = end;
    this.#width = width;
  }

  skipIf(value: number, count: number): boolean {
    if (this.#left === 0) this.#next();
    if (!this.#same || this.#value !== value || this.#left < count) return false;
    this.#left -= count;
    return true;
  }

  read(out: Uint8Array | Int32Array, from: number, count: number): void {
    let at = from;
    for (let wanted = count; wanted > 0;) {
      if (this.#left === 0) this.#next();
      const part = Math.min(wanted, this.#left);
      if (this.#same) out.fill(this.#value, at, at + part);
      else this.#unpack(out, at, part);
      this.#left -= part;
      wanted -= part;
      at += part;
    }
  }

  #next(): void {
    const { bytes, view } = this.#page;
    let head = 0;
    for (let scale = 1; ; scale *= 128) {
      if (this.#pos >= this.#end || scale > 2 ** 35) throw new PageError('its levels or indices are cut off');
      const byte = bytes[this.#pos++] ?? 0;
      head += (byte & 127) * scale;
      if (byte < 128) break;
    }
    const count = Math.floor(head / 2);
    if (count === 0) throw new PageError('a run of levels or indices is empty');
    this.#same = head % 2 === 0;
    if (this.#same) {
      const width = (this.#width + 7) >> 3;
      if (this.#pos + width > this.#end) throw new PageError('its levels or indices are cut off');
      this.#left = count;
      this.#value = width === 0 ? 0 : view.getUint32(this.#pos, true) & (width === 4 ? -1 : (1 << (8 * width)) - 1);
      if (this.#width < 32 && this.#value >>> this.#width !== 0)
        throw new PageError('a level or an index is too large');
      this.#pos += width;
      return;
    }
    // Some writers leave out what pads the last group: as many as there are bytes for.
    const room = this.#width === 0 ? Infinity : Math.floor(((this.#end - this.#pos) * 8) / this.#width);
    this.#left = Math.min(count * 8, room);
    if (this.#left === 0) throw new PageError('its levels or indices are cut off');
    this.#bit = this.#pos * 8;
    this.#pos = Math.min(this.#end, this.#pos + count * this.#width);
  }

  #unpack(out: Uint8Array | Int32Array, from: number, count: number): void {
    const { view } = this.#page;
    const width = this.#width;
    const end = from + count;
    let bit = this.#bit;
    if (width <= 25) {
      const mask = (1 << width) - 1;
      for (let at = from; at < end; at++) {
        out[at] = (view.getInt32(bit >> 3, true) >>> (bit & 7)) & mask;
        bit += width;
      }
    } else
      for (let at = from; at < end; at++) {
        out[at] = bitsAt(view, bit, width);
        bit += width;
      }
    this.#bit = bit;
  }
}

/** Up to 32 bits, of which the first is the lowest. */
export function bitsAt(view: DataView, bit: number, width: number): number {
  if (width === 0) return 0;
  const shift = bit & 7;
  const low = view.getInt32(bit >> 3, true) >>> shift;
  const word = shift + width > 32 ? low | (view.getUint8((bit >> 3) + 4) << (32 - shift)) : low;
  return width === 32 ? word | 0 : word & ((1 << width) - 1);
}

/** The form of levels that was in use before: numbers side by side, the highest bit first. */
export class PackedLevels implements Levels {
  readonly #page: Page;
  readonly #width: number;
  #bit: number;

  constructor(page: Page, pos: number, width: number) {
    this.#page = page;
    this.#width = width;
    this.#bit = pos * 8;
  }

  skipIf(): boolean {
    return false;
  }

  read(out: Uint8Array | Int32Array, at: number, count: number): void {
    const { bytes } = this.#page;
    for (let i = 0; i < count; i++) {
      let value = 0;
      for (let left = this.#width; left > 0; left--, this.#bit++)
        value = (value << 1) | (((bytes[this.#bit >> 3] ?? 0) >> (7 - (this.#bit & 7))) & 1);
      out[at + i] = value;
    }
  }
}
