// All texts of a JSON value in document order, and the same value with others in their places. Identifiers and words of the
// protocol are no texts; they are kept as they are.
import type { JsonObject, JsonValue } from '@vallum/core';

/** Keys whose values are skipped, with all that is in them. */
export type Skipped = ReadonlySet<string>;

export function textsIn(value: JsonValue, skipped: Skipped, into: string[] = []): string[] {
  if (typeof value === 'string') into.push(value);
  else if (Array.isArray(value)) for (const item of value as readonly JsonValue[]) textsIn(item, skipped, into);
  else if (typeof value === 'object' && value !== null)
    for (const key of Object.keys(value))
      if (!skipped.has(key)) textsIn((value as JsonObject)[key] as JsonValue, skipped, into);
  return into;
}

/** @param next gives the texts in the order in which `textsIn` listed them */
export function withTextsIn(value: JsonValue, skipped: Skipped, next: () => string): JsonValue {
  if (typeof value === 'string') return next();
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map((item) => withTextsIn(item, skipped, next));
  if (typeof value !== 'object' || value === null) return value;
  const object = value as JsonObject;
  return Object.fromEntries(
    Object.keys(object).map((key) => {
      const item = object[key] as JsonValue;
      return [key, skipped.has(key) ? item : withTextsIn(item, skipped, next)];
    }),
  );
}

/** One text after the other. */
export function inOrder(texts: readonly string[]): () => string {
  let at = 0;
  return () => texts[at++] ?? '';
}
