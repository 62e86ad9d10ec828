// Fields of a provenance statement, taken out with an error that names the field. Whoever wrote the statement controls
// every value: texts are bounded and hold no control character, since they end up on a terminal, and digests are digests.
import type { JsonObject, JsonValue, Sha256 } from '@vallum/core';
import { isJsonObject, isSha256, parseTime, VallumError } from '@vallum/core';

const MAX_TEXT = 1024;
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
/** A git object id: SHA-1 or SHA-256, in lower-case hexadecimal. */
export const GIT_COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** @returns what is thrown for a statement that cannot be used: nothing is proven with it */
export function malformed(where: string, why: string): VallumError {
  return new VallumError(
    'PROVENANCE_INVALID',
    `this is no provenance that can be used: ${where} ${why}`,
    { fix: 'get it again from whoever made it' },
    'unproven',
  );
}

/** The specification reads unset, null and empty alike. */
export function isUnset(value: JsonValue | undefined): value is undefined | null | '' {
  return value === undefined || value === null || value === '';
}

export function objectOf(value: JsonValue | undefined, where: string): JsonObject {
  if (!isJsonObject(value)) throw malformed(where, 'is not an object');
  return value;
}

/** An object that has no other fields than these. */
export function knownOnly(json: JsonValue | undefined, where: string, names: readonly string[]): JsonObject {
  const fields = objectOf(json, where);
  const unknown = Object.keys(fields).find((name) => !names.includes(name));
  if (unknown !== undefined) throw malformed(where, `has the unknown field ${JSON.stringify(unknown.slice(0, 80))}`);
  return fields;
}

/** An unset list is an empty one. */
export function listOf(value: JsonValue | undefined, where: string, max: number): readonly JsonValue[] {
  if (isUnset(value)) return [];
  if (!Array.isArray(value)) throw malformed(where, 'is not a list');
  if (value.length > max) throw malformed(where, `has more than ${max} entries`);
  return value as readonly JsonValue[];
}

export function textOf(value: JsonValue | undefined, where: string, max = MAX_TEXT): string {
  if (typeof value !== 'string' || value.trim() === '') throw malformed(where, 'is not a text');
  if (value.length > max) throw malformed(where, `is longer than ${max} characters`);
  if (UNPRINTABLE.test(value) || !value.isWellFormed()) throw malformed(where, 'holds a control character');
  return value;
}

export function digestOf(value: JsonValue | undefined, where: string): Sha256 {
  if (!isSha256(value)) throw malformed(where, 'is not a SHA-256 digest');
  return value;
}

export function commitOf(value: JsonValue | undefined, where: string): string {
  if (typeof value !== 'string' || !GIT_COMMIT.test(value)) throw malformed(where, 'is not a git commit');
  return value;
}

export function countOf(value: JsonValue | undefined, where: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    throw malformed(where, 'is not a whole number');
  return value;
}

/** A UTC time, kept as it was written. */
export function timeOf(value: JsonValue | undefined, where: string): string {
  const text = textOf(value, where, 30);
  try {
    parseTime(text);
  } catch {
    throw malformed(where, 'is not a UTC time');
  }
  return text;
}

/** A field that may be left out, under its own name. */
export function optional<K extends string, V>(
  name: K,
  value: JsonValue | undefined,
  read: (value: JsonValue) => V,
): { readonly [key in K]?: V } {
  return isUnset(value) ? {} : ({ [name]: read(value) } as { readonly [key in K]: V });
}
