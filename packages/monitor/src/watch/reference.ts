// What a monitor compares with: the profile of the reference data, and some of its rows, drawn by lot. Canonical bytes, so that
// a pin names them by one digest. The rows stand in it as they are: it is as confidential as the data.
import type { JsonObject, JsonValue, Sha256 } from '@vallum/core';
import { asSha256, canonicalJson, isJsonObject, parseJsonStrict, VallumError } from '@vallum/core';
import type { Profile } from '@vallum/stats';
import { profileBytes, readProfile } from '@vallum/stats';
import type { Sample, SampleColumn } from '../drift/sample.js';

const SCHEMA = 'vallum/monitor-reference/v1';
export const MOST_REFERENCE_BYTES = 128 * 1024 * 1024;
const MOST_COLUMNS = 10_000;
const KINDS: readonly unknown[] = ['number', 'boolean', 'time', 'text'];

export interface Reference {
  readonly data: { readonly name: string; readonly sha256: Sha256 };
  readonly profile: Profile;
  readonly sample: Sample;
}

export function referenceBytes({ data, profile, sample }: Reference): Uint8Array {
  const value: JsonObject = {
    schema: SCHEMA,
    data: { ...data },
    profile: JSON.parse(new TextDecoder().decode(profileBytes(profile))) as JsonValue,
    sample: { rows: sample.rows, columns: sample.columns.map(written) },
  };
  return new TextEncoder().encode(canonicalJson(value));
}

function written(column: SampleColumn): JsonObject {
  const { name, kind } = column;
  if (column.kind === 'text') return { name, kind, codes: [...column.codes], levels: [...column.levels] };
  const values = Array.from(column.values, (value) =>
    Number.isNaN(value) ? null : Number.isFinite(value) ? value : value > 0 ? 'inf' : '-inf',
  );
  return { name, kind, values, ...(column.stored === undefined ? {} : { stored: column.stored }) };
}

/** @throws VallumError `MONITOR_REFERENCE`, `JSON_INVALID`, `PROFILE_INVALID` */
export function readReference(bytes: Uint8Array): Reference {
  const limits = { maxBytes: MOST_REFERENCE_BYTES, maxDepth: 10, maxValues: 20_000_000 };
  const value = parseJsonStrict(bytes, limits);
  if (!isJsonObject(value) || value['schema'] !== SCHEMA) throw broken(`its schema is not ${SCHEMA}`);
  const { data, profile, sample } = value;
  if (!isJsonObject(data) || typeof data['name'] !== 'string' || typeof data['sha256'] !== 'string')
    throw broken('it does not say which data it was made of');
  if (!isJsonObject(profile)) throw broken('it has no profile');
  if (!isJsonObject(sample)) throw broken('it has no rows');
  const { rows, columns } = sample;
  if (!Number.isSafeInteger(rows) || (rows as number) < 1) throw broken('it has no rows');
  if (!Array.isArray(columns) || columns.length > MOST_COLUMNS) throw broken('it has no columns');
  const read = readProfile(new TextEncoder().encode(canonicalJson(profile)));
  return {
    data: { name: data['name'], sha256: asSha256(data['sha256']) },
    profile: read,
    sample: {
      name: 'the reference',
      rows: rows as number,
      columns: (columns as readonly JsonValue[]).map((column) => columnIn(column, rows as number)),
      ...(read.rows > (rows as number) ? { of: read.rows } : {}),
    },
  };
}

function columnIn(value: JsonValue, rows: number): SampleColumn {
  if (!isJsonObject(value)) throw broken('a column is no object');
  const { name, kind, stored } = value;
  if (typeof name !== 'string' || !KINDS.includes(kind)) throw broken('a column has no name or no kind');
  if (kind === 'text') {
    const { codes, levels } = value;
    if (!Array.isArray(codes) || codes.length !== rows || !Array.isArray(levels)) throw badColumn(name);
    if (!levels.every((level) => typeof level === 'string') || new Set(levels).size !== levels.length)
      throw badColumn(name);
    const whole = codes.every((code) => Number.isInteger(code) && Number(code) >= -1 && Number(code) < levels.length);
    if (!whole) throw badColumn(name);
    return { name, kind, codes: Int32Array.from(codes as number[]), levels: levels };
  }
  const { values } = value;
  if (!Array.isArray(values) || values.length !== rows) throw badColumn(name);
  const numbers = Float64Array.from(values as JsonValue[], (each) => {
    if (each === null) return NaN;
    if (typeof each === 'number') return each;
    if (each === 'inf') return Infinity;
    if (each === '-inf') return -Infinity;
    throw badColumn(name);
  });
  return {
    name,
    kind: kind as 'number' | 'boolean' | 'time',
    values: numbers,
    ...(typeof stored === 'string' ? { stored } : {}),
  };
}

const badColumn = (name: string): VallumError => broken(`the column ${JSON.stringify(name)} does not fit its rows`);

function broken(why: string): VallumError {
  return new VallumError(
    'MONITOR_REFERENCE',
    `this is not the reference of a monitor: ${why}`,
    { fix: 'restore the file, or pin a reference anew with vallum monitor pin' },
    'unproven',
  );
}
