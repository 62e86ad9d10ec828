// The rows of a new feed, from an old one and the decisions about it, piece by piece. Mails stay `vallum/feed/v1`; of CSV, TSV and
// JSON lines the lines themselves are copied; other tables become JSON lines, with every value exact or refused.
import type { Disk, JsonObject } from '@vallum/core';
import { pause, VallumError } from '@vallum/core';
import type { Batch, Column, Table } from '@vallum/formats';
import type { DatasetFeed, TableDatasetFeed } from '../manifest/dataset.js';
import { isTableFeed } from '../manifest/dataset.js';
import { MAIL_FILE } from '../rows/feed-json.js';
import type { RowSource } from '../rows/row-source.js';
import { cellAt, textOf } from '../tables/cells.js';
import { nameOf } from './read-rows.js';
import type { SourceRow } from './source-rows.js';
import { cellOf, SourceRows, withCell, withValue } from './source-rows.js';

/** Labels of the rows that stay, by id. */
export type Staying = ReadonlyMap<string, string>;

/** feed.json of the new feed, under its own name. Features are left out: they are those of the old rows. */
export function newFeedJson(feed: DatasetFeed, name: string, file: string): JsonObject {
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
    table: { file, ...Object.fromEntries(columns) },
    ...(rules === undefined ? {} : { rules }),
  };
}

/** @param file of the new feed that the piece goes to: always the same one */
export type WritePiece = (file: string, piece: Uint8Array) => Promise<void>;

/**
 * @throws VallumError `REVIEW_VALUE` for what cannot be written without loss, `DATA_CHANGED`, and those of the readers
 */
export async function writeRows(
  feed: DatasetFeed,
  { disk, source }: { readonly disk: Disk; readonly source: RowSource },
  staying: Staying,
  write: WritePiece,
): Promise<void> {
  if (isTableFeed(feed))
    return source.rows(feed, async (table) => {
      const { format } = table;
      if (format !== 'csv' && format !== 'tsv' && format !== 'jsonl') return printTable(feed, table, staying, write);
      const from = await SourceRows.open(disk, feed);
      try {
        await copyTable(feed, table, { from, staying, write: (piece) => write(`rows.${format}`, piece) });
      } finally {
        await from.close();
      }
    });
  const { rows } = await source.feed(feed, feed.digests);
  const lines = rows.flatMap(({ id, received, mail }) => {
    const label = staying.get(id);
    return label === undefined ? [] : [`${JSON.stringify({ id, received, label, mail })}\n`];
  });
  await write(MAIL_FILE, Buffer.from(lines.join('')));
}

interface Copy {
  readonly from: SourceRows;
  readonly staying: Staying;
  readonly write: (piece: Uint8Array) => Promise<void>;
}

/** The lines of the file beside the rows of the reader: both have to see the same rows. */
async function copyTable(
  { name, table: facts }: TableDatasetFeed,
  table: Table,
  { from, staying, write }: Copy,
): Promise<void> {
  const json = table.format === 'jsonl';
  const delimiter = json ? undefined : await copyHeader(name, table, from, write);
  const labelAt = table.columns.findIndex((column) => column.name === facts.label);
  const labelColumn = table.columns[labelAt] as Column;
  for await (const batch of table.batches()) {
    await pause();
    const pieces: Buffer[] = [];
    for (let row = 0; row < batch.rows; row += 1) {
      const { id, label: before } = nameOf(facts, table, batch, row);
      const line = await from.next(delimiter);
      if (line === undefined || !sameRow(line, table, before, json ? undefined : labelAt)) throw notPlain(name);
      const label = staying.get(id);
      if (label === undefined) continue;
      if (label === before) pieces.push(line.bytes);
      else {
        const changed = json
          ? withValue(line, facts.label, labelValue(label, labelColumn))
          : withCell(line, labelAt, label);
        if (changed === undefined)
          throw lost(`row ${batch.start + row + 1} of ${name} does not hold its label as a value of its own`);
        pieces.push(changed);
      }
    }
    await write(Buffer.concat(pieces));
  }
  if ((await from.next(delimiter)) !== undefined) throw notPlain(name);
}

