// feed.json: where a feed comes from, written by the person who took it in. Read strictly, because source and licence go
// into the signed manifest: an unknown or misspelt key would be a fact that nobody reads.
import type { JsonObject } from '@vallum/core';
import { isJsonObject, messageOf, parseJsonStrict, parseTime, VallumError } from '@vallum/core';
import { hasControls, quote } from './quote.js';
import type { TableFacts } from './table-facts.js';
import { readTableFacts, TABLE_KEYS } from './table-facts.js';

export interface FeedFacts {
  readonly name: string;
  /** Empty when feed.json does not say; `data.manifest` then fails. */
  readonly source: string;
  /** Empty when feed.json does not say; `data.manifest` then fails. */
  readonly license: string;
  /** `YYYY-MM-DD`: the day the feed arrived. */
  readonly received: string;
  /** Of a feed whose rows are a table (`vallum/feed/v2`); absent where they are mails. */
  readonly table?: TableFacts;
}

/** Rows of a feed of mails. */
export const MAIL_FILE = 'rows.jsonl';
const KEYS = ['schema', 'name', 'source', 'license', 'received'];
const MAX_BYTES = 64 * 1024;
const MAX_TEXT = 1000;

/** @throws VallumError `DATA_FEED`, naming file and key */
export function readFeedJson(bytes: Uint8Array, path: string): FeedFacts {
  const json = parse(bytes, path);
  const isTable = json['schema'] === 'vallum/feed/v2';
  if (!isTable && json['schema'] !== 'vallum/feed/v1')
    throw wrong(path, 'the key "schema" is not "vallum/feed/v1", nor "vallum/feed/v2" for a table');
  const keys = isTable ? [...KEYS, ...TABLE_KEYS] : KEYS;
  for (const key of Object.keys(json)) if (!keys.includes(key)) throw wrong(path, `the key ${quote(key)} is not known`);
  const received = text(json, 'received', path);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(received) || !isTime(received))
    throw wrong(path, 'the key "received" is not a day like "2026-01-31"');
  const name = text(json, 'name', path);
  if (name === '') throw wrong(path, 'the key "name" is missing');
  const facts = { name, source: text(json, 'source', path), license: text(json, 'license', path), received };
  return isTable ? { ...facts, table: readTableFacts(json, path) } : facts;
}

/** Name of the file in the feed's folder that holds its rows. */
export function rowsFileOf({ table }: Pick<FeedFacts, 'table'>): string {
  return table?.file ?? MAIL_FILE;
}

function parse(bytes: Uint8Array, path: string): JsonObject {
  try {
    const json = parseJsonStrict(bytes, { maxBytes: MAX_BYTES, maxDepth: 4 });
    if (isJsonObject(json)) return json;
  } catch (error) {
    throw wrong(path, messageOf(error));
  }
  throw wrong(path, 'it is not an object');
}

function text(json: JsonObject, key: string, path: string): string {
  const value = json[key] ?? '';
  if (typeof value !== 'string') throw wrong(path, `the key "${key}" is not a text`);
  if (value.length > MAX_TEXT) throw wrong(path, `the key "${key}" has more than ${MAX_TEXT} characters`);
  if (hasControls(value)) throw wrong(path, `the key "${key}" holds control characters`);
  return value.trim();
}

function wrong(path: string, why: string): VallumError {
  return new VallumError('DATA_FEED', `${path}: ${why}`, { fix: `write the keys ${KEYS.join(', ')}` });
}

/** True for what `parseTime` of core reads. */
export function isTime(value: string): boolean {
  try {
    parseTime(value);
    return true;
  } catch {
    return false;
  }
}
