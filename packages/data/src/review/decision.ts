// One decision of a person about one suspect row, as the predicate `urn:vallum:data-review:v1` of a signed statement. The
// reader is strict: an unknown or misspelt key would be a decision that nobody meant. Who decided is also in the
// signature; the name here is what the person wants printed, and the caller compares the two.
import type { JsonObject, Sha256 } from '@vallum/core';
import { asSha256, isJsonObject, isSha256, messageOf, parseJsonStrict, VallumError } from '@vallum/core';
import { isTime } from '../rows/feed-json.js';
import { hasControls, quote } from '../rows/quote.js';

export const REVIEW_TYPE = 'urn:vallum:data-review:v1';

export type Choice =
  { readonly action: 'keep' } | { readonly action: 'drop' } | { readonly action: 'relabel'; readonly label: string };

export interface ReviewDecision {
  /** Of the queue item that the person saw: it names feed, row and content. */
  readonly item: Sha256;
  readonly feed: string;
  readonly row: string;
  /** Content of the row that the person saw. */
  readonly content: Sha256;
  readonly choice: Choice;
  readonly who: string;
  readonly why: string;
  /** When it was signed, by the clock of whoever did: the role must have been held then. */
  readonly createdAt: string;
}

const KEYS = ['schema', 'item', 'feed', 'row', 'content', 'decision', 'who', 'why', 'createdAt'] as const;
const SCHEMA = 'vallum/data-review/v1';
const MAX_BYTES = 16 * 1024;
const LIMITS = { feed: 200, row: 200, decision: 80, who: 200, why: 2000, createdAt: 40 } as const;

/** `keep`, `drop` or `relabel:LABEL`. @throws VallumError `REVIEW_DECISION` */
export function readChoice(text: string): Choice {
  if (text === 'keep' || text === 'drop') return { action: text };
  const label = text.startsWith('relabel:') ? text.slice('relabel:'.length) : '';
  if (label !== '' && label.length <= 64 && !hasControls(label)) return { action: 'relabel', label };
  throw wrong(`${quote(text)} is not a decision`);
}

export function printChoice(choice: Choice): string {
  return choice.action === 'relabel' ? `relabel:${choice.label}` : choice.action;
}

/** The predicate, ready to be signed; it reads back as the same decision. @throws VallumError `REVIEW_DECISION` */
export function decisionPredicate(decision: ReviewDecision): JsonObject {
  const { choice, ...rest } = decision;
  const predicate = { schema: SCHEMA, ...rest, decision: printChoice(choice) };
  readPredicate(predicate);
  return predicate;
}

/**
 * @param bytes JSON of the predicate, from a stranger
 * @throws VallumError `REVIEW_DECISION`
 */
export function readDecision(bytes: Uint8Array): ReviewDecision {
  try {
    return readPredicate(parseJsonStrict(bytes, { maxBytes: MAX_BYTES, maxDepth: 2, maxValues: 32 }));
  } catch (error) {
    if (error instanceof VallumError && error.code === 'REVIEW_DECISION') throw error;
    throw wrong(messageOf(error));
  }
}

function readPredicate(json: unknown): ReviewDecision {
  if (!isJsonObject(json)) throw wrong('it is not an object');
  for (const key of Object.keys(json))
    if (!KEYS.some((known) => known === key)) throw wrong(`the key ${quote(key)} is not known`);
  if (json['schema'] !== SCHEMA) throw wrong(`the key "schema" is not "${SCHEMA}"`);
  const createdAt = text(json, 'createdAt');
  if (!isTime(createdAt)) throw wrong('the key "createdAt" is not a time');
  return {
    item: digest(json, 'item'),
    feed: text(json, 'feed'),
    row: text(json, 'row'),
    content: digest(json, 'content'),
    choice: readChoice(text(json, 'decision')),
    who: text(json, 'who'),
    why: text(json, 'why'),
    createdAt,
  };
}

function digest(json: JsonObject, key: 'item' | 'content'): Sha256 {
  const value = json[key];
  if (typeof value !== 'string' || !isSha256(value)) throw wrong(`the key "${key}" is not a SHA-256 in lower-case hex`);
  return asSha256(value);
}

function text(json: JsonObject, key: keyof typeof LIMITS): string {
  const value = json[key];
  if (typeof value !== 'string' || value.trim() === '') throw wrong(`the key "${key}" is missing or empty`);
  if (value.length > LIMITS[key]) throw wrong(`the key "${key}" has more than ${LIMITS[key]} characters`);
  if (hasControls(value)) throw wrong(`the key "${key}" holds control characters`);
  return value;
}

function wrong(why: string): VallumError {
  return new VallumError('REVIEW_DECISION', `this is no decision about a row: ${why}`, {
    fix: `write the keys ${KEYS.join(', ')}; the decision is keep, drop or relabel:LABEL, with a reason`,
  });
}
