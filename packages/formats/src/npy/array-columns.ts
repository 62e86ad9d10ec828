// One array as columns of a table: fields of a record, or the cells of a row where it has more than one dimension.
import type { Source } from '../bytes/parser.js';
import { NumberBuilder, TextBuilder } from '../table/builders.js';
import { tableError } from '../table/errors.js';
import type { ColumnType, Values } from '../table/table.js';
import type { NpyArray, NpyField } from './array.js';
import { numberAt, textAt } from './values.js';

export interface ArrayColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly field: NpyField;
  /** Cell of the row, where a row has several. */
  readonly cell: number;
  readonly array: OpenArray;
}

/** An array with the bytes behind it. */
export interface OpenArray {
  readonly source: Source;
  readonly array: NpyArray;
  readonly rows: number;
  /** Elements of one row. */
  readonly cells: number;
}

/** @param prefix of the names, for one of several arrays */
export function arrayColumns(open: OpenArray, prefix: string, maxColumns: number): readonly ArrayColumn[] {
  const { array, cells } = open;
  if (cells * array.fields.length > maxColumns)
    throw tableError(
      'TABLE_LIMIT',
      `an array has ${cells * array.fields.length} columns, more than ${maxColumns}`,
      'read it as a matrix',
    );
  const columns: ArrayColumn[] = [];
  for (let cell = 0; cell < cells; cell++)
    for (const field of array.fields) {
      const parts = [prefix, field.name, array.shape.length > 1 ? `c${cell}` : ''].filter((part) => part !== '');
      columns.push({ name: parts.join('.') || 'value', type: typeOf(field), field, cell, array: open });
    }
  return columns;
}

function typeOf({ kind }: NpyField): ColumnType {
  if (kind === 'b') return 'boolean';
  if (kind === 'M') return 'time';
  return kind === 'S' || kind === 'U' ? 'text' : 'number';
}

/** Reads the cells of some rows. In Fortran's order a column of cells lies together, otherwise a row does. */
export class RowReader {
  readonly #open: OpenArray;
  #rows: Uint8Array | undefined;
  #start = 0;

  constructor(open: OpenArray) {
    this.#open = open;
  }

  /** Makes rows from `start` available. */
  async load(start: number, rows: number): Promise<void> {
    const { source, array, cells } = this.#open;
    this.#start = start;
    if (array.fortran) return;
    const width = cells * array.itemSize;
    this.#rows = await readAll(source, array.dataStart + start * width, rows * width);
  }

  /** A view of the elements of one cell, and the distance from one to the next. */
  async cell(
    cell: number,
    rows: number,
  ): Promise<{ readonly data: DataView; readonly at: number; readonly step: number }> {
    const { source, array, cells, rows: all } = this.#open;
    if (!array.fortran) return { data: viewOf(this.#rows!), at: cell * array.itemSize, step: cells * array.itemSize };
    const offset = array.dataStart + (fortranCell(array, cell) * all + this.#start) * array.itemSize;
    return { data: viewOf(await readAll(source, offset, rows * array.itemSize)), at: 0, step: array.itemSize };
  }
}

/** Cells are counted with the last index running fastest; in Fortran's order the first runs fastest. */
function fortranCell({ shape }: NpyArray, cell: number): number {
  let rest = cell;
  let stride = shape.slice(1, -1).reduce((all, side) => all * side, 1);
  let at = 0;
  for (let axis = shape.length - 1; axis >= 1; axis--) {
    const side = shape[axis]!;
    at += (rest % side) * stride;
    rest = Math.floor(rest / side);
    stride /= shape[axis - 1]! || 1;
  }
  return at;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

async function readAll(source: Source, offset: number, length: number): Promise<Uint8Array> {
  const bytes = await source.read(offset, length);
  if (bytes.length < length)
    throw tableError('TABLE_CHANGED', 'the file is shorter than it was', 'read it while nobody writes to it');
  return bytes;
}

export class ArrayColumnBuilder {
  readonly #column: ArrayColumn;
  readonly #numbers: NumberBuilder | undefined;
  readonly #texts: TextBuilder | undefined;
  rounded = 0;
  /** Texts that were given in hexadecimal. */
  invalid = 0;

  constructor(column: ArrayColumn, rows: number) {
    this.#column = column;
    if (column.type === 'text') this.#texts = new TextBuilder(rows);
    else this.#numbers = new NumberBuilder(column.type, rows);
  }

  fill(data: DataView, at: number, step: number, rows: number): Values {
    const { field } = this.#column;
    let place = at + field.offset;
    if (this.#texts !== undefined) {
      this.#texts.reset(rows);
      const invalid = (): void => void (this.invalid += 1);
      for (let row = 0; row < rows; row++, place += step) this.#texts.setText(row, textAt(data, place, field, invalid));
      return this.#texts.take(rows);
    }
    const numbers = this.#numbers!;
    const { values } = numbers;
    numbers.reset();
    const count = (): void => void (this.rounded += 1);
    for (let row = 0; row < rows; row++, place += step) {
      const value = numberAt(data, place, field, count);
      values[row] = value;
      if (field.kind === 'M' && Number.isNaN(value)) numbers.miss(row);
    }
    return numbers.take(rows);
  }
}