/** Copies what stands before the rows. @returns the delimiter under which the first line has the names of the columns */
async function copyHeader(
  name: string,
  table: Table,
  from: SourceRows,
  write: (piece: Uint8Array) => Promise<void>,
): Promise<number> {
  let candidates = table.format === 'tsv' ? '\t' : ',;|';
  if (table.notes.some(({ code }) => code === 'separator-line')) {
    const said = (await from.next(undefined)) as SourceRow;
    candidates = /sep=(.)/i.exec(said.bytes.toString('latin1'))?.[1] ?? '';
    await write(said.bytes);
  }
  for (const candidate of candidates) {
    const delimiter = candidate.charCodeAt(0);
    const line = await from.next(delimiter, true);
    if (line?.cells.length !== table.columns.length) continue;
    // A name that is missing or stands twice got another one from the reader.
    const known = table.columns.every(({ name: column }, at) => {
      const cell = cellOf(line, at);
      return cell.trim() === '' || column === cell || column.startsWith(`${cell} (`);
    });
    if (!known) continue;
    await from.next(delimiter);
    await write(line.bytes);
    return delimiter;
  }
  throw notPlain(name);
}

/** @param labelAt undefined for JSON lines: there a line is a row or nothing */
function sameRow(line: SourceRow, { columns }: Table, label: string, labelAt: number | undefined): boolean {
  if (labelAt === undefined) return /^(?:\ufeff)?\s*\{/.test(line.bytes.toString('utf8', 0, 64));
  if (line.cells.length !== columns.length) return false;
  return columns[labelAt]?.type !== 'text' || label === '' || cellOf(line, labelAt) === label;
}

async function printTable(
  { name, table: facts }: TableDatasetFeed,
  table: Table,
  staying: Staying,
  write: WritePiece,
): Promise<void> {
  for await (const batch of table.batches()) {
    await pause();
    const lines: string[] = [];
    for (let row = 0; row < batch.rows; row += 1) {
      const { id, label: before } = nameOf(facts, table, batch, row);
      const label = staying.get(id);
      if (label === undefined) continue;
      const values = table.columns.map((column, index) => {
        const relabelled = column.name === facts.label && label !== before;
        const value = relabelled ? labelValue(label, column) : printed(column, batch, index, row);
        return `${JSON.stringify(column.name)}:${value}`;
      });
      lines.push(`{${values.join(',')}}\n`);
    }
    await write(MAIL_FILE, Buffer.from(lines.join('')));
  }
  const note = table.notes.find(({ code }) => LOSSES.test(code));
  if (note !== undefined) throw lost(`${name}: ${note.message}`);
}

/** Notes of the reader that say that values are not what the file has. */
const LOSSES = /-rounded$|^column-not-read$|^not-utf8$|^more-notes$/;

/** One value as JSON. */
function printed({ name, type }: Column, batch: Batch, index: number, row: number): string {
  const cell = cellAt(batch.columns[index] as Batch['columns'][number], row);
  if (cell === undefined) return 'null';
  if (typeof cell === 'string') return JSON.stringify(cell);
  // A time finer than a millisecond has no spelling here.
  if (!Number.isFinite(cell) || (type === 'time' && !Number.isInteger(cell)))
    throw lost(`row ${batch.start + row + 1} of column ${JSON.stringify(name.slice(0, 80))} is ${cell}`);
  if (type === 'boolean') return String(cell === 1);
  if (type === 'time') return JSON.stringify(textOf(cell, type));
  return Object.is(cell, -0) ? '-0' : JSON.stringify(cell);
}

/** A label as JSON. */
function labelValue(label: string, { type }: Column): string {
  const bare =
    type === 'boolean' ? /^(?:true|false)$/.test(label) : type === 'number' && String(Number(label)) === label;
  return bare && label !== 'NaN' && !label.endsWith('Infinity') ? label : JSON.stringify(label);
}

function notPlain(name: string): VallumError {
  return lost(`the table of ${name} is not plain CSV or one JSON object a line, in UTF-8`);
}

function lost(what: string): VallumError {
  return new VallumError('REVIEW_VALUE', `the rows cannot be written without loss: ${what}`, {
    fix: 'write the feed as plain CSV or JSON lines in UTF-8, or make the new feed with your own tools',
  });
}
