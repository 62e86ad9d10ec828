// The part of `vallum/feed/v2` about a feed whose rows are a table: which file, and what its columns mean. Every file lies in
// the feed's own folder, so that a feed.json from a stranger cannot name somebody else's.
import type { JsonObject, JsonValue } from '@vallum/core';
import { isJsonObject, VallumError } from '@vallum/core';
import { hasControls, quote } from './quote.js';

export interface TableFacts {
  /** CSV, TSV, JSON lines, Parquet or Arrow. */
  readonly file: string;
  /** Column that names a row; without one a row goes by its number, from 1. */
  readonly id?: string;
  readonly label: string;
  /** Column with the time that a row was received. */
  readonly received?: string;
  /** Column that says where a row comes from. */
  readonly source?: string;
  /** File with `vallum/data-rules/v1`. */
  readonly rules?: string;
  /** .npy file with one row of features for each row of the table, in its order. */
  readonly features?: string;
}

/** Keys of feed.json that only a table feed has. */
export const TABLE_KEYS = ['table', 'rules', 'features'];
const COLUMN_KEYS = ['id', 'label', 'received', 'source'] as const;
const FILE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
const MAX_COLUMN = 1000;

/** @throws VallumError `DATA_FEED`, naming file and key */
export function readTableFacts(json: JsonObject, path: string): TableFacts {
  const table = json['table'];
  if (!isJsonObject(table)) throw wrong(path, 'the key "table" is not an object');
  for (const key of Object.keys(table))
    if (key !== 'file' && !COLUMN_KEYS.some((known) => known === key))
      throw wrong(path, `the key ${quote(`table.${key}`)} is not known`);
  const columns = Object.fromEntries(
    COLUMN_KEYS.flatMap((key) => {
      const name = table[key];
      return name === undefined ? [] : [[key, columnOf(name, key, path)] as const];
    }),
  );
  const { label } = columns;
  if (label === undefined) throw wrong(path, 'the key "table.label" is missing');
  const rules = json['rules'] === undefined ? {} : { rules: fileOf(json['rules'], 'rules', path) };
  const features = json['features'] === undefined ? {} : { features: fileOf(json['features'], 'features', path) };
  const facts = { ...columns, label, file: fileOf(table['file'], 'table.file', path), ...rules, ...features };
  refuseTwice('file', ['feed.json', facts.file, facts.rules, facts.features], path);
  refuseTwice('column', Object.values(columns), path);
  return facts;
}

function columnOf(value: JsonValue, key: string, path: string): string {
  if (typeof value === 'string' && value !== '' && value.length <= MAX_COLUMN && !hasControls(value)) return value;
  throw wrong(path, `the key "table.${key}" is not the name of a column`);
}

function fileOf(value: JsonValue | undefined, key: string, path: string): string {
  if (typeof value === 'string' && FILE.test(value)) return value;
  throw wrong(path, `the key "${key}" is not the name of a file in the folder of the feed`);
}

function refuseTwice(what: string, names: readonly (string | undefined)[], path: string): void {
  const given = names.filter((name) => name !== undefined);
  const twice = given.find((name, index) => given.indexOf(name) !== index);
  if (twice !== undefined) throw wrong(path, `the ${what} ${quote(twice)} has two meanings`);
}

function wrong(path: string, why: string): VallumError {
  return new VallumError('DATA_FEED', `${path}: ${why}`, {
    fix: 'write table.file and table.label, where they are there table.id, table.received and table.source, and rules and features',
  });
}
