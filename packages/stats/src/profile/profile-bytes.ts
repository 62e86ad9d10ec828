// Profiles as bytes: canonical when written, and believed only as far as they agree with themselves when read. Somebody may
// have made them by hand to hide a shift: bounds that cross, counts that do not add up and certificates that are too small
// are refused. That the figures are those of the real rows, only a signature by who computed them can say.
import { canonicalJson, isJsonObject, parseJsonStrict } from '@vallum/core';
import type { JsonValue } from '@vallum/core';
import { Fields, written } from './fields.js';
import { PROFILE_SCHEMA } from './profile.js';
import type { BooleanProfile, ColumnProfile, Profile } from './profile.js';
import { readNumberProfile } from './read-number-profile.js';
import { readTextProfile } from './read-text-profile.js';
import { invalidProfile } from './refuse.js';

const MOST_BYTES = 64 * 1024 * 1024;
const MOST_VALUES = 10_000_000;
const MOST_COLUMNS = 100_000;

/** UTF-8 of RFC 8785: the same profile gives the same bytes. Whole numbers beyond 2^53 are written as texts. */
export function profileBytes(profile: Profile): Uint8Array {
  return new TextEncoder().encode(canonicalJson(written(profile as unknown as JsonValue)));
}

/**
 * Fields that are not known are left out.
 * @throws VallumError `JSON_INVALID`, or `PROFILE_INVALID` naming column and field
 */
export function readProfile(bytes: Uint8Array): Profile {
  const value = parseJsonStrict(bytes, { maxBytes: MOST_BYTES, maxDepth: 8, maxValues: MOST_VALUES });
  if (!isJsonObject(value)) throw invalidProfile('it is no object');
  if (value['schema'] !== PROFILE_SCHEMA) throw invalidProfile(`its schema is not ${PROFILE_SCHEMA}`);
  const fields = new Fields(value, '', invalidProfile);
  const rows = fields.count('rows');
  const bins = fields.count('bins');
  if (bins < 8 || bins > 16_384) throw fields.wrong('bins', 'from 8 to 16384');
  const columns = fields
    .list('columns', MOST_COLUMNS)
    .map((column, i) => readColumn(Fields.of(column, `column ${i + 1}`, invalidProfile), rows));
  return { schema: PROFILE_SCHEMA, rows, bins, columns };
}

function readColumn(fields: Fields, rows: number): ColumnProfile {
  switch (fields.text('type')) {
    case 'number':
      return readNumberProfile(fields, 'number', rows);
    case 'time':
      return readNumberProfile(fields, 'time', rows);
    case 'text':
      return readTextProfile(fields, rows);
    case 'boolean':
      return readBoolean(fields, rows);
    default:
      throw fields.wrong('type', 'number, time, boolean or text');
  }
}

function readBoolean(fields: Fields, rows: number): BooleanProfile {
  const column: BooleanProfile = {
    name: fields.text('name'),
    type: 'boolean',
    missing: fields.count('missing'),
    false: fields.count('false'),
    true: fields.count('true'),
  };
  if (column.missing + column.false + column.true !== rows) throw fields.wrong('missing', 'what is left of the rows');
  return column;
}
