// The rows of a text table as the bytes that its file has: what a person keeps is copied, not printed anew, so that `007`, `-0`
// and every other spelling stays. The reader of tables has accepted the file before; whatever this simple splitter sees in
// another way than that reader (packed files, UTF-16, an array of JSON) is refused by whoever compares the two.
import type { Disk, OpenFile } from '@vallum/core';
import { pinnedFile } from '../rows/file-pin.js';
import type { TableFeed } from '../rows/table-feed.js';

export interface SourceRow {
  /** With the end of its line. */
  readonly bytes: Buffer;
  /** Start and end of each cell in `bytes`, quotes included; of JSON lines the whole line. */
  readonly cells: readonly (readonly [number, number])[];
}

const PIECE = 1024 * 1024;
const [QUOTE, LF, CR] = [0x22, 0x0a, 0x0d];

/** Rows in the order of the file; blank lines are none. A class, because the header is looked at before the delimiter is known. */
export class SourceRows {
  readonly #file: OpenFile;
  #bytes = Buffer.alloc(0);
  #at = 0;
  #offset = 0;

  private constructor(file: OpenFile) {
    this.#file = file;
  }

  /** @throws VallumError `DATA_CHANGED` for other bytes than the pinned ones, also while reading */
  static async open(disk: Disk, { path, table, pins }: TableFeed): Promise<SourceRows> {
    const file = `${path}/${table.file}`;
    return new SourceRows(await pinnedFile(disk, file, pins.table).open(file));
  }

  /** The next row, which stays unread with `peek`. @param delimiter of CSV; undefined for JSON lines */
  async next(delimiter: number | undefined, peek = false): Promise<SourceRow | undefined> {
    for (;;) {
      const final = this.#offset >= this.#file.size;
      const row = splitRow(this.#bytes.subarray(this.#at), delimiter, final);
      if (row === undefined) {
        if (final) return undefined;
        // Twice as much each time: a long row is not read over and over.
        const more = await this.#file.read(this.#offset, Math.max(PIECE, this.#bytes.length - this.#at));
        this.#offset += more.length;
        this.#bytes = Buffer.concat([this.#bytes.subarray(this.#at), more]);
        this.#at = 0;
        continue;
      }
      if (!peek) this.#at += row.bytes.length;
      if (!isBlank(row, delimiter)) return row;
      if (peek) this.#at += row.bytes.length;
    }
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

function isBlank({ bytes, cells: [first, ...more] }: SourceRow, delimiter: number | undefined): boolean {
  if (first === undefined || more.length > 0) return false;
  const text = bytes.subarray(...first);
  return text.length === 0 || (delimiter === undefined && text.toString('latin1').trim() === '');
}

function splitRow(bytes: Buffer, delimiter: number | undefined, final: boolean): SourceRow | undefined {
  if (bytes.length === 0) return undefined;
  if (delimiter === undefined) {
    const end = bytes.indexOf(LF);
    if (end < 0 && !final) return undefined;
    const stop = end < 0 ? bytes.length : end;
    return { bytes: bytes.subarray(0, end < 0 ? stop : stop + 1), cells: [[0, stop]] };
  }
  const cells: [number, number][] = [];
  // A byte order mark belongs to the first line, but not to its first cell.
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  for (;;) {
    const start = at;
    if (bytes[at] === QUOTE) {
      at += 1;
      for (;;) {
        const quote = bytes.indexOf(QUOTE, at);
        if (quote < 0 || (quote + 1 >= bytes.length && !final)) return undefined;
        at = quote + 1;
        if (bytes[at] !== QUOTE) break;
        at += 1;
      }
    }
    while (at < bytes.length && bytes[at] !== delimiter && bytes[at] !== LF && bytes[at] !== CR) at += 1;
    // What stands behind a carriage return is part of the end of the line.
    if (!final && (at >= bytes.length || (bytes[at] === CR && at + 1 >= bytes.length))) return undefined;
    cells.push([start, at]);
    const stop = bytes[at];
    if (at < bytes.length) at += 1;
    if (stop === delimiter) continue;
    if (stop === CR && bytes[at] === LF) at += 1;
    return { bytes: bytes.subarray(0, at), cells };
  }
}

/** A cell of CSV without its quotes. */
export function cellOf({ bytes, cells }: SourceRow, column: number): string {
  const text = bytes.toString('utf8', ...(cells[column] ?? [0, 0]));
  return text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text;
}

/** The row with another text in one cell; quoted where it was, or where a reader could take it for something else. */
export function withCell({ bytes, cells }: SourceRow, column: number, text: string): Buffer {
  const [start, end] = cells[column] ?? [0, 0];
  const plain = bytes[start] !== QUOTE && /^[\w.-]+$/.test(text) && !/^(?:na|nan|null|nil|none|missing)$/i.test(text);
  const cell = plain ? text : `"${text.replaceAll('"', '""')}"`;
  return Buffer.concat([bytes.subarray(0, start), Buffer.from(cell), bytes.subarray(end)]);
}

/** The JSON line with another value of one key of its own; undefined where the key has no plain value there. */
export function withValue({ bytes }: SourceRow, key: string, value: string): Buffer | undefined {
  const text = bytes.toString('utf8');
  let depth = 0;
  let name: string | undefined;
  let before = '';
  for (const { 0: token, index } of text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s{}[\],:"]+/g)) {
    if (depth === 1 && before === ':' && name === key) {
      if (token === '{' || token === '[') return undefined;
      return Buffer.from(text.slice(0, index) + value + text.slice(index + token.length));
    }
    if (depth === 1 && before !== ':' && token.startsWith('"')) name = JSON.parse(token) as string;
    if (token === '{' || token === '[') depth += 1;
    else if (token === '}' || token === ']') depth -= 1;
    before = token;
  }
  return undefined;
}
