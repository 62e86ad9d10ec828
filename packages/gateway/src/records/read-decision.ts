// Reads an entry of the gateway's ledger back. The bytes were proven against a checkpoint before they come here, but they may
// be of another release or of a log that somebody else wrote.
import { canonicalJson, isJsonObject, isSha256, parseJsonStrict, VallumError } from '@vallum/core';
import type { JsonValue } from '@vallum/core';
import { STEPS } from '../detectors/step.js';
import { REFUSALS } from '../door/refusal.js';
import type { Decision } from './decision.js';
import { DECISION_LIMIT, DECISION_SCHEMA } from './encode.js';

/** A decision as it was stored. */
export type StoredDecision = Decision & { /** Texts or lists were cut to fit. */ readonly cut?: true };

type Check = (value: JsonValue) => boolean;
const text: Check = (value) => typeof value === 'string';
const amount: Check = (value) => typeof value === 'number' && value >= 0;
const oneOf =
  (...words: readonly string[]): Check =>
  (value) =>
    typeof value === 'string' && words.includes(value);
const texts: Check = (value) => Array.isArray(value) && (value as readonly JsonValue[]).every(text);
const counts: Check = (value) => isJsonObject(value) && Object.values(value).every(amount);

const REQUIRED: Readonly<Record<string, Check>> = {
  at: amount,
  bytesIn: amount,
  bytesOut: amount,
  config: isSha256,
  durationMs: amount,
  id: text,
  outcome: oneOf('allowed', 'refused', 'failed'),
  peer: text,
  policy: isSha256,
  schema: oneOf(DECISION_SCHEMA),
  status: amount,
};
const OPTIONAL: Readonly<Record<string, Check>> = {
  code: oneOf(...Object.keys(REFUSALS)),
  credential: text,
  cut: (value) => value === true,
  elements: amount,
  input: isSha256,
  masked: counts,
  means: oneOf('key', 'token', 'certificate'),
  model: text,
  operation: text,
  policies: texts,
  principal: text,
  reason: text,
  route: text,
  rows: amount,
  step: oneOf(...STEPS),
  times: amount,
  tokens: amount,
  version: text,
};

/** @throws VallumError `DECISION_FORMAT`: longer than 4 KiB, not canonical, of another version, or with a broken field */
export function readDecision(bytes: Uint8Array): StoredDecision {
  const value = parse(bytes);
  if (!isJsonObject(value)) throw broken('it is no object');
  for (const [name, check] of Object.entries(REQUIRED))
    if (!Object.hasOwn(value, name) || !check(value[name] ?? null))
      throw broken(`its field ${name} is missing or broken`);
  for (const [name, member] of Object.entries(value)) {
    if (Object.hasOwn(REQUIRED, name)) continue;
    if (!Object.hasOwn(OPTIONAL, name) || OPTIONAL[name]?.(member) !== true)
      throw broken(`its field ${JSON.stringify(name.slice(0, 40))} is unknown or broken`);
  }
  if (!Buffer.from(canonicalJson(value)).equals(bytes)) throw broken('it is not in canonical form');
  const decision = Object.fromEntries(Object.entries(value).filter(([name]) => name !== 'schema'));
  return decision as unknown as StoredDecision;
}

function parse(bytes: Uint8Array): JsonValue {
  try {
    return parseJsonStrict(bytes, { maxBytes: DECISION_LIMIT, maxDepth: 2 });
  } catch (cause) {
    throw new VallumError(
      'DECISION_FORMAT',
      'this is not a decision of a gateway: it is not strict JSON of at most 4 KiB',
      {
        cause,
      },
    );
  }
}

function broken(why: string): VallumError {
  return new VallumError('DECISION_FORMAT', `this is not a decision of a gateway: ${why}`);
}
