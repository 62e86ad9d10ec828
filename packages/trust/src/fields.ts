// Strict readers of JSON fields. An attacker controls the document: every field is known, typed and bounded, and a text
// that ends up on a terminal holds no control character (escape sequences can rewrite what a person reads).
import type { JsonObject, JsonValue, Sha256 } from '@vallum/core';
import { isJsonObject, isSha256, parseTime, VallumError } from '@vallum/core';
import { distrust } from './refusal.js';

const MAX_TEXT = 4096;
// Control and format characters (line breaks, terminal escapes, bidirectional overrides).
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

function malformed(where: string, why: string): VallumError {
  return distrust('TRUST_FORMAT', `${where} ${why}`);
}

/** An object with exactly the required fields and at most the optional ones. */
export function fieldsOf(
  value: JsonValue | undefined,
  where: string,
  required: readonly string[],
  optional: readonly string[] = [],
): JsonObject {
  if (!isJsonObject(value)) throw malformed(where, 'is not an object');
  for (const name of required) if (!Object.hasOwn(value, name)) throw malformed(where, `lacks the field "${name}"`);
  for (const name of Object.keys(value))
    if (!required.includes(name) && !optional.includes(name))
      throw malformed(where, `has the unknown field ${JSON.stringify(name.slice(0, 80))}`);
  return value;
}

export function listOf(value: JsonValue | undefined, where: string, max: number): readonly JsonValue[] {
  if (!Array.isArray(value)) throw malformed(where, 'is not a list');
  if (value.length > max) throw malformed(where, `has ${value.length} entries, more than ${max}`);
  return value as readonly JsonValue[];
}

/** A printable text that is not blank. */
export function textOf(value: JsonValue | undefined, where: string, max = MAX_TEXT): string {
  if (typeof value !== 'string' || value.trim() === '') throw malformed(where, 'is not a text');
  if (value.length > max) throw malformed(where, `is longer than ${max} characters`);
  if (UNPRINTABLE.test(value)) throw malformed(where, 'holds a control character');
  return value;
}

export function wordOf(value: JsonValue | undefined, where: string, pattern: RegExp): string {
  if (typeof value !== 'string' || !pattern.test(value)) throw malformed(where, 'does not have the expected form');
  return value;
}

export function digestOf(value: JsonValue | undefined, where: string): Sha256 {
  if (!isSha256(value)) throw malformed(where, 'is not a SHA-256 digest');
  return value;
}

export function numberOf(value: JsonValue | undefined, where: string): number {
  if (typeof value !== 'number') throw malformed(where, 'is not a number');
  return value;
}

/** A UTC time, kept as it was written. */
export function timeOf(value: JsonValue | undefined, where: string): string {
  if (typeof value !== 'string') throw malformed(where, 'is not a time');
  try {
    parseTime(value);
  } catch (error) {
    throw error instanceof VallumError ? malformed(where, `is ${error.message}`) : error;
  }
  return value;
}
