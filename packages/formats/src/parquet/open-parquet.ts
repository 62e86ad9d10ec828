// Parquet files (parquet-format 2.x) as tables. The columns of a group of rows are read in lock-step, a page of each at a
// time, so that memory grows with the columns and not with the rows. Lists and maps are named in a note, and not read.
import { pause } from '@vallum/core';
import type { Source } from '../bytes/parser.js';
import { Budget } from '../columnar/budget.js';
import { NumberColumn } from '../columnar/number-column.js';
import { noteColumn } from '../columnar/notes.js';
import { TextColumn } from '../columnar/text-column.js';
import { distinctNames } from '../table/distinct-names.js';
import { chooseColumns } from '../table/choose.js';
import { BATCH_BYTES, batchRows } from '../table/limits.js';
import { Notes } from '../table/notes.js';
import type { Batch, BatchOptions, Column, Table, TableNote } from '../table/table.js';
import { ColumnReader } from './column-reader.js';
import type { Footer } from './footer.js';
import { readFooter } from './footer.js';
import type { RowGroup } from './metadata.js';
import type { Leaf } from './schema.js';
import type { Reading } from './types.js';
import { readingOf, storedType } from './types.js';

/** Bytes read ahead, of all columns together and of one. */
const AHEAD = 32 * 1024 * 1024;
const MIN_PIECE = 16 * 1024;
const MAX_PIECE = 1024 * 1024;

/** A column that is read. */
interface Readable {
  readonly column: Column;
  readonly leaf: Leaf;
  readonly reading: Reading;
  /** Its index among the chunks of a group of rows. */
  readonly chunk: number;
}

/** @throws VallumError `TABLE_BROKEN`, `TABLE_UNSUPPORTED` (encryption, a codec), `TABLE_LIMIT`, `TABLE_CHANGED` */
export async function openParquet(source: Source, options: { readonly signal?: AbortSignal } = {}): Promise<Table> {
  options.signal?.throwIfAborted();
  return new ParquetTable(source, await readFooter(source));
}

class ParquetTable implements Table {
  readonly format = 'parquet';
  readonly columns: readonly Column[];
  readonly rows: number;
  readonly bytes: number;
  read = 0;
  readonly #source: Source;
  readonly #groups: readonly RowGroup[];
  readonly #readable: readonly Readable[] = [];
  readonly #notes = new Notes();

  constructor(source: Source, { metadata, leaves }: Footer) {
    this.#source = source;
    this.#groups = metadata.groups;
    this.rows = metadata.rows;
    this.bytes = source.size;
    const names = distinctNames(
      leaves.map(({ name }) => name),
      this.#notes,
      'the schema',
    );
    this.#readable = leaves.flatMap((leaf, chunk) => {
      const name = names[chunk]!;
      const reading = leaf.repeated ? undefined : readingOf(leaf.element);
      const stored = storedType(leaf.element);
      if (reading !== undefined) return [{ column: { name, type: reading.type, stored }, leaf, reading, chunk }];
      const why = leaf.repeated ? 'it has lists of values' : `its type ${stored} is not read`;
      this.#notes.set('column-not-read', this.rows, why, name);
      return [];
    });
    this.columns = this.#readable.map(({ column }) => column);
  }

  get notes(): readonly TableNote[] {
    return this.#notes.list();
  }

  async *batches({ columns, signal }: BatchOptions = {}): AsyncGenerator<Batch, void, undefined> {
    const names = this.columns.map(({ name }) => name);
    const chosen = chooseColumns(names, columns).map((index) => this.#readable[index]!);
    const most = Math.min(batchRows(chosen.length), Math.max(1, this.rows));
    const sinks = chosen.map(({ reading }) =>
      reading.type === 'text' ? new TextColumn(most) : new NumberColumn(reading.type, most),
    );
    const budget = new Budget();
    const piece = Math.max(MIN_PIECE, Math.min(MAX_PIECE, Math.floor(AHEAD / Math.max(1, chosen.length))));
    this.read = 0;
    let start = 0;
    for (const [index, group] of this.#groups.entries()) {
      if (group.rows === 0) continue;
      const readers = chosen.map(({ column, leaf, reading, chunk }, at) => {
        const task = {
          name: column.name,
          reading,
          maxLevel: leaf.maxLevel,
          chunk: group.chunks[chunk]!,
          column: sinks[at]!,
          firstRow: start,
        };
        return new ColumnReader(task, { source: this.#source, budget, piece });
      });
      const step = Math.min(most, rowsByText(chosen, group));
      for (let row = 0; row < group.rows;) {
        const rows = Math.min(step, group.rows - row);
        for (const reader of readers) {
          await reader.read(rows);
          signal?.throwIfAborted();
        }
        await pause(signal);
        this.read = Math.round((this.bytes * (start + rows)) / this.rows);
        yield { start, rows, columns: sinks.map((sink) => sink.take(rows)) };
        for (const sink of sinks) sink.reset();
        row += rows;
        start += rows;
      }
      for (const [at, reader] of readers.entries()) this.#finish(reader, chosen[at]!, group, index);
    }
    this.read = this.bytes;
    for (const [at, { column, reading }] of chosen.entries())
      noteColumn(this.#notes, column.name, sinks[at]!, reading.form === 'fixed' ? reading.rounds : 'decimals-rounded');
  }

  #finish(reader: ColumnReader, { column, chunk }: Readable, group: RowGroup, index: number): void {
    const { nulls } = group.chunks[chunk]!;
    const behind = reader.finish();
    if (nulls !== undefined && nulls !== reader.nulls)
      this.#notes.set(
        'footer-differs',
        Math.abs(nulls - reader.nulls),
        `the footer says ${nulls} missing values in group of rows ${index}, and there are ${reader.nulls}`,
        column.name,
      );
    if (behind > 0)
      this.#notes.set(
        'bytes-not-read',
        behind,
        `group of rows ${index} has ${behind} bytes that hold no value`,
        column.name,
      );
  }

  async close(): Promise<void> {}
}

/** Rows of a batch whose texts take a bounded room, by what the footer says about their size. */
function rowsByText(chosen: readonly Readable[], group: RowGroup): number {
  let bytes = 0;
  for (const { reading, chunk } of chosen) if (reading.type === 'text') bytes += group.chunks[chunk]!.unpacked;
  return bytes > 0 ? Math.max(1, Math.floor((BATCH_BYTES * group.rows) / bytes)) : Infinity;
}
