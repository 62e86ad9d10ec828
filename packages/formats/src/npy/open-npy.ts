// NumPy's .npy and .npz as a table: a record array has its fields as columns, an array of more dimensions one column for
// each cell of a row, an .npz the columns of all its arrays side by side where they have equally many rows.
import type { Source } from '../bytes/parser.js';
import { chooseColumns } from '../table/choose.js';
import { tableError } from '../table/errors.js';
import type { TableLimits } from '../table/limits.js';
import { batchRows, TABLE_DEFAULTS } from '../table/limits.js';
import { Notes } from '../table/notes.js';
import type { Batch, BatchOptions, Column, Table, TableNote } from '../table/table.js';
import type { ArrayColumn, OpenArray } from './array-columns.js';
import { ArrayColumnBuilder, arrayColumns, RowReader } from './array-columns.js';
import { openArray, openArrays } from './arrays-of.js';

export interface NpyOptions {
  /** One array of an .npz; all of them by default. */
  readonly array?: string;
  readonly limits?: TableLimits;
  readonly signal?: AbortSignal;
}

/** @throws VallumError `TABLE_NPY`, `TABLE_LIMIT` */
export async function openNpy(source: Source, options: NpyOptions = {}): Promise<Table> {
  const limits = { ...TABLE_DEFAULTS, ...options.limits };
  const open = await openArray(source, options.signal);
  return new NpyTable('npy', source, arrayColumns(open, '', limits.maxColumns), open.rows);
}

/** @throws VallumError `TABLE_NPZ` (also where arrays have unequal lengths), `TABLE_NPY`, `TABLE_LIMIT` */
export async function openNpz(source: Source, options: NpyOptions = {}): Promise<Table> {
  const limits = { ...TABLE_DEFAULTS, ...options.limits };
  const arrays = await openArrays(source, limits.maxUnpackedBytes, options.array, options.signal);
  const lengths = new Set([...arrays.values()].map(({ rows }) => rows));
  if (lengths.size > 1) {
    const said = [...arrays].slice(0, 8).map(([name, { rows }]) => `${JSON.stringify(name.slice(0, 40))} has ${rows}`);
    throw tableError('TABLE_NPZ', `its arrays have unequal numbers of rows: ${said.join(', ')}`, 'name one array');
  }
  const columns = [...arrays].flatMap(([name, open]) =>
    arrayColumns(open, arrays.size === 1 ? '' : name, Math.floor(limits.maxColumns / arrays.size)),
  );
  return new NpyTable('npz', source, columns, [...lengths][0] ?? 0);
}

class NpyTable implements Table {
  readonly format: string;
  readonly columns: readonly Column[];
  readonly rows: number;
  readonly bytes: number;
  read = 0;
  readonly #columns: readonly ArrayColumn[];
  readonly #notes = new Notes();

  constructor(format: string, source: Source, columns: readonly ArrayColumn[], rows: number) {
    this.format = format;
    this.rows = rows;
    this.bytes = source.size;
    this.#columns = columns;
    const names = new Set(columns.map(({ name }) => name));
    if (names.size < columns.length) throw tableError('TABLE_NPY', 'two fields have one name', 'rename one of them');
    this.columns = columns.map(({ name, type, field }) => ({ name, type, stored: field.code }));
  }

  get notes(): readonly TableNote[] {
    return this.#notes.list();
  }

  async *batches(options: BatchOptions = {}): AsyncGenerator<Batch, void, undefined> {
    const names = this.columns.map(({ name }) => name);
    const wanted = chooseColumns(names, options.columns).map((index) => this.#columns[index]!);
    const capacity = Math.min(batchRows(names.length), Math.max(1, this.rows));
    const readers = new Map<OpenArray, RowReader>();
    for (const { array } of wanted) readers.set(array, new RowReader(array));
    const builders = wanted.map((column) => new ArrayColumnBuilder(column, capacity));
    this.read = 0;
    for (let start = 0; start < this.rows; start += capacity) {
      const rows = Math.min(capacity, this.rows - start);
      for (const reader of readers.values()) await reader.load(start, rows);
      const columns = [];
      for (const [index, column] of wanted.entries()) {
        options.signal?.throwIfAborted();
        const { data, at, step } = await readers.get(column.array)!.cell(column.cell, rows);
        columns.push(builders[index]!.fill(data, at, step, rows));
      }
      this.read = Math.round((this.bytes * (start + rows)) / this.rows);
      if (start + rows === this.rows) this.#note(wanted, builders);
      yield { start, rows, columns };
    }
  }

  #note(wanted: readonly ArrayColumn[], builders: readonly ArrayColumnBuilder[]): void {
    for (const [index, { name, type }] of wanted.entries()) {
      const { rounded, invalid } = builders[index]!;
      if (invalid > 0) this.#notes.set('not-utf8', invalid, 'texts are no UTF-8, and are given in hexadecimal', name);
      if (rounded === 0) continue;
      if (type === 'time') this.#notes.set('times-rounded', rounded, 'times are finer than a millisecond', name);
      else this.#notes.set('integers-rounded', rounded, 'integers have more digits than a double holds', name);
    }
  }

  async close(): Promise<void> {
    // Nothing is open here: the source belongs to whoever made it.
  }
}
