// A feed whose rows are a table: its files are pinned once, by whoever computes the digest of the dataset, and every control
// opens them through the pins. Nothing here holds the rows: they are delivered batch by batch.
import type { Disk, Input, Sha256 } from '@vallum/core';
import { messageOf, sha256, VallumError } from '@vallum/core';
import type { Table } from '@vallum/formats';
import { openTable } from '@vallum/formats';
import { MAX_RULES_BYTES, readDataRules } from '../rules/read-rules.js';
import type { DataRules } from '../rules/rule.js';
import type { FilePin } from './file-pin.js';
import { pinFile, pinnedFile } from './file-pin.js';
import { quote } from './quote.js';
import type { TableFacts } from './table-facts.js';

export interface TablePins {
  readonly table: FilePin;
  /** Digest of the rules file; there where feed.json names one, as is the pin of the features. */
  readonly rules?: Sha256;
  readonly features?: FilePin;
}

/** Folder and description of a table feed, with the bytes that it is about. */
export interface TableFeed {
  readonly name: string;
  readonly path: string;
  readonly table: TableFacts;
  readonly pins: TablePins;
}

/** @throws VallumError `DISK_*`, naming the file */
export async function pinTableFeed(disk: Disk, path: string, facts: TableFacts): Promise<TablePins> {
  const { file, rules, features } = facts;
  return {
    table: await pinFile(disk, `${path}/${file}`),
    ...(rules === undefined ? {} : { rules: sha256(await disk.read(`${path}/${rules}`, MAX_RULES_BYTES)) }),
    ...(features === undefined ? {} : { features: await pinFile(disk, `${path}/${features}`) }),
  };
}

/** The files of a table feed beside feed.json, as inputs of a statement. */
export function tableInputs({ name, table, pins }: TableFeed): readonly Input[] {
  const files: readonly (readonly [string | undefined, Sha256 | undefined])[] = [
    [table.file, pins.table.sha256],
    [table.rules, pins.rules],
    [table.features, pins.features?.sha256],
  ];
  return files.flatMap(([file, digest]) =>
    file === undefined || digest === undefined ? [] : [{ name: `${name}/${file}`, digest: { sha256: digest } }],
  );
}

/**
 * Opens the rows for some work and closes them whatever happens.
 * @throws VallumError `DATA_CHANGED` for other bytes than the pinned ones, `DATA_COLUMN` for a column of feed.json that is not
 * there, and `TABLE_*` of the readers, naming the file
 */
export function withRows<T>(
  disk: Disk,
  feed: TableFeed,
  work: (table: Table) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const { path, table: facts, pins } = feed;
  return withPinned(disk, `${path}/${facts.file}`, pins.table, signal, async (table) => {
    refuseMissing(feed, table);
    return work(table);
  });
}

/** The matrix of features, as a table of numbers. @throws VallumError as `withRows` */
export async function withFeatures<T>(
  disk: Disk,
  { path, table, pins }: TableFeed,
  work: (features: Table) => Promise<T>,
  signal?: AbortSignal,
): Promise<T | undefined> {
  const { features } = pins;
  if (table.features === undefined || features === undefined) return undefined;
  return withPinned(disk, `${path}/${table.features}`, features, signal, work);
}

/** @throws VallumError `DATA_CHANGED`, `DATA_RULES` */
export async function rulesOf(disk: Disk, { path, table, pins }: TableFeed): Promise<DataRules | undefined> {
  if (table.rules === undefined) return undefined;
  const file = `${path}/${table.rules}`;
  const bytes = await disk.read(file, MAX_RULES_BYTES);
  if (sha256(bytes) !== pins.rules)
    throw new VallumError('DATA_CHANGED', `${file} changed after its digest was taken`, {
      fix: 'run again when the feed is at rest',
    });
  try {
    return readDataRules(bytes);
  } catch (error) {
    throw named(error, file);
  }
}

async function withPinned<T>(
  disk: Disk,
  file: string,
  pin: FilePin,
  signal: AbortSignal | undefined,
  work: (table: Table) => Promise<T>,
): Promise<T> {
  let table: Table | undefined;
  try {
    table = await openTable(pinnedFile(disk, file, pin), file, signal === undefined ? {} : { signal });
    return await work(table);
  } catch (error) {
    throw named(error, file);
  } finally {
    await table?.close();
  }
}

function refuseMissing({ path, table: facts }: TableFeed, { columns }: Table): void {
  for (const key of ['id', 'label', 'received', 'source'] as const) {
    const name = facts[key];
    if (name === undefined || columns.some((column) => column.name === name)) continue;
    const known = columns.slice(0, 20).map((column) => quote(column.name));
    throw new VallumError(
      'DATA_COLUMN',
      `${path}/feed.json: the key "table.${key}" names the column ${quote(name)}, which ${facts.file} does not have`,
      { fix: `name one of ${known.join(', ')}` },
    );
  }
}

function named(error: unknown, file: string): unknown {
  if (!(error instanceof VallumError)) return error;
  const { code, message, errorClass, fix } = error;
  if (message.includes(file) || message.includes('/feed.json')) return error;
  const hint = fix === undefined ? {} : { fix };
  return new VallumError(code, `${file}: ${messageOf(error)}`, { ...hint, cause: error }, errorClass);
}
