// One of the two tables of a comparison: walks it, with digests of what names a row, of what it says, of its label.
import type { Batch, Column, Table } from '@vallum/formats';
import { pause } from '../rows/pause.js';
import { RowDigester } from '../tables/row-digest.js';
import type { Names } from './names.js';

export interface Roles {
  /** Columns that name a row, or its whole content. */
  readonly key: readonly string[];
  /** What else it says. */
  readonly content: readonly string[];
  readonly label: string | undefined;
  readonly source: string | undefined;
}

/** The buffers are used again for the next row. */
export interface Row {
  /** Counted from 0. */
  index: number;
  readonly key: Uint32Array;
  readonly content: Uint32Array;
  label: number;
  source: number;
}

export interface Walk {
  readonly table: Table;
  /** For columns of another type there. */
  readonly other: Table;
  readonly roles: Roles;
  readonly labels: Names;
  readonly sources: Names;
  readonly signal: AbortSignal | undefined;
  readonly progress: (message: string) => void;
}

export async function walkRows(walk: Walk, each: (row: Row) => void, doing: string): Promise<number> {
  const { table, other, roles, labels, sources, signal } = walk;
  const { key, content, label, source } = roles;
  const names = [...new Set([...key, ...content, ...[label, source].filter((name) => name !== undefined)])];
  const columns = names.map((name) => table.columns.find((column) => column.name === name) as Column);
  const digester = (of: readonly string[]): RowDigester =>
    new RowDigester(
      of.map((name) => {
        const index = names.indexOf(name);
        const type = columns[index]?.type ?? 'text';
        return { index, type, asText: other.columns.find((column) => column.name === name)?.type !== type };
      }),
    );
  const [ofKey, ofContent] = [digester(key), digester(content)];
  const row: Row = { index: 0, key: new Uint32Array(4), content: new Uint32Array(4), label: 0, source: 0 };
  const numberIn = (known: Names, name: string | undefined): ((batch: Batch, at: number) => number) => {
    const index = name === undefined ? -1 : names.indexOf(name);
    const type = columns[index]?.type ?? 'text';
    return (batch, at) => {
      const values = batch.columns[index];
      return values === undefined ? 0 : known.number(values, at, type);
    };
  };
  const [labelAt, sourceAt] = [numberIn(labels, label), numberIn(sources, source)];
  let rows = 0;
  for await (const batch of table.batches({ columns: names, ...(signal === undefined ? {} : { signal }) })) {
    await pause(signal);
    ofKey.start(batch);
    ofContent.start(batch);
    for (let at = 0; at < batch.rows; at += 1) {
      row.index = batch.start + at;
      ofKey.digest(at, row.key);
      if (content.length > 0) ofContent.digest(at, row.content);
      row.label = labelAt(batch, at);
      row.source = sourceAt(batch, at);
      each(row);
    }
    rows += batch.rows;
    walk.progress(`${doing}: ${rows} rows`);
  }
  return rows;
}
