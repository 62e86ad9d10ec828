// Feeds as parsed rows, each parsed once a process: several controls read the same feed, and parsing is the slow part.
// The cache is keyed by the digests of the bytes, never by path or time, so a changed file can never answer with old rows.
import type { Disk, Sha256 } from '@vallum/core';
import { sha256, VallumError } from '@vallum/core';
import type { Table } from '@vallum/formats';
import type { DataRules } from '../rules/rule.js';
import { MAIL_FILE, readFeedJson, rowsFileOf } from './feed-json.js';
import type { FeedFacts } from './feed-json.js';
import { readMailRows } from './mail-rows.js';
import type { MailRow } from './mail-rows.js';
import { quote } from './quote.js';
import type { TableFeed } from './table-feed.js';
import { rulesOf, withFeatures, withRows } from './table-feed.js';

/** A feed as `vallum.yaml` names it. */
export interface FeedRef {
  readonly name: string;
  /** Folder with feed.json and rows.jsonl, or the table that feed.json names. */
  readonly path: string;
}

export interface FeedDigests {
  /** Of rows.jsonl, or of the table. */
  readonly rows: Sha256;
  readonly feedJson: Sha256;
}

export interface Feed extends FeedFacts {
  readonly rows: readonly MailRow[];
  readonly digests: FeedDigests;
  /** Size of rows.jsonl. */
  readonly bytes: number;
}

export interface RowSource {
  /**
   * A feed of mails, all rows at once.
   * @param expected digests that were planned with; other bytes are refused
   * @throws VallumError `DATA_CHANGED`, `DATA_FEED_NAME`, `DATA_TABLE` for a feed that is a table, and those of feed.json,
   * rows.jsonl and the disk
   */
  feed(ref: FeedRef, expected?: FeedDigests, signal?: AbortSignal): Promise<Feed>;
  /** The rows of a table feed, batch by batch. @throws VallumError as `withRows` */
  rows<T>(feed: TableFeed, work: (table: Table) => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** The features that a table feed declares; undefined where it declares none. */
  features<T>(feed: TableFeed, work: (features: Table) => Promise<T>, signal?: AbortSignal): Promise<T | undefined>;
  /** The rules that a table feed declares. */
  rules(feed: TableFeed): Promise<DataRules | undefined>;
}

/** Bytes of one rows.jsonl. */
export const MAX_FEED_BYTES = 256 * 1024 * 1024;
export const MAX_FEED_JSON = 64 * 1024;
/** Feeds that stay parsed; the one that was used longest ago goes first. */
const KEPT = 16;

export function createRowSource(disk: Disk): RowSource {
  const kept = new Map<string, Promise<Feed>>();
  return {
    async feed(ref, expected, signal) {
      const files = await readFeedFiles(disk, ref);
      if (expected !== undefined) refuseChange(ref, expected, files.digests);
      const key = `${ref.name} ${files.digests.feedJson} ${files.digests.rows}`;
      const parsed = kept.get(key) ?? parseFeed(ref, files);
      kept.delete(key);
      kept.set(key, parsed);
      for (const oldest of kept.keys()) if (kept.size > KEPT) kept.delete(oldest);
      // The parse belongs to every caller: one that runs out of time leaves it to the others. A failed one is kept too, as
      // the same bytes would fail again.
      const feed = await parsed;
      signal?.throwIfAborted();
      return feed;
    },
    rows: (feed, work, signal) => withRows(disk, feed, work, signal),
    features: (feed, work, signal) => withFeatures(disk, feed, work, signal),
    rules: (feed) => rulesOf(disk, feed),
  };
}

/** One feed, without a cache. @throws VallumError as `RowSource.feed` */
export async function readFeed(options: {
  readonly disk: Disk;
  readonly path: string;
  readonly name: string;
}): Promise<Feed> {
  return createRowSource(options.disk).feed({ name: options.name, path: options.path });
}

interface FeedFiles {
  readonly feedJson: Uint8Array;
  readonly rows: Uint8Array;
  readonly digests: FeedDigests;
}

async function readFeedFiles(disk: Disk, { path }: FeedRef): Promise<FeedFiles> {
  const feedJson = await disk.read(`${path}/feed.json`, MAX_FEED_JSON);
  if (readFeedJson(feedJson, `${path}/feed.json`).table !== undefined)
    throw new VallumError('DATA_TABLE', `${path} is a feed with a table, and only feeds of mails are read here`, {
      fix: 'ask this of versions that were trained on mails',
    });
  const rows = await disk.read(`${path}/rows.jsonl`, MAX_FEED_BYTES);
  return { feedJson, rows, digests: { feedJson: sha256(feedJson), rows: sha256(rows) } };
}

/** Name of the file that holds the rows of the feed in a folder; that of mails where feed.json cannot tell. */
export async function readRowsFile(disk: Disk, path: string): Promise<string> {
  try {
    return rowsFileOf(readFeedJson(await disk.read(`${path}/feed.json`, MAX_FEED_JSON), path));
  } catch (error) {
    if (error instanceof VallumError) return MAIL_FILE;
    throw error;
  }
}

export function factsOf({ name, path }: FeedRef, feedJson: Uint8Array): FeedFacts {
  const facts = readFeedJson(feedJson, `${path}/feed.json`);
  if (facts.name !== name)
    throw new VallumError(
      'DATA_FEED_NAME',
      `${path}/feed.json names the feed ${quote(facts.name)}, not ${quote(name)}`,
      {
        fix: 'use one name in vallum.yaml and in feed.json',
      },
    );
  return facts;
}

async function parseFeed(ref: FeedRef, files: FeedFiles): Promise<Feed> {
  const facts = factsOf(ref, files.feedJson);
  const rows = await readMailRows(files.rows, `${ref.path}/rows.jsonl`);
  return { ...facts, rows, digests: files.digests, bytes: files.rows.length };
}

function refuseChange({ path }: FeedRef, expected: FeedDigests, actual: FeedDigests): void {
  const changed =
    expected.rows !== actual.rows ? 'rows.jsonl' : expected.feedJson !== actual.feedJson ? 'feed.json' : undefined;
  if (changed !== undefined)
    throw new VallumError('DATA_CHANGED', `${path}/${changed} changed after its digest was taken`, {
      fix: 'run again when the feed is at rest',
    });
}
