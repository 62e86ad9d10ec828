// The rows of a feed as the review needs them. Of a large feed only the rows that somebody names are kept whole; of the others
// name and label, so that a table of any length can be reviewed.
import { pause } from '@vallum/core';
import type { Batch, Table } from '@vallum/formats';
import type { DatasetFeed, TableDatasetFeed } from '../manifest/dataset.js';
import { isTableFeed } from '../manifest/dataset.js';
import type { MailRow } from '../rows/mail-rows.js';
import type { RowSource } from '../rows/row-source.js';
import { cellAt, textOf } from '../tables/cells.js';
import type { ReviewRow } from './queue.js';

export interface NamedRow extends ReviewRow {
  /** What a person reads of it; empty for rows that were not asked for. */
  readonly text: string;
}

/**
 * @param wanted ids of the rows whose content is needed
 * @throws VallumError `DATA_CHANGED`, and those of the readers
 */
export async function readReviewRows(
  feed: DatasetFeed,
  source: RowSource,
  wanted: ReadonlySet<string>,
  signal?: AbortSignal,
): Promise<readonly NamedRow[]> {
  if (isTableFeed(feed)) return source.rows(feed, (table) => tableRows(feed, table, wanted, signal), signal);
  const { rows } = await source.feed(feed, feed.digests, signal);
  return rows.map((row) => mailRow(row, wanted));
}

function mailRow({ id, label, received, mail, subject, body }: MailRow, wanted: ReadonlySet<string>): NamedRow {
  if (!wanted.has(id)) return { id, label, content: '', text: '' };
  return { id, label, content: JSON.stringify([received, mail]), text: `${subject} ${body}` };
}

async function tableRows(
  { table: facts }: TableDatasetFeed,
  table: Table,
  wanted: ReadonlySet<string>,
  signal: AbortSignal | undefined,
): Promise<readonly NamedRow[]> {
  const rows: NamedRow[] = [];
  for await (const batch of table.batches(signal === undefined ? {} : { signal })) {
    await pause(signal);
    for (let row = 0; row < batch.rows; row += 1) {
      const named = nameOf(facts, table, batch, row);
      if (!wanted.has(named.id)) {
        rows.push({ ...named, content: '', text: '' });
        continue;
      }
      const cells = table.columns.flatMap(({ name }, index) =>
        name === facts.id || name === facts.label ? [] : [[name, cellText(table, batch, index, row) ?? null] as const],
      );
      const text = cells.flatMap(([name, value]) => (value === null ? [] : [`${name}=${value}`])).join(' ');
      rows.push({ ...named, content: JSON.stringify(cells), text });
    }
  }
  return rows;
}

/** Id and label of a row as everything else in the room calls it: its number from 1 where it has no name. */
export function nameOf(
  facts: TableDatasetFeed['table'],
  table: Table,
  batch: Batch,
  row: number,
): { readonly id: string; readonly label: string } {
  const of = (name: string | undefined): string | undefined =>
    cellText(
      table,
      batch,
      table.columns.findIndex((column) => column.name === name),
      row,
    );
  return { id: of(facts.id) ?? String(batch.start + row + 1), label: of(facts.label) ?? '' };
}

function cellText({ columns }: Table, batch: Batch, index: number, row: number): string | undefined {
  const [values, column] = [batch.columns[index], columns[index]];
  const cell = values === undefined ? undefined : cellAt(values, row);
  return cell === undefined || column === undefined ? undefined : textOf(cell, column.type);
}
