// One of the two tables of a comparison: walks it, with digests of what names a row, of what it says, of its label.
import { pause } from '@vallum/core';
import type { Batch, Table } from '@vallum/formats';
import { typesOf } from '../tables/common-cell.js';
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
  const places = new Map(names.map((name, index) => [name, index]));
  const [here, there] = [typesOf(table.columns), typesOf(other.columns)];
  const kindOf = (name: string) => {
    const type = here.get(name) ?? 'text';
    return { index: places.get(name) ?? -1, type, other: there.get(name) ?? type };
  };
  const digester = (of: readonly string[]): RowDigester => new RowDigester(of.map(kindOf));
  const [ofKey, ofContent] = [digester(key), digester(content)];
  const row: Row = { index: 0, key: new Uint32Array(4), content: new Uint32Array(4), label: 0, source: 0 };
  const numberIn = (known: Names, name: string | undefined): ((batch: Batch, at: number) => number) => {
    if (name === undefined) return () => 0;
    const { index, ...types } = kindOf(name);
    return (batch, at) => {
      const values = batch.columns[index];
      return values === undefined ? 0 : known.number(values, at, types);
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
