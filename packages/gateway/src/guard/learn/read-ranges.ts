// The file that a route names in `learned`: ranges, or a profile of the training data. It is read strictly: a bound that is
// missing or crossed would be a check that is not made.
import type { JsonValue } from '@vallum/core';
import { canonicalJson, isJsonObject, isSha256, messageOf, parseJsonStrict, sha256, VallumError } from '@vallum/core';
import { PROFILE_SCHEMA, readProfile } from '@vallum/stats';
import * as z from 'zod';
import { learnFromProfile } from './from-profile.js';
import type { GatewayRanges } from './ranges.js';
import { RANGES_SCHEMA } from './ranges.js';

export const MAX_RANGES_BYTES = 64 * 1024 * 1024;
const MAX_VALUES = 10_000_000;

/** A whole number beyond 2^53 is written as a text: a strict reader of JSON cannot know whether an exact one was meant. */
const double = z.union([
  z.number(),
  z
    .string()
    .regex(/^-?\d{16,310}$/)
    .transform(Number)
    .pipe(z.number()),
]);
const text = z.string().max(1024);
const bounds = { minimum: double, maximum: double };
const column = z.discriminatedUnion('check', [
  z.strictObject({ name: text, check: z.literal('number'), ...bounds }),
  z.strictObject({ name: text, check: z.literal('boolean') }),
  z.strictObject({ name: text, check: z.literal('categories'), categories: z.array(text).min(1).max(10_000) }),
  z.strictObject({ name: text, check: z.literal('none'), why: text }),
]);
const head = {
  schema: z.literal(RANGES_SCHEMA),
  source: z.strictObject({ kind: z.enum(['table', 'profile']), sha256: z.string().refine(isSha256, 'no SHA-256') }),
  rows: z.int().min(1),
  margin: z.number().min(0).max(100),
};
const elements = z.int().min(1);
const ranges = z.union([
  z.strictObject({ ...head, columns: z.array(column).min(1).max(100_000) }),
  z.strictObject({ ...head, tensor: z.strictObject({ elements, ...bounds }) }),
]);

/** @throws VallumError `RANGES_INVALID`, `JSON_INVALID`, or `PROFILE_INVALID` for a profile that is broken */
export function readLearned(bytes: Uint8Array): GatewayRanges {
  const value = parseJsonStrict(bytes, { maxBytes: MAX_RANGES_BYTES, maxDepth: 8, maxValues: MAX_VALUES });
  if (isJsonObject(value) && value['schema'] === PROFILE_SCHEMA)
    return readRanges(written(learnFromProfile(readProfile(bytes), { sha256: sha256(bytes) }) as unknown as JsonValue));
  return readRanges(value);
}

function readRanges(value: JsonValue): GatewayRanges {
  const read = ranges.safeParse(value);
  if (!read.success) throw invalid(firstFault(read.error));
  const { data } = read;
  if ('tensor' in data && data.tensor.minimum > data.tensor.maximum) throw invalid('tensor: its bounds are crossed');
  if ('columns' in data) {
    const names = new Set<string>();
    for (const one of data.columns) {
      if (names.has(one.name)) throw invalid(`the column ${JSON.stringify(one.name)} is listed twice`);
      names.add(one.name);
      if (one.check === 'number' && one.minimum > one.maximum)
        throw invalid(`the column ${JSON.stringify(one.name)} has crossed bounds`);
    }
  }
  return data;
}

/** Canonical bytes, with a line end. @throws VallumError `RANGES_INVALID` for what could not be read again */
export function rangesBytes(learned: GatewayRanges): Uint8Array {
  const value = written(learned as unknown as JsonValue);
  readRanges(value);
  return Buffer.from(`${canonicalJson(value)}\n`);
}

function written(value: JsonValue): JsonValue {
  if (typeof value === 'number') return Number.isInteger(value) && !Number.isSafeInteger(value) ? digits(value) : value;
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map(written);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, written(member)]));
}

/** All digits, never an exponent. */
function digits(value: number): string {
  return BigInt(value).toString();
}

function firstFault(error: z.ZodError): string {
  const [issue] = error.issues;
  if (issue === undefined) return messageOf(error);
  return issue.path.length === 0 ? 'they have another form' : `${issue.path.join('.')}: ${issue.message}`;
}

function invalid(why: string): VallumError {
  return new VallumError('RANGES_INVALID', `these are no ranges of ${RANGES_SCHEMA}: ${why.slice(0, 300)}`, {
    fix: 'make them with vallum gateway learn',
  });
}
