// Rows whose values in some columns were there before. Exact, with constant memory: a table of more rows than one pass holds
// is gone through several times. Rows without any of the values do not count as equal, as in SQL.
import { pause } from '@vallum/core';
import type { Column, Table } from '@vallum/formats';
import { isMissing } from '../tables/cells.js';
import { DigestMap, inPass, passesFor } from '../tables/digest-map.js';
import { Broken } from '../tables/finding.js';
import { RowDigester } from '../tables/row-digest.js';

export interface PassOptions {
  readonly signal?: AbortSignal;
  /** Entries that are held at once. */
  readonly entries?: number;
}

/** @param rows of the table @param names columns of the table */
export async function findRepeated(
  table: Table,
  rows: number,
  names: readonly string[],
  { signal, entries }: PassOptions = {},
): Promise<Broken> {
  const columns = names.map((name) => table.columns.find((column) => column.name === name) as Column);
  const digester = new RowDigester(columns.map(({ type }, index) => ({ index, type })));
  const digest = new Uint32Array(4);
  const broken = new Broken();
  const passes = passesFor(rows, entries);
  for (let pass = 0; pass < passes; pass += 1) {
    const seen = new DigestMap();
    for await (const batch of table.batches({ columns: names, ...(signal === undefined ? {} : { signal }) })) {
      await pause(signal);
      digester.start(batch);
      for (let row = 0; row < batch.rows; row += 1) {
        if (batch.columns.every((values) => isMissing(values, row))) continue;
        digester.digest(row, digest);
        if (!inPass(digest, pass, passes)) continue;
        if (!seen.enter(digest, batch.start + row).isNew) broken.add(batch.start + row);
      }
    }
  }
  return broken;
}
