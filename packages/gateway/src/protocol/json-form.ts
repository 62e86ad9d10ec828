// Plain JSON of no known form: numbers and texts of each top-level key as one tensor, of records as columns. The name of a
// body that is no object is `body`.
import type { JsonObject, JsonValue } from '@vallum/core';
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
import { keysIn } from './texts-in.js';

const WHOLE = 'body';

export function inspectJson(body: Buffer, { contentType }: BodyHeaders, settings: BodySettings): Inspected | Refusal {
  if (!isJsonType(contentType)) return refuseType(contentType);
  const value = readJson(body, settings, 'bad-input');
  if (isRefusal(value)) return value;
  const leaves = leavesOf(value);
  if (typeof leaves === 'string') return refuse('bad-input', leaves);
  const names = new Set<string>();
  keysIn(value, names);
  const beside = { texts: [], names: [...names] };
  return inspectedLeaves({ body, leaves, beside }, rowsOfJson(value), settings.maxElements, (writer) =>
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
 * The longest list at any depth that holds anything but plain numbers: lists, records, texts. Nobody knows in which of them the
 * upstream looks for its rows (Seldon's are in `data.ndarray`), so the lifetime budget goes by the one that costs most; a single
 * image in lists counts as many rows as it has. A list of plain numbers is one row: most often it is the features of one query,
 * and its elements have a budget of their own.
 */
function rowsOfJson(value: JsonValue): number {
  if (typeof value !== 'object' || value === null) return 1;
  const isList = Array.isArray(value);
  const items = isList ? (value as readonly JsonValue[]) : Object.values(value as JsonObject);
  let rows = isList && !isPlainNumbers(items) ? items.length : 1;
  for (const item of items) if (typeof item === 'object') rows = Math.max(rows, rowsOfJson(item));
  return rows;
}

function isPlainNumbers(list: readonly JsonValue[]): boolean {
  return list.every((item) => typeof item === 'number');
}
