// Splits CSV (RFC 4180) into fields by one pass over the bytes: where each field begins and ends, and which kinds of bytes
// are in it. The attacker writes the bytes: a quote that is not closed swallows rows, a row with a field more shifts all
// behind it, a NUL ends a text for some readers and not for others. Each of these is an error with its line.
import { tableError } from '../table/errors.js';

/**
 * The mark of a field counts what is not a digit in it, seven bits each, so that most numbers are known without a second
 * look: `1.25` has the mark `point`, `12` has 0. Fields of more than 127 bytes are marked as other and high.
 * `quoted` and `doubled` (a quote inside, written twice) are about the field itself.
 */
export const MARK = {
  point: 1,
  minus: 1 << 7,
  other: 1 << 14,
  high: 1 << 21,
  quoted: 1 << 28,
  doubled: 1 << 29,
} as const;
const COUNTED = 127;
const UNCOUNTED = MARK.other | MARK.high;
const HIGH = 127 << 21;
const SPECIAL = -1;

/** Whether a field is ASCII for certain. */
export function isAscii(mark: number): boolean {
  return (mark & HIGH) === 0;
}

const QUOTE = 0x22;
const LF = 0x0a;
const CR = 0x0d;

/** Fields that are known at once; a row has to fit. */
const CAPACITY = 32 * 1024;

export class CsvTokens {
  /** Start and end of each field, in pairs. */
  readonly bounds: Int32Array;
  readonly marks: Int32Array;
  /** Complete rows of the last run; field `column` of row `r` is number `r * width + column`. */
  rows = 0;
  /** Fields of a row; 0 until the first row is seen. */
  width = 0;
  /** Of the row that comes next, from 1. */
  line = 1;
  blankLines = 0;
  strayQuotes = 0;
  loneReturns = 0;
  readonly #kinds = new Int32Array(256).fill(MARK.other);
  readonly #delimiter: number;
  readonly #maxWidth: number;

  /** @param maxFields that the whole input can hold: small files need no large arrays */
  constructor(delimiter: number, maxWidth: number, maxFields = Infinity) {
    this.#delimiter = delimiter;
    this.#maxWidth = maxWidth;
    const capacity = Math.min(Math.max(CAPACITY, maxWidth + 1), maxFields);
    this.bounds = new Int32Array(capacity * 2);
    this.marks = new Int32Array(capacity);
    this.#kinds.fill(0, 0x30, 0x3a);
    this.#kinds[0x2e] = MARK.point;
    this.#kinds[0x2d] = MARK.minus;
    this.#kinds.fill(MARK.high, 0x80);
    for (const byte of [0, QUOTE, LF, CR, delimiter]) this.#kinds[byte] = SPECIAL;
  }

  /** Rows that fit into one run. */
  get most(): number {
    return this.width === 0 ? 1 : Math.max(1, Math.floor(this.marks.length / this.width));
  }

