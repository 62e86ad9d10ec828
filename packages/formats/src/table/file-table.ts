// A table with the file that it reads from: closing the table closes the file.
import type { Batch, BatchOptions, Column, Table, TableNote } from './table.js';
import { tableError } from './errors.js';

export class FileTable implements Table {
  readonly #table: Table;
  readonly #close: () => Promise<void>;
  #closed = false;

  constructor(table: Table, close: () => Promise<void>) {
    this.#table = table;
    this.#close = close;
  }

  get format(): string {
    return this.#table.format;
  }

  get columns(): readonly Column[] {
    return this.#table.columns;
  }

  get rows(): number | undefined {
    return this.#table.rows;
  }

  get notes(): readonly TableNote[] {
    return this.#table.notes;
  }

  get read(): number {
    return this.#table.read;
  }

  get bytes(): number {
    return this.#table.bytes;
  }

  batches(options?: BatchOptions): AsyncIterable<Batch> {
    if (this.#closed) throw tableError('TABLE_CLOSED', 'the table is closed', 'open it again');
    return this.#table.batches(options);
  }

  /** May be called again. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#table.close();
    await this.#close();
  }
}
