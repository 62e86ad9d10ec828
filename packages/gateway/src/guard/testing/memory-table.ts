// A table in memory, as the readers of `formats` deliver one.
import type { Batch, Table } from '@vallum/formats';

type Cells = readonly (number | boolean | string | undefined)[];

/** Rows come in batches of two. */
export function memoryTable(columns: Readonly<Record<string, Cells>>, format = 'csv'): Table {
  const names = Object.keys(columns);
  const rows = Math.max(0, ...Object.values(columns).map((cells) => cells.length));
  const all = names.map((name) => ({ name, type: typeOf(columns[name] ?? []), stored: format }));
  return {
    format,
    columns: all,
    rows,
    notes: [],
    read: 0,
    bytes: 0,
    async *batches(options = {}) {
      for (let start = 0; start < rows; start += 2) {
        const end = Math.min(rows, start + 2);
        const wanted = options.columns ?? names;
        yield {
          start,
          rows: end - start,
          columns: wanted.map((name) => part((columns[name] ?? []).slice(start, end))),
        };
      }
    },
    async close() {},
  };
}

function typeOf(cells: Cells): 'number' | 'boolean' | 'text' {
  const some = cells.find((cell) => cell !== undefined);
  if (typeof some === 'string') return 'text';
  return typeof some === 'boolean' ? 'boolean' : 'number';
}

function part(cells: Cells): Batch['columns'][number] {
  const type = typeOf(cells);
  if (type === 'text') {
    const levels = cells.map((cell) => String(cell));
    return { type, codes: Int32Array.from(cells, (cell, i) => (cell === undefined ? -1 : i)), levels };
  }
  const missing = Uint8Array.from(cells, (cell) => Number(cell === undefined));
  return { type, values: Float64Array.from(cells, Number), missing };
}
