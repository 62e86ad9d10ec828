// One JSON object as the fields of a row: objects inside become `a.b`, arrays and what lies deeper become JSON text. Keys are
// the file's: a key `a.b` beside an object `a` that has a `b` would be two values of one column.
import type { JsonObject, JsonValue } from '@vallum/core';
import { isJsonObject } from '@vallum/core';
import type { ReadRecord } from './wide-integers.js';

const DEPTH = 4;

/** What a field of a row can be; an array or a deep object is text already. */
export type Scalar = string | number | boolean | null;

type Put = (name: string, value: Scalar, json: boolean) => boolean;

/** @param record whose value is `row` @returns the name of the column that has two values, if there is one */
export function flatten(row: JsonObject, record: ReadRecord, put: Put): string | undefined {
  return walk(row, '', 1, record, put);
}

function walk(object: JsonObject, prefix: string, depth: number, record: ReadRecord, put: Put): string | undefined {
  for (const key of Object.keys(object)) {
    const value = object[key] as JsonValue;
    const name = prefix === '' ? key : `${prefix}.${key}`;
    if (typeof value !== 'object' || value === null) {
      if (!put(name, record.scalarOf(value), false)) return name;
    } else if (isJsonObject(value) && depth < DEPTH && Object.keys(value).length > 0) {
      const twice = walk(value, name, depth + 1, record, put);
      if (twice !== undefined) return twice;
    } else if (!put(name, record.textOf(value), true)) return name;
  }
  return undefined;
}
