// The content of a row as 128 bits: SHA-256 over its cells, cut short. The rows are hostile, so that a quick hash would let
// somebody make two different rows look the same; with 128 bits of SHA-256 that takes 2^64 work.
import { hash } from 'node:crypto';
import type { Batch, Column, Values } from '@vallum/formats';
import type { Cell } from './cells.js';
import { inCommon } from './common-cell.js';

const CELL_BYTES = 17;
const INLINE = 15;
/** First byte of a cell; 0, what a cleared buffer holds, is a missing one. */
const NUMBER = 1;
const SHORT = 2;
const LONG = 3;

export interface DigestColumn {
  /** Where the column stands in the batch. */
  readonly index: number;
  readonly type: Column['type'];
  /** Its type in the other table of two that are compared: cells are brought into one form, see `inCommon`. */
  readonly other?: Column['type'];
}

/** Four 32-bit words a row; equal rows, and only they, have the same. Types count, unless `other` says: 1 and "1" differ. */
export class RowDigester {
  readonly #columns: readonly DigestColumn[];
  readonly #bytes: Buffer;
  #batch: Batch | undefined;
  #levels: readonly (Buffer | undefined)[] = [];

  constructor(columns: readonly DigestColumn[]) {
    this.#columns = columns;
    this.#bytes = Buffer.alloc(columns.length * CELL_BYTES);
  }

  /** Work for texts is done once a level, not once a row. */
  start(batch: Batch): void {
    this.#batch = batch;
    this.#levels = this.#columns.map((column) => {
      const values = batch.columns[column.index];
      return values?.type === 'text' ? encodeLevels(values.levels, column) : undefined;
    });
  }

  /** Writes the digest of a row of the batch into `target`. @param row counted from 0 in the batch */
  digest(row: number, target: Uint32Array): void {
    const batch = this.#batch;
    for (const [at, column] of this.#columns.entries()) {
      const values = batch?.columns[column.index];
      if (values !== undefined) this.#cell(values, column, row, at);
    }
    const out = hash('sha256', this.#bytes, 'buffer');
    for (let word = 0; word < 4; word += 1) target[word] = out.readUInt32LE(word * 4);
  }

  #cell(values: Values, column: DigestColumn, row: number, at: number): void {
    const offset = at * CELL_BYTES;
    const bytes = this.#bytes;
    bytes.fill(0, offset, offset + CELL_BYTES);
    if (values.type === 'text') {
      const code = values.codes[row] ?? -1;
      if (code >= 0) this.#levels[at]?.copy(bytes, offset, code * CELL_BYTES, (code + 1) * CELL_BYTES);
      return;
    }
    if (values.missing?.[row] === 1) return;
    const value = values.values[row] ?? 0;
    encode(inCommon(value, column.type, column.other), bytes, offset);
  }
}

function encodeLevels(levels: readonly string[], { type, other }: DigestColumn): Buffer {
  const bytes = Buffer.alloc(levels.length * CELL_BYTES);
  for (const [code, level] of levels.entries()) encode(inCommon(level, type, other), bytes, code * CELL_BYTES);
  return bytes;
}

function encode(cell: Cell, bytes: Buffer, offset: number): void {
  if (typeof cell === 'string') encodeText(cell, bytes, offset);
  else if (cell !== undefined) {
    bytes[offset] = NUMBER;
    // Both zeros are one number, and so are all NaN.
    bytes.writeDoubleLE(cell === 0 ? 0 : cell, offset + 1);
    if (Number.isNaN(cell)) bytes.fill(0xff, offset + 1, offset + 9);
  }
}

/** A short text stands there itself, a long one as the first half of its SHA-256. */
function encodeText(text: string, bytes: Buffer, offset: number): void {
  const length = text.length <= INLINE ? Buffer.byteLength(text) : Infinity;
  if (length <= INLINE) {
    bytes[offset] = SHORT + (length << 3);
    bytes.write(text, offset + 1);
    return;
  }
  bytes[offset] = LONG;
  hash('sha256', text, 'buffer').copy(bytes, offset + 1, 0, CELL_BYTES - 1);
}
