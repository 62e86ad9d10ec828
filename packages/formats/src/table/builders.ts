// Columns of one batch while they are filled, row by row. Arrays are used again for the next batch.
import { ByteDictionary } from './byte-dictionary.js';
import type { NumberValues, TextValues, Values } from './table.js';

export class NumberBuilder {
  readonly type: NumberValues['type'];
  readonly values: Float64Array;
  readonly #missing: Uint8Array;
  #gaps = false;

  constructor(type: NumberValues['type'], rows: number) {
    this.type = type;
    this.values = new Float64Array(rows);
    this.#missing = new Uint8Array(rows);
  }

  miss(row: number): void {
    this.values[row] = NaN;
    this.#missing[row] = 1;
    this.#gaps = true;
  }

  /** The values of the first `rows` rows. */
  take(rows: number): Values {
    const missing = this.#gaps ? this.#missing.subarray(0, rows) : undefined;
    return { type: this.type, values: this.values.subarray(0, rows), missing };
  }

  reset(): void {
    if (this.#gaps) this.#missing.fill(0);
    this.#gaps = false;
  }
}

/** Distinct levels that are kept from one batch to the next. */
const KEPT_LEVELS = 4096;

export class TextBuilder {
  readonly codes: Int32Array;
  readonly #dictionary = new ByteDictionary();
  readonly #byText = new Map<string, number>();
  #levels: string[] = [];
  /** Most values of the batch before were new: looking for equal ones is wasted. */
  #plain = false;

  constructor(rows: number) {
    this.codes = new Int32Array(rows);
  }

  miss(row: number): void {
    this.codes[row] = -1;
  }

  /** UTF-8 bytes of a value. */
  setBytes(row: number, bytes: Buffer, start: number, end: number, ascii: boolean): void {
    const found = this.#plain ? -1 : this.#dictionary.find(bytes, start, end);
    if (found >= 0) {
      this.codes[row] = found;
      return;
    }
    const code = this.#levels.length;
    this.#levels.push(bytes.toString(ascii ? 'latin1' : 'utf8', start, end));
    if (!this.#plain) this.#dictionary.add(bytes, start, end, code);
    this.codes[row] = code;
  }

  setText(row: number, text: string): void {
    let code = this.#byText.get(text);
    if (code === undefined) {
      code = this.#levels.length;
      this.#levels.push(text);
      this.#byText.set(text, code);
    }
    this.codes[row] = code;
  }

  take(rows: number): TextValues {
    return { type: 'text', codes: this.codes.subarray(0, rows), levels: this.#levels };
  }

  /** Behind a batch of `rows` rows. */
  reset(rows: number): void {
    if (this.#levels.length <= KEPT_LEVELS) return;
    this.#plain = this.#byText.size === 0 && this.#levels.length > rows / 2;
    this.#levels = [];
    this.#byText.clear();
    this.#dictionary.clear();
  }
}
