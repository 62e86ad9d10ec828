// Compares an answer with the approved one. Numbers may differ a little, for the same model on another processor or in
// another batch gives other last digits; everything else has to be the same.
import type { JsonValue } from '@vallum/core';
import { isJsonObject } from '@vallum/core';

export interface Tolerance {
  /** Numbers may differ by `absolute + relative * |approved|`. */
  readonly absolute: number;
  readonly relative: number;
}

/**
 * Where the first difference is, as a JSON pointer (RFC 6901); undefined when there is none.
 * @param ignore pointers whose values are not compared, such as the id of an answer
 */
export function firstDifference(
  approved: JsonValue,
  found: JsonValue,
  tolerance: Tolerance,
  ignore: readonly string[] = [],
): string | undefined {
  return compare(approved, found, '', tolerance, new Set(ignore));
}

function compare(
  approved: JsonValue | undefined,
  found: JsonValue | undefined,
  at: string,
  tolerance: Tolerance,
  ignore: ReadonlySet<string>,
): string | undefined {
  if (ignore.has(at)) return undefined;
  const inside = (name: string | number, a: JsonValue | undefined, b: JsonValue | undefined): string | undefined =>
    compare(a, b, `${at}/${escaped(String(name))}`, tolerance, ignore);
  if (typeof approved === 'number' && typeof found === 'number')
    return Math.abs(found - approved) <= tolerance.absolute + tolerance.relative * Math.abs(approved) ? undefined : at;
  if (Array.isArray(approved) && Array.isArray(found)) {
    const [a, b] = [approved as readonly JsonValue[], found as readonly JsonValue[]];
    if (a.length !== b.length) return at;
    for (const [index, value] of a.entries()) {
      const difference = inside(index, value, b[index]);
      if (difference !== undefined) return difference;
    }
    return undefined;
  }
  if (isJsonObject(approved) && isJsonObject(found)) {
    for (const name of new Set([...Object.keys(approved), ...Object.keys(found)])) {
      const own = (object: typeof approved): JsonValue | undefined =>
        Object.hasOwn(object, name) ? object[name] : undefined;
      const difference = inside(name, own(approved), own(found));
      if (difference !== undefined) return difference;
    }
    return undefined;
  }
  return approved === found ? undefined : at;
}

function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
