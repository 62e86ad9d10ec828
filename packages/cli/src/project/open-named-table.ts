// Tables that a person names: opened, watched while they are read, and closed whatever happens. Whatever is wrong with one of
// two tables, the sentence says with which.
import type { Batch, BatchOptions, Table } from '@vallum/formats';
import { openTable } from '@vallum/formats';
import { messageOf, VallumError } from '@vallum/core';
import type { Io } from '../answer.js';

const FIX = 'give a CSV, TSV, JSON lines, Parquet, Arrow or npy file, or a folder of images, texts or mails';

/** @throws VallumError `TABLE_*` and those of the readers, with the name in its sentence, also for rows that are read later */
export async function withTable<T>(io: Io, path: string, work: (table: Table) => Promise<T>): Promise<T> {
  const table = await openTable(io.disk, path, {
    progress: (read, bytes) => io.progress.say(`looking through ${path}${partOf(read, bytes)}`),
  }).catch((error: unknown) => {
    throw withName(error, path);
  });
  try {
    return await work(new NamedTable(table, path));
  } finally {
    await table.close();
  }
}

/** Says what is done, and how much of the table was read. */
export function tellProgress({ progress }: Io, table: Table): (message: string) => void {
  return (message) => progress.say(`${message}${partOf(table.read, table.bytes)}`);
}

function partOf(read: number, bytes: number): string {
  return bytes === 0 ? '' : `, ${Math.min(100, Math.floor((read / bytes) * 100))} %`;
}

function withName(error: unknown, path: string): unknown {
  if (!(error instanceof VallumError)) return error;
  const { code, message, errorClass } = error;
  const sentence = message.includes(path) ? messageOf(error) : `${path}: ${message}`;
  return new VallumError(code, sentence, { fix: error.fix ?? FIX, cause: error }, errorClass);
}

class NamedTable implements Table {
  readonly #table: Table;
  readonly #path: string;

  constructor(table: Table, path: string) {
    this.#table = table;
    this.#path = path;
  }

  get format(): string {
    return this.#table.format;
  }

  get columns(): Table['columns'] {
    return this.#table.columns;
  }

  get rows(): number | undefined {
    return this.#table.rows;
  }

  get notes(): Table['notes'] {
    return this.#table.notes;
  }

  get read(): number {
    return this.#table.read;
  }

  get bytes(): number {
    return this.#table.bytes;
  }

  async *batches(options?: BatchOptions): AsyncGenerator<Batch, void, undefined> {
    const batches = this.#table.batches(options)[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await batches.next().catch((error: unknown) => {
          throw withName(error, this.#path);
        });
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      await batches.return?.();
    }
  }

  async close(): Promise<void> {
    await this.#table.close();
  }
}
