// A table in memory for tests: columns of plain values, in batches as small as a test wants.
import type { Batch, BatchOptions, Column, ColumnType, Table, TableNote, Values } from '@vallum/formats';
import { VallumError } from '@vallum/core';

export type PlainColumn = readonly (number | string | boolean | Date | null)[];

export interface MemoryOptions {
  readonly batch?: number;
  readonly format?: string;
  readonly notes?: readonly TableNote[];
  /** Types of columns that hold nothing to tell them from. */
  readonly types?: Readonly<Record<string, ColumnType>>;
}

export function memoryTable(columns: Readonly<Record<string, PlainColumn>>, options: MemoryOptions = {}): Table {
  const names = Object.keys(columns);
  const typeOfName = new Map(Object.entries(options.types ?? {}));
  const types = names.map((name) => typeOfName.get(name) ?? typeOf(columns[name] ?? []));
  const rows = columns[names[0] ?? '']?.length ?? 0;
  const size = options.batch ?? 1000;
  return {
    format: options.format ?? 'memory',
    columns: names.map((name, index): Column => ({ name, type: types[index] ?? 'text', stored: 'memory' })),
    rows,
    notes: options.notes ?? [],
    read: 0,
    bytes: 0,
    close: async () => undefined,
    batches: async function* ({ columns: asked = names, signal }: BatchOptions = {}): AsyncGenerator<Batch> {
      for (const name of asked) if (!names.includes(name)) throw new VallumError('TABLE_COLUMN', `no column ${name}`);
      for (let start = 0; start < rows; start += size) {
        signal?.throwIfAborted();
        const end = Math.min(rows, start + size);
        const part = asked.map((name) =>
          valuesOf((columns[name] ?? []).slice(start, end), types[names.indexOf(name)] ?? 'text'),
        );
        yield { start, rows: end - start, columns: part };
      }
    },
  };
}

function typeOf(values: PlainColumn): ColumnType {
  const first = values.find((value) => value !== null);
  if (typeof first === 'number') return 'number';
  if (typeof first === 'boolean') return 'boolean';
  return first instanceof Date ? 'time' : 'text';
}

function valuesOf(values: PlainColumn, type: ColumnType): Values {
  if (type === 'text') {
    const levels: string[] = [];
    const codeOf = new Map<string, number>();
    const codes = Int32Array.from(values, (value) => {
      if (value === null) return -1;
      const text = String(value);
      const known = codeOf.get(text);
      if (known !== undefined) return known;
      codeOf.set(text, levels.length);
      return levels.push(text) - 1;
    });
    return { type, codes, levels };
  }
  return {
    type,
    values: Float64Array.from(values, (value) => (value === null ? 0 : Number(value))),
    missing: values.includes(null) ? Uint8Array.from(values, (value) => (value === null ? 1 : 0)) : undefined,
  };
}
