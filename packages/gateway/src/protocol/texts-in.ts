// All texts of a JSON value in document order, and the same value with others in their places. Nothing is skipped but what was
// checked whole before, so that a field that nobody thought of is looked at like any other. Keys cannot be replaced.
import type { JsonObject, JsonValue } from '@vallum/core';

/** Texts beside the inputs or outputs of a body. They go on with it, so they are looked at like those within. */
export interface Beside {
  /** They may be replaced. */
  readonly texts: readonly string[];
  /** Keys, names and identifiers that must stay as they are: where one may not pass, nothing may. */
  readonly names: readonly string[];
}

/** What the texts under a key are, at any depth below it: `beside`, or `checked` and not listed, its keys neither. */
export type Kinds = ReadonlyMap<string, 'beside' | 'checked'>;
type Kind = 'text' | 'beside' | 'checked';

export const NO_KINDS: Kinds = new Map();

/** What was found so far. */
export interface Found {
  readonly texts: string[];
  readonly beside: string[];
  readonly names: Set<string>;
}

export function nothingFound(): Found {
  return { texts: [], beside: [], names: new Set() };
}

export function findTexts(value: JsonValue, kinds: Kinds, found: Found, kind: Kind = 'text'): void {
  if (kind === 'checked') return;
  if (typeof value === 'string') (kind === 'text' ? found.texts : found.beside).push(value);
  else if (Array.isArray(value)) {
    for (const item of value as readonly JsonValue[]) if (typeof item !== 'number') findTexts(item, kinds, found, kind);
  } else if (typeof value === 'object' && value !== null)
    for (const key of Object.keys(value)) {
      found.names.add(key);
      findTexts((value as JsonObject)[key] as JsonValue, kinds, found, kinds.get(key) ?? kind);
    }
}

/** All keys at any depth. */
export function keysIn(value: JsonValue, into: Set<string>): void {
  if (Array.isArray(value)) {
    for (const item of value as readonly JsonValue[]) if (typeof item === 'object') keysIn(item, into);
  } else if (typeof value === 'object' && value !== null)
    for (const key of Object.keys(value)) {
      into.add(key);
      keysIn((value as JsonObject)[key] as JsonValue, into);
    }
}

/** Each gives texts in the order in which `findTexts` listed them. */
export interface Next {
  readonly text: () => string;
  readonly beside: () => string;
}

export function withTextsIn(value: JsonValue, kinds: Kinds, next: Next, kind: Kind = 'text'): JsonValue {
  if (kind === 'checked') return value;
  if (typeof value === 'string') return kind === 'text' ? next.text() : next.beside();
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map((item) => withTextsIn(item, kinds, next, kind));
  if (typeof value !== 'object' || value === null) return value;
  const object = value as JsonObject;
  return Object.fromEntries(
    Object.keys(object).map((key) => [key, withTextsIn(object[key] as JsonValue, kinds, next, kinds.get(key) ?? kind)]),
  );
}

/** One text after the other. */
export function inOrder(texts: readonly string[]): () => string {
  let at = 0;
  return () => texts[at++] ?? '';
}

/** The object with what `keep` leaves of its fields (undefined: none of it); the very same object where that is everything. */
export function withFields(
  object: JsonObject,
  keep: (key: string, value: JsonValue) => JsonValue | undefined,
): JsonObject {
  let isSame = true;
  const entries: [string, JsonValue][] = [];
  for (const key of Object.keys(object)) {
    const value = object[key] as JsonValue;
    const next = keep(key, value);
    if (next !== value) isSame = false;
    if (next !== undefined) entries.push([key, next]);
  }
  return isSame ? object : Object.fromEntries(entries);
}
