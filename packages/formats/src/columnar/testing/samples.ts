// Small Parquet and Arrow files that pyarrow wrote, with every value in them. `tests/support/columnar-samples.py` makes them.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Source } from '../../bytes/parser.js';
import { bytesSource } from '../../bytes/parser.js';
import { openArrow } from '../../arrow/open-arrow.js';
import { openParquet } from '../../parquet/open-parquet.js';
import type { BatchOptions, Table } from '../../table/table.js';

/** A missing one is null; what JSON has no number for is written out. */
export type Cell = number | string | null;

export interface ExpectedTable {
  readonly rows: number;
  readonly columns: Readonly<Record<string, readonly Cell[]>>;
  /** Columns that are named in a note, and not read. */
  readonly leftOut: readonly string[];
}

export interface Sample {
  readonly name: string;
  readonly kind: 'parquet' | 'arrow';
  readonly expected: ExpectedTable;
  readonly bytes: Uint8Array;
}

interface Frozen {
  readonly tables: Readonly<Record<string, ExpectedTable>>;
  readonly files: readonly { name: string; kind: 'parquet' | 'arrow'; table: string; base64: string }[];
}

export function loadSamples(): readonly Sample[] {
  const packed = readFileSync(new URL('samples.json.gz', import.meta.url));
  const { tables, files } = JSON.parse(gunzipSync(packed).toString('utf8')) as Frozen;
  return files.map(({ name, kind, table, base64 }) => {
    const expected = tables[table];
    if (expected === undefined) throw new Error(`no table ${table}`);
    return { name, kind, expected, bytes: Buffer.from(base64, 'base64') };
  });
}

export function openSample(kind: Sample['kind'], input: Uint8Array | Source): Promise<Table> {
  const source = input instanceof Uint8Array ? bytesSource(input) : input;
  return kind === 'parquet' ? openParquet(source) : openArrow(source);
}

/** Every value of a table by column, as the samples write them. */
export async function cellsOf(table: Table, options: BatchOptions = {}): Promise<Record<string, Cell[]>> {
  const names = options.columns ?? table.columns.map(({ name }) => name);
  const cells = Object.fromEntries(names.map((name): [string, Cell[]] => [name, []]));
  let next = 0;
  for await (const { start, rows, columns } of table.batches(options)) {
    if (start !== next) throw new Error(`a batch begins at ${start}, not at ${next}`);
    next += rows;
    for (const [index, values] of columns.entries()) {
      const into = cells[names[index]!]!;
      if (values.type === 'text') {
        if (values.codes.length !== rows) throw new Error('a column has another length than its batch');
        for (const code of values.codes) into.push(code === -1 ? null : (values.levels[code] ?? 'no level'));
      } else {
        if (values.values.length !== rows) throw new Error('a column has another length than its batch');
        for (const [row, value] of values.values.entries())
          into.push(values.missing?.[row] === 1 ? null : cellOf(value));
      }
    }
  }
  return cells;
}

const cellOf = (value: number): Cell => (Number.isFinite(value) ? value : String(value));
