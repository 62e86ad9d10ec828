// A text column of one batch: codes and their levels. The dictionary of a file is taken over as it is, its strings made once;
// texts that stand one by one are looked up by their bytes. Bytes that are no UTF-8 become hexadecimal, and are counted:
// a replacement character would make different texts equal.
import { isUtf8 } from 'node:buffer';
import { ByteDictionary } from '../table/byte-dictionary.js';
import type { TextValues } from '../table/table.js';
import { largeTable } from './fault.js';

/** Bytes of text in one batch. */
const MAX_TEXT = 512 * 1024 * 1024;
/** Texts after which it is clear whether they repeat. */
const TRIAL = 4096;
const SHORT = 48;

/** A text of the file, given as UTF-8. */
export function textOf(bytes: Buffer, start: number, end: number): string | undefined {
  if (end - start <= SHORT) {
    let at = start;
    while (at < end && bytes[at]! < 128) at += 1;
    if (at === end) return bytes.toString('latin1', start, end);
  }
  return isUtf8(bytes.subarray(start, end)) ? bytes.toString('utf8', start, end) : undefined;
}

export function hexOf(bytes: Buffer, start: number, end: number): string {
  return `0x${bytes.toString('hex', start, end)}`;
}

export class TextColumn {
  readonly lane: Int32Array;
  /** Values that were no UTF-8, in all batches. */
  invalid = 0;
  readonly #dictionary = new ByteDictionary();
  #levels: string[] = [];
  /** The dictionary of the file that `levels` is, untouched. */
  #shared: readonly string[] | undefined;
  #added = 0;
  #looked = 0;
  #bytes = 0;

  constructor(rows: number) {
    this.lane = new Int32Array(rows);
  }

  miss(row: number): void {
    this.lane[row] = -1;
  }

  isMissing(row: number): boolean {
    return this.lane[row] === -1;
  }

  /** Makes levels of a dictionary. @returns what is added to its indices */
  use(dictionary: string[]): number {
    if (this.#shared === dictionary) return 0;
    if (this.#levels.length === 0) {
      this.#shared = this.#levels = dictionary;
      return 0;
    }
    this.#own();
    const before = this.#levels.length;
    for (const text of dictionary) this.#levels.push(text);
    return before;
  }

  /** The code of a text. @param write gives the text itself, undefined where it is no UTF-8 */
  add(
    bytes: Buffer,
    start: number,
    end: number,
    write: (bytes: Buffer, start: number, end: number) => string | undefined,
  ): number {
    this.#looked += 1;
    // Texts of which most are new are not worth looking for.
    const searched = this.#looked < TRIAL || this.#added * 2 < this.#looked;
    if (searched) {
      const found = this.#dictionary.find(bytes, start, end);
      if (found >= 0) return found;
    }
    this.#bytes += end - start;
    if (this.#bytes > MAX_TEXT) throw largeTable('the texts of a batch have more than 512 MiB');
    this.#own();
    const code = this.#levels.length;
    const text = write(bytes, start, end);
    if (text === undefined) this.invalid += 1;
    else if (searched) this.#dictionary.add(bytes, start, end, code);
    this.#levels.push(text ?? hexOf(bytes, start, end));
    this.#added += 1;
    return code;
  }

  #own(): void {
    if (this.#shared === undefined) return;
    this.#levels = this.#shared.slice();
    this.#shared = undefined;
  }

  take(rows: number): TextValues {
    return { type: 'text', codes: this.lane.subarray(0, rows), levels: this.#levels };
  }

  /** Behind a batch. */
  reset(): void {
    this.lane.fill(0);
    if (this.#added > 0) this.#dictionary.clear();
    this.#levels = [];
    this.#shared = undefined;
    this.#added = this.#looked = this.#bytes = 0;
  }
}
