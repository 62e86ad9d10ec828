// A table over rows that are made one by one, from files of a folder or mails of a file.
import { NumberBuilder, TextBuilder } from '../table/builders.js';
import { chooseColumns } from '../table/choose.js';
import { BATCH_BYTES, batchRows } from '../table/limits.js';
import { Notes } from '../table/notes.js';
import type { Batch, BatchOptions, Column, Table, TableNote } from '../table/table.js';

export type Cell = string | number | null;

export interface RowPlan {
  readonly format: string;
  readonly columns: readonly Column[];
  /** Bytes of all files. */
  readonly bytes: number;
  /** One row after the other, one cell for each column; `progress` says how many bytes were read. */
  rows(
    notes: Notes,
    progress: (read: number) => void,
    signal?: AbortSignal,
  ): AsyncGenerator<readonly Cell[], void, undefined>;
}

const CELL_BYTES = 16;

export class RowsTable implements Table {
  readonly format: string;
  readonly columns: readonly Column[];
  readonly rows = undefined;
  readonly bytes: number;
  read = 0;
  readonly #plan: RowPlan;
  #notes = new Notes();

  constructor(plan: RowPlan) {
    this.format = plan.format;
    this.columns = plan.columns;
    this.bytes = plan.bytes;
    this.#plan = plan;
  }

  get notes(): readonly TableNote[] {
    return this.#notes.list();
  }

  async *batches(options: BatchOptions = {}): AsyncGenerator<Batch, void, undefined> {
    const wanted = chooseColumns(
      this.columns.map(({ name }) => name),
      options.columns,
    );
    const capacity = batchRows(this.columns.length);
    const builders = wanted.map((index) => builderOf(this.columns[index]!, capacity));
    this.#notes = new Notes();
    this.read = 0;
    let start = 0;
    let filled = 0;
    let bytes = 0;
    const take = (): Batch => ({ start, rows: filled, columns: builders.map((builder) => builder.take(filled)) });
    for await (const row of this.#plan.rows(this.#notes, (read) => (this.read = read), options.signal)) {
      options.signal?.throwIfAborted();
      for (const [at, index] of wanted.entries()) put(builders[at]!, filled, row[index] ?? null);
      for (const cell of row) bytes += typeof cell === 'string' ? cell.length * 2 : CELL_BYTES;
      filled += 1;
      if (filled < capacity && bytes < BATCH_BYTES) continue;
      yield take();
      options.signal?.throwIfAborted();
      for (const builder of builders) builder.reset(filled);
      start += filled;
      filled = 0;
      bytes = 0;
    }
    if (filled > 0) yield take();
  }

  async close(): Promise<void> {
    // Files are open only while they are read.
  }
}

function builderOf({ type }: Column, rows: number): NumberBuilder | TextBuilder {
  return type === 'text' ? new TextBuilder(rows) : new NumberBuilder(type, rows);
}

function put(builder: NumberBuilder | TextBuilder, row: number, cell: Cell): void {
  if (cell === null) builder.miss(row);
  else if (builder instanceof TextBuilder) builder.setText(row, String(cell));
  else builder.values[row] = Number(cell);
}