  /**
   * Reads up to `maxRows` complete rows; the two bytes behind them are overwritten.
   * @returns where the first row begins that was not read
   * @throws VallumError `TABLE_RAGGED`, `TABLE_QUOTE`, `TABLE_NUL`, `TABLE_LIMIT`, each with its line
   */
  run(bytes: Uint8Array, from: number, to: number, final: boolean, maxRows: number): number {
    const { bounds, marks } = this;
    const kinds = this.#kinds;
    const delimiter = this.#delimiter;
    // Behind the last row stands the end of a line, whether it was written or not; elsewhere something to stop at.
    const open = final && to > from && bytes[to - 1] !== LF && bytes[to - 1] !== CR;
    bytes[to] = open ? LF : 0;
    bytes[to + 1] = 0;
    const end = open ? to + 1 : to;
    let at = from;
    let rowStart = from;
    let first = 0;
    let n = 0;
    let rows = 0;
    let linesInRow = 0;
    let strays = 0;
    while (rows < maxRows && at < end) {
      let mark = 0;
      let start = at;
      let kind = kinds[bytes[at]!]!;
      if (kind < 0 && bytes[at] === QUOTE) {
        mark = MARK.quoted | MARK.other;
        start += 1;
        at += 1;
        for (;;) {
          let byte = bytes[at]!;
          while (byte !== QUOTE && byte !== 0) {
            if (byte === LF) linesInRow += 1;
            else if (byte >= 0x80) mark |= MARK.high;
            byte = bytes[++at]!;
          }
          if (at >= to) break;
          if (byte === 0) throw this.#nul(linesInRow);
          if (bytes[at + 1] !== QUOTE || at + 1 >= to) break;
          mark |= MARK.doubled;
          at += 2;
        }
        // The byte behind a quote at the end of what is at hand may be a second quote.
        if (at >= to || (at + 1 >= to && !final)) {
          if (at >= to && final) throw this.#unclosed(open);
          break;
        }
        bounds[n * 2 + 1] = at;
        at += 1;
        if (kinds[bytes[at]!] !== SPECIAL || bytes[at] === QUOTE) throw this.#behindQuote(linesInRow);
      } else {
        for (;;) {
          while (kind >= 0) {
            mark = (mark + kind) | 0;
            kind = kinds[bytes[++at]!]!;
          }
          if (bytes[at] !== QUOTE || at >= end) break;
          strays += 1;
          mark += MARK.other;
          kind = kinds[bytes[++at]!]!;
        }
        if (at - start > COUNTED) mark = UNCOUNTED;
        bounds[n * 2 + 1] = at;
      }
      // Also where the end of what is at hand stands right behind a closing quote.
      if (at >= end) break;
      bounds[n * 2] = start;
      marks[n] = mark;
      n += 1;
      const stop = bytes[at]!;
      at += 1;
      if (stop === delimiter) continue;
      if (stop === 0) throw this.#nul(linesInRow);
      if (stop === CR) {
        if (at >= to && !final) break;
        if (bytes[at] === LF && at < to) at += 1;
        else this.loneReturns += 1;
      }
      const fields = n - first;
      if (fields === 1 && mark === 0 && bounds[first * 2] === bounds[first * 2 + 1] && this.width !== 1) {
        this.blankLines += 1;
        n = first;
      } else {
        if (this.width === 0) this.#firstRow(fields);
        else if (fields !== this.width) throw this.#ragged(fields, open && at >= end);
        first = n;
        rows += 1;
      }
      this.line += 1 + linesInRow;
      this.strayQuotes += strays;
      rowStart = at;
      linesInRow = 0;
      strays = 0;
    }
    this.rows = rows;
    return Math.min(rowStart, to);
  }

  #firstRow(fields: number): void {
    if (fields > this.#maxWidth)
      throw tableError(
        'TABLE_LIMIT',
        `line ${this.line} has ${fields} columns, more than ${this.#maxWidth}`,
        'check the delimiter',
      );
    this.width = fields;
  }

  #ragged(fields: number, last: boolean): Error {
    const why = last ? '; it is the last one and has no end, so the file may be cut off' : '';
    return tableError(
      'TABLE_RAGGED',
      `line ${this.line} has ${fields} fields and the first one ${this.width}${why}`,
      'quote fields that hold the delimiter, or name the delimiter',
    );
  }

  #unclosed(open: boolean): Error {
    const why = open ? 'the file may be cut off, or a quote is missing' : 'a quote is missing';
    return tableError(
      'TABLE_QUOTE',
      `a quote in the row that begins in line ${this.line} is not closed: ${why}`,
      'close it',
    );
  }

  #behindQuote(linesInRow: number): Error {
    return tableError(
      'TABLE_QUOTE',
      `line ${this.line + linesInRow}: something stands between a closing quote and the next delimiter`,
      'write a quote inside a quoted field twice',
    );
  }

  #nul(linesInRow: number): Error {
    return tableError(
      'TABLE_NUL',
      `line ${this.line + linesInRow} holds a NUL byte`,
      'if the file is UTF-16, name the encoding',
    );
  }
}
