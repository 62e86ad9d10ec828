// Plain JSON of no known form: numbers and texts of each top-level key as one tensor, of records as columns. The name of a
// body that is no object is `body`.
import type { JsonValue } from '@vallum/core';
import { isJsonObject } from '@vallum/core';
import type { Refusal } from '../door/refusal.js';
import { isRefusal, refuse } from '../door/refusal.js';
import type { BodyHeaders, BodySettings } from './body-settings.js';
import { isJsonType, refuseType } from './body-settings.js';
import type { Inspected } from './inspected.js';
import { readJson } from './json-body.js';
import { inspectedLeaves } from './json-inspected.js';
import type { Leaves } from './leaves.js';
import { LeafColumns, visitBlocks } from './leaves.js';

const WHOLE = 'body';

export function inspectJson(body: Buffer, { contentType }: BodyHeaders, settings: BodySettings): Inspected | Refusal {
  if (!isJsonType(contentType)) return refuseType(contentType);
  const value = readJson(body, settings, 'bad-input');
  if (isRefusal(value)) return value;
  const leaves = leavesOf(value);
  if (typeof leaves === 'string') return refuse('bad-input', leaves);
  return inspectedLeaves(body, leaves, rowsOfJson(value), settings.maxElements, (writer) =>
    writer.write(rootOf(value), value),
  );
}

/** @returns the leaves, or why they are refused */
export function leavesOf(value: JsonValue): Leaves | string {
  const columns = new LeafColumns();
  let fault: string | undefined;
  visitBlocks(rootOf(value), value, (name, block) => (fault ??= columns.add(name, block)));
  return fault ?? columns.done();
}

/** Name under which the leaves of a whole value are kept. */
export function rootOf(value: JsonValue): string {
  return isJsonObject(value) ? '' : WHOLE;
}

/**
 * A list counts by its items, and an object by the longest list in it that holds lists, records or texts. A list of plain
 * numbers under a key is one row: most often it is the features of one query, and its elements have a budget of their own.
 */
function rowsOfJson(value: JsonValue): number {
  if (Array.isArray(value)) return isPlainNumbers(value as readonly JsonValue[]) ? 1 : value.length;
  if (!isJsonObject(value)) return 1;
  let rows = 1;
  for (const item of Object.values(value))
    if (Array.isArray(item) && !isPlainNumbers(item as readonly JsonValue[])) rows = Math.max(rows, item.length);
  return rows;
}

function isPlainNumbers(list: readonly JsonValue[]): boolean {
  return list.every((item) => typeof item === 'number');
}
