// The rows of a new feed, from an old one and the decisions about it, piece by piece. Mails stay `vallum/feed/v1`; a table comes
// out as JSON lines, whatever it was, because every value of it can be written there exactly or is refused.
import type { JsonObject, JsonValue } from '@vallum/core';
import { VallumError } from '@vallum/core';
import type { Batch, Column, Table } from '@vallum/formats';
import type { DatasetFeed, TableDatasetFeed } from '../manifest/dataset.js';
import { isTableFeed } from '../manifest/dataset.js';
import { MAIL_FILE } from '../rows/feed-json.js';
import { pause } from '../rows/pause.js';
import type { RowSource } from '../rows/row-source.js';
import { cellAt, textOf } from '../tables/cells.js';
import { nameOf } from './read-rows.js';

/** Labels of the rows that stay, by id. */
export type Staying = ReadonlyMap<string, string>;

/** feed.json of the new feed, under its own name. Features are left out: they are those of the old rows. */
export function newFeedJson(feed: DatasetFeed, name: string): JsonObject {
  const { source, license, received, table } = feed;
  const facts = { name, source, license, received };
  if (table === undefined) return { schema: 'vallum/feed/v1', ...facts };
  const { rules, id, label, received: time, source: origin } = table;
  const columns = Object.entries({ id, label, received: time, source: origin }).flatMap(([key, column]) =>
    column === undefined ? [] : [[key, column] as const],
  );
  return {
    schema: 'vallum/feed/v2',
    ...facts,
    table: { file: MAIL_FILE, ...Object.fromEntries(columns) },
    ...(rules === undefined ? {} : { rules }),
  };
}

/**
 * Pieces of rows.jsonl.
 * @throws VallumError `REVIEW_VALUE` for a value that JSON cannot hold, `DATA_CHANGED`, and those of the readers
 */
export async function writeRows(
  feed: DatasetFeed,
  source: RowSource,
  staying: Staying,
  write: (piece: Uint8Array) => Promise<void>,
): Promise<void> {
  if (isTableFeed(feed)) return source.rows(feed, (table) => writeTable(feed, table, staying, write));
  const { rows } = await source.feed(feed, feed.digests);
  const lines = rows.flatMap(({ id, received, mail }) => {
    const label = staying.get(id);
    return label === undefined ? [] : [`${JSON.stringify({ id, received, label, mail })}\n`];
  });
  await write(Buffer.from(lines.join('')));
}

async function writeTable(
  { name, table: facts }: TableDatasetFeed,
  table: Table,
  staying: Staying,
  write: (piece: Uint8Array) => Promise<void>,
): Promise<void> {
  for await (const batch of table.batches()) {
    await pause();
    const lines: string[] = [];
    for (let row = 0; row < batch.rows; row += 1) {
      const { id, label: before } = nameOf(facts, table, batch, row);
      const label = staying.get(id);
      if (label === undefined) continue;
      const values = table.columns.map((column, index): readonly [string, JsonValue] => {
        if (column.name === facts.label && label !== before) return [column.name, labelValue(label, column)];
        return [column.name, valueOf(column, batch, index, row)];
      });
      lines.push(`${JSON.stringify(Object.fromEntries(values))}\n`);
    }
    await write(Buffer.from(lines.join('')));
  }
  const rounded = table.notes.find(({ code }) => code === 'integers-rounded');
  if (rounded !== undefined) throw lost(`${name}: ${rounded.message}`);
}

function valueOf({ name, type }: Column, batch: Batch, index: number, row: number): JsonValue {
  const cell = cellAt(batch.columns[index] as Batch['columns'][number], row);
  if (cell === undefined) return null;
  if (typeof cell === 'number' && !Number.isFinite(cell))
    throw lost(`row ${batch.start + row + 1} of column ${JSON.stringify(name.slice(0, 80))} is ${cell}`);
  if (type === 'boolean') return cell === 1;
  return type === 'time' ? textOf(cell, type) : cell;
}

function labelValue(label: string, { type }: Column): JsonValue {
  if (type === 'boolean') return label === 'true';
  return type === 'number' && Number.isFinite(Number(label)) ? Number(label) : label;
}

function lost(what: string): VallumError {
  return new VallumError('REVIEW_VALUE', `the rows cannot be written without loss: ${what}`, {
    fix: 'write wide integers as text and missing numbers as missing in the feed, or make the new feed with your own tools',
  });
}
