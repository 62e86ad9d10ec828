// The values of one column in some rows of a batch.
import { brokenTable, largeTable } from '../columnar/fault.js';
import { NumberColumn } from '../columnar/number-column.js';
import type { Fixed } from '../columnar/numbers.js';
import type { TextColumn } from '../columnar/text-column.js';
import { textOf } from '../columnar/text-column.js';
import type { Body } from './body.js';
import type { Place } from './fields.js';
import type { Reading } from './types.js';

/** Bytes of text that are read for one column at a time. */
const MAX_TEXT = 512 * 1024 * 1024;
const VIEW = 16;
const INLINE = 12;

export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Rows of a batch. */
export interface Span {
  readonly from: number;
  readonly count: number;
}

/** Writes values to the start of a column of which it is known what is missing. @throws VallumError `TABLE_*` */
export async function readValues(
  reading: Reading,
  body: Body,
  { buffer, variadic }: Place,
  { from, count }: Span,
  column: NumberColumn | TextColumn,
): Promise<void> {
  if (column instanceof NumberColumn) {
    if (reading.form === 'bits') await readBits(body, buffer, { from, count }, column.lane);
    else if (reading.form === 'fixed') await readFixed(reading.fixed, body, buffer, { from, count }, column);
    else for (let row = 0; row < count; row++) column.miss(row);
  } else if (reading.form === 'texts') await readTexts(reading.offsets, body, buffer, { from, count }, column);
  else if (reading.form === 'views') await readViews(body, buffer, variadic, { from, count }, column);
  else if (reading.form === 'bytes') {
    const { width } = reading;
    if (count * width > MAX_TEXT) throw largeTable('a batch has more than 512 MiB of text in one column');
    const bytes = bufferOf(await body.slice(buffer, from * width, count * width));
    for (let row = 0; row < count; row++)
      if (!column.isMissing(row)) column.lane[row] = column.add(bytes, row * width, (row + 1) * width, textOf);
  }
}

async function readFixed(
  { width, convert }: Fixed,
  body: Body,
  buffer: number,
  { from, count }: Span,
  column: NumberColumn,
): Promise<void> {
  const view = viewOf(await body.slice(buffer, from * width, count * width));
  let rounded = convert(view, 0, column.lane, 0, count);
  // What stands where a value is missing is anything: it is not rounded.
  if (rounded > 0)
    for (let row = 0; row < count; row++)
      if (column.isMissing(row)) rounded -= convert(view, row * width, column.lane, row, 1);
  column.rounded += rounded;
}

async function readBits(body: Body, buffer: number, { from, count }: Span, out: Float64Array): Promise<void> {
  const first = Math.floor(from / 8);
  const bytes = await body.slice(buffer, first, Math.ceil((from + count) / 8) - first);
  for (let row = 0, bit = from - first * 8; row < count; row++, bit++) out[row] = (bytes[bit >> 3]! >> (bit & 7)) & 1;
}

async function readTexts(
  width: 4 | 8,
  body: Body,
  buffer: number,
  { from, count }: Span,
  column: TextColumn,
): Promise<void> {
  if (count === 0) return;
  const view = viewOf(await body.slice(buffer, from * width, (count + 1) * width));
  const offset = (row: number): number =>
    width === 4
      ? view.getInt32(row * 4, true)
      : view.getInt32(row * 8 + 4, true) * 2 ** 32 + view.getUint32(row * 8, true);
  const start = offset(0);
  const size = offset(count) - start;
  if (!(start >= 0 && size >= 0)) throw brokenTable('the offsets of a text column are not in order');
  if (size > MAX_TEXT) throw largeTable('a batch has more than 512 MiB of text in one column');
  const bytes = bufferOf(await body.slice(buffer + 1, start, size));
  for (let row = 0, at = 0; row < count; row++) {
    const end = offset(row + 1) - start;
    if (!(end >= at && end <= size)) throw brokenTable('the offsets of a text column are not in order');
    if (!column.isMissing(row)) column.lane[row] = column.add(bytes, at, end, textOf);
    at = end;
  }
}

/** Views: a length, and the text itself where it is short, else where it stands. */
async function readViews(
  body: Body,
  buffer: number,
  variadic: number,
  { from, count }: Span,
  column: TextColumn,
): Promise<void> {
  const bytes = bufferOf(await body.slice(buffer, from * VIEW, count * VIEW));
  for (let row = 0; row < count; row++) {
    if (column.isMissing(row)) continue;
    const at = row * VIEW;
    const length = bytes.readInt32LE(at);
    if (length < 0) throw brokenTable('a text has a negative length');
    if (length <= INLINE) {
      column.lane[row] = column.add(bytes, at + 4, at + 4 + length, textOf);
      continue;
    }
    const index = bytes.readInt32LE(at + 8);
    const start = bytes.readInt32LE(at + 12);
    if (!(index >= 0 && index < variadic)) throw brokenTable('a text lies in a buffer that is not there');
    const data = bufferOf(await body.all(buffer + 1 + index));
    if (!(start >= 0 && start + length <= data.length)) throw brokenTable('a text is longer than its buffer');
    column.lane[row] = column.add(data, start, start + length, textOf);
  }
}

/** Says what is missing. @returns how many rows of each bitmap are */
export async function readMissing(
  body: Body,
  { validity }: Place,
  { from, count }: Span,
  column: NumberColumn | TextColumn,
): Promise<readonly number[]> {
  const counts: number[] = [];
  for (const { buffer, nulls } of validity) {
    let missing = 0;
    if (body.packed(buffer) > 0) {
      const first = Math.floor(from / 8);
      const bytes = await body.slice(buffer, first, Math.ceil((from + count) / 8) - first);
      for (let row = 0, bit = from - first * 8; row < count; row++, bit++)
        if (((bytes[bit >> 3]! >> (bit & 7)) & 1) === 0) {
          column.miss(row);
          missing += 1;
        }
    } else if (nulls > 0) throw brokenTable('a column has missing values, and no bitmap that says which');
    counts.push(missing);
  }
  return counts;
}
