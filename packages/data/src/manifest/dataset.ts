// A dataset is its feeds, and its digest is that of their canonical manifest. Computed once and handed to every control
// of the room, so that all of them speak about the same bytes: a control that later reads other bytes stops.
import type { Blocked, Disk, Input, JsonObject, Sha256, Subject } from '@vallum/core';
import { digestJson, messageOf, sha256, VallumError } from '@vallum/core';
import type { Table } from '@vallum/formats';
import type { FeedFacts } from '../rows/feed-json.js';
import { MAIL_FILE } from '../rows/feed-json.js';
import { factsOf, MAX_FEED_BYTES, MAX_FEED_JSON } from '../rows/row-source.js';
import type { FeedDigests, FeedRef } from '../rows/row-source.js';
import type { TableFacts } from '../rows/table-facts.js';
import type { TableFeed, TablePins } from '../rows/table-feed.js';
import { pinTableFeed, tableInputs, withRows } from '../rows/table-feed.js';

export interface DatasetFeed extends FeedRef, FeedFacts {
  readonly rows: number;
  /** Of rows.jsonl, or of the table with its features. */
  readonly bytes: number;
  readonly digests: FeedDigests;
  /** Of a table feed. */
  readonly pins?: TablePins;
}

export type TableDatasetFeed = DatasetFeed & TableFeed;

export function isTableFeed(feed: DatasetFeed): feed is TableDatasetFeed {
  return feed.table !== undefined && feed.pins !== undefined;
}

/** Files of a feed that a control has read when it has read all of it. */
export function filesOf(feed: DatasetFeed): number {
  return isTableFeed(feed) ? 1 + tableInputs(feed).length : 2;
}

export interface Dataset {
  readonly subject: Subject;
  /** `vallum/manifest/v1`; its canonical JSON has the digest of the subject. */
  readonly manifest: JsonObject;
  /** Sorted by name. */
  readonly feeds: readonly DatasetFeed[];
  readonly inputs: readonly Input[];
}

export interface DatasetOptions {
  readonly disk: Disk;
  readonly feeds: readonly FeedRef[];
  /** Like `spam-filter-data@v1`. */
  readonly subjectName: string;
}

/** Why the digest cannot be computed: the part of core's `Blocked` that does not depend on the control. */
export type Unreadable = Pick<Blocked, 'blocked'>;

export function isUnreadable(dataset: Dataset | Unreadable): dataset is Unreadable {
  return 'blocked' in dataset;
}

/**
 * An unreadable file is a value; a file with wrong content is an error of the user.
 * @throws VallumError `DATA_FEED`, `DATA_FEED_NAME`, `DATA_NO_ROWS`, `DATA_NO_FEEDS`, `DATA_FEED_TWICE`
 */
export async function openDataset({ disk, feeds, subjectName }: DatasetOptions): Promise<Dataset | Unreadable> {
  if (feeds.length === 0)
    throw new VallumError('DATA_NO_FEEDS', `${subjectName} has no feeds`, { fix: 'name at least one feed' });
  const opened: DatasetFeed[] = [];
  for (const ref of [...feeds].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (opened.at(-1)?.name === ref.name)
      throw new VallumError('DATA_FEED_TWICE', `${subjectName} names the feed ${JSON.stringify(ref.name)} twice`);
    const feed = await openFeed(disk, ref);
    if ('blocked' in feed) return feed;
    opened.push(feed);
  }
  const manifest = manifestOf(opened);
  return {
    subject: { name: subjectName, digest: { sha256: digestJson(manifest) } },
    manifest,
    feeds: opened,
    inputs: opened.flatMap((feed) => [
      input(`${feed.name}/feed.json`, feed.digests.feedJson),
      ...(isTableFeed(feed) ? tableInputs(feed) : [input(`${feed.name}/${MAIL_FILE}`, feed.digests.rows)]),
    ]),
  };
}

async function openFeed(disk: Disk, ref: FeedRef): Promise<DatasetFeed | Unreadable> {
  const feedJson = await readOrBlock(disk, `${ref.path}/feed.json`, MAX_FEED_JSON);
  if ('blocked' in feedJson) return feedJson;
  const facts = factsOf(ref, feedJson);
  const { table } = facts;
  if (table !== undefined) return openTableFeed(disk, { ...facts, ...ref, table }, sha256(feedJson));
  const bytes = await readOrBlock(disk, `${ref.path}/${MAIL_FILE}`, MAX_FEED_BYTES);
  if ('blocked' in bytes) return bytes;
  const rows = countLines(bytes);
  if (rows === 0) throw noRows(`${ref.path}/${MAIL_FILE}`);
  const digests = { rows: sha256(bytes), feedJson: sha256(feedJson) };
  return { ...facts, ...ref, rows, bytes: bytes.length, digests };
}

async function openTableFeed(
  disk: Disk,
  feed: FeedRef & FeedFacts & { readonly table: TableFacts },
  feedJson: Sha256,
): Promise<DatasetFeed | Unreadable> {
  const { path, table } = feed;
  const pins = await orBlock(`${path}/${table.file}`, () => pinTableFeed(disk, path, table));
  if ('blocked' in pins) return pins;
  const rows = await withRows(disk, { ...feed, pins }, countRows);
  if (rows === 0) throw noRows(`${path}/${table.file}`);
  const digests = { rows: pins.table.sha256, feedJson };
  return { ...feed, rows, bytes: pins.table.size + (pins.features?.size ?? 0), digests, pins };
}

/** Formats with a footer say it; of others every row is read, and none is kept. */
async function countRows(table: Table): Promise<number> {
  if (table.rows !== undefined) return table.rows;
  let rows = 0;
  const [first] = table.columns;
  for await (const batch of table.batches({ columns: first === undefined ? [] : [first.name] })) rows += batch.rows;
  return rows;
}

function noRows(file: string): VallumError {
  return new VallumError('DATA_NO_ROWS', `${file} holds no rows`, { fix: 'put at least one row into the feed' });
}

function readOrBlock(disk: Disk, file: string, limit: number): Promise<Uint8Array | Unreadable> {
  return orBlock(file, () => disk.read(file, limit));
}

async function orBlock<T>(file: string, read: () => Promise<T>): Promise<T | Unreadable> {
  try {
    return await read();
  } catch (error) {
    const code = error instanceof VallumError ? error.code : 'DISK_READ';
    return { blocked: { code, message: messageOf(error), file } };
  }
}

function countLines(bytes: Uint8Array): number {
  let lines = 0;
  let start = 0;
  for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, start)) {
    lines += 1;
    start = end + 1;
  }
  return start < bytes.length ? lines + 1 : lines;
}

function manifestOf(feeds: readonly DatasetFeed[]): JsonObject {
  return {
    schema: 'vallum/manifest/v1',
    feeds: feeds.map(({ name, source, license, rows, digests, table, pins }) => ({
      name,
      source,
      license,
      rows,
      sha256: digests.rows,
      feedJson: digests.feedJson,
      ...(table === undefined ? {} : { file: table.file }),
      ...(pins?.rules === undefined ? {} : { rules: pins.rules }),
      ...(pins?.features === undefined ? {} : { features: pins.features.sha256 }),
    })),
  };
}

function input(name: string, digest: Sha256): Input {
  return { name, digest: { sha256: digest } };
}
