// Files of one folder as one table, one behind the other. Each shard decides its types from its own values; where they differ,
// a column is text in all of them when the format can give it as text, because a number in one file and a word in the next
// is what mixed types are.
import { quoted, tableError } from './errors.js';
import { Notes } from './notes.js';
import type { Batch, BatchOptions, Column, ColumnType, Table, TableNote } from './table.js';

export type Types = Readonly<Record<string, ColumnType>>;

export interface Shard {
  readonly path: string;
  readonly bytes: number;
  open(types: Types): Promise<Table>;
}

interface Known {
  readonly columns: readonly Column[];
  readonly rows: number | undefined;
  readonly notes: readonly TableNote[];
}

/** @param types that the caller gave @throws VallumError `TABLE_SHARDS` where names differ, or types that cannot be text */
export async function openShards(shards: readonly Shard[], types: Types, signal?: AbortSignal): Promise<Table> {
  const known: Known[] = [];
  let format = '';
  for (const shard of shards) {
    signal?.throwIfAborted();
    const table = await named(shard, () => shard.open(types));
    format = table.format;
    known.push({ columns: table.columns, rows: table.rows, notes: table.notes });
    await table.close();
  }
  const notes = new Notes();
  const columns = merge(shards, known, format, notes);
  for (const [at, one] of known.entries())
    for (const note of one.notes)
      notes.set(note.code, note.count, `${note.message} (in ${quoted(shards[at]!.path)})`, note.column);
  const rows = known.reduce<number | undefined>(
    (sum, one) => (sum === undefined || one.rows === undefined ? undefined : sum + one.rows),
    0,
  );
  return new ShardedTable({ shards, columns, rows, format, types, notes });
}

function merge(shards: readonly Shard[], known: readonly Known[], format: string, notes: Notes): readonly Column[] {
  const first = known[0]?.columns ?? [];
  const names = JSON.stringify(first.map(({ name }) => name));
  const textual = ['csv', 'tsv', 'jsonl'].includes(format);
  for (const [at, { columns }] of known.entries())
    if (JSON.stringify(columns.map(({ name }) => name)) !== names)
      throw tableError(
        'TABLE_SHARDS',
        `${quoted(shards[at]!.path)} has other columns than ${quoted(shards[0]!.path)}`,
        'keep tables of one kind in one folder',
      );
  return first.map((column, index) => {
    const all = known.map(({ columns }) => columns[index]!).filter(({ stored }) => stored !== 'empty');
    const types = new Set(all.map(({ type }) => type));
    if (types.size <= 1) return all[0] ?? column;
    if (!textual)
      throw tableError(
        'TABLE_SHARDS',
        `the column ${quoted(column.name)} has several types: ${[...types].join(', ')}`,
        'write all files with one schema',
      );
    notes.set('mixed-types', all.length, `files differ in its type: ${[...types].join(', ')}`, column.name);
    return { ...column, type: 'text' };
  });
}

async function named<T>(shard: Shard, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    throw tableError(
      'TABLE_SHARDS',
      `${quoted(shard.path)} cannot be read: ${error.message}`,
      'repair it or take it out',
      error,
    );
  }
}

interface Plan {
  readonly shards: readonly Shard[];
  readonly columns: readonly Column[];
  readonly rows: number | undefined;
  readonly format: string;
  readonly types: Types;
  readonly notes: Notes;
}

class ShardedTable implements Table {
  readonly format: string;
  readonly columns: readonly Column[];
  readonly rows: number | undefined;
  readonly bytes: number;
  read = 0;
  readonly #plan: Plan;

  constructor(plan: Plan) {
    this.format = plan.format;
    this.columns = plan.columns;
    this.rows = plan.rows;
    this.bytes = plan.shards.reduce((sum, { bytes }) => sum + bytes, 0);
    this.#plan = plan;
  }

  get notes(): readonly TableNote[] {
    return this.#plan.notes.list();
  }

  async *batches(options: BatchOptions = {}): AsyncGenerator<Batch, void, undefined> {
    const types = { ...this.#plan.types, ...Object.fromEntries(this.columns.map(({ name, type }) => [name, type])) };
    const declared = ['csv', 'tsv', 'jsonl'].includes(this.format) ? types : this.#plan.types;
    let start = 0;
    let before = 0;
    for (const shard of this.#plan.shards) {
      const table = await named(shard, () => shard.open(declared));
      try {
        for await (const batch of table.batches(options)) {
          this.read = before + table.read;
          yield { ...batch, start };
          start += batch.rows;
        }
      } finally {
        await table.close();
      }
      this.read = before += shard.bytes;
    }
  }

  async close(): Promise<void> {
    // Each shard is closed behind its last batch.
  }
}
