// A canary: requests, and what the approved model answered to them, signed. Replayed at an upstream they detect a swapped
// model; they prove no digest, for whoever knows the file can answer it rightly. So it has to be kept from the upstream.
// An attacker may hand in any file: only one that a key with a fitting role signed for this very digest counts.
import type { JsonObject, JsonValue, Sha256, Statement } from '@vallum/core';
import { STATEMENT_TYPE, VallumError } from '@vallum/core';
import type { Signed, Trust } from '@vallum/trust';
import { readEnvelope, verifySignature } from '@vallum/trust';
import * as z from 'zod';

export const CANARY_TYPE = 'urn:vallum:canary:v1';
/** Either of these roles may sign one. */
export const CANARY_ROLES = ['decide', 'produce:integrity.check'] as const;
/** Exchanges of one canary; all of them are replayed at every look. */
export const MOST_EXCHANGES = 64;

const json = z.json() as z.ZodType<JsonValue>;
export const canaryRequest = z.strictObject({
  method: z.enum(['GET', 'POST']),
  /** At the upstream, with query. */
  path: z
    .string()
    .max(2_048)
    .regex(
      /^\/(?!\/)[\x21\x22\x24-\x7e]*$/,
      'a path begins with one "/" and holds no space, fragment or control character',
    ),
  body: json.optional(),
});
const exchange = z.strictObject({
  request: canaryRequest,
  answer: z.strictObject({ status: z.int().min(200).max(499), body: json }),
});
const pointer = z
  .string()
  .max(1_024)
  .regex(/^(\/[^/]*)+$/, 'a JSON pointer begins with "/"');
const predicate = z.object({
  exchanges: z.array(exchange).min(1).max(MOST_EXCHANGES),
  tolerance: z.strictObject({ absolute: z.number().min(0).max(1), relative: z.number().min(0).max(0.5) }),
  ignore: z.array(pointer).max(100),
  createdAt: z.iso.datetime(),
});

export type CanaryRequest = z.infer<typeof canaryRequest>;
export type Exchange = z.infer<typeof exchange>;
export type CanaryContent = z.infer<typeof predicate>;

export interface Canary extends CanaryContent {
  /** Id of the signed statement. */
  readonly id: Sha256;
  /** Digest of the model that answered. */
  readonly subject: Sha256;
}

/** @throws VallumError `CANARY_FORM` */
export function buildCanary(name: string, subject: Sha256, content: CanaryContent): Statement {
  const checked = parsed(content);
  return {
    _type: STATEMENT_TYPE,
    subject: [{ name, digest: { sha256: subject } }],
    predicateType: CANARY_TYPE,
    predicate: checked as unknown as JsonObject,
  };
}

export interface CanaryTrust {
  readonly trust: Trust;
  readonly now: Date;
  /** Why a statement was revoked, if it was. */
  readonly revoked: (signed: Signed) => string | undefined;
}

/**
 * @throws VallumError (not proven) `CANARY_SIGNATURE`, `CANARY_ROLE`, `CANARY_REVOKED`, `CANARY_TYPE`, `CANARY_FORM`, and
 *   those of `readEnvelope`
 */
export function readCanary(bytes: Uint8Array, { trust, now, revoked }: CanaryTrust): Canary {
  const signed = readEnvelope(bytes);
  const key = trust.key(signed.keyid);
  if (key === undefined || !verifySignature(signed, key))
    throw doubt('CANARY_SIGNATURE', 'no enrolled key signed the canary');
  if (signed.statement.predicateType !== CANARY_TYPE) throw doubt('CANARY_TYPE', 'the file is no canary');
  const content = parsed(signed.statement.predicate);
  const createdAt = new Date(content.createdAt);
  const isHeld = CANARY_ROLES.some((role) => trust.may(signed.keyid, role, createdAt) !== undefined);
  if (!isHeld || !(createdAt <= now))
    throw doubt('CANARY_ROLE', `its key did not hold the role ${CANARY_ROLES.join(' or ')} at ${content.createdAt}`);
  const why = revoked(signed);
  if (why !== undefined) throw doubt('CANARY_REVOKED', `the canary was revoked: ${why}`);
  const subject = signed.statement.subject[0]?.digest.sha256;
  if (subject === undefined) throw doubt('CANARY_FORM', 'the canary names no model');
  return { ...content, id: signed.id, subject };
}

function parsed(value: unknown): CanaryContent {
  const result = predicate.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw doubt('CANARY_FORM', `the canary is malformed at ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
}

function doubt(code: string, message: string): VallumError {
  return new VallumError(code, message, { fix: 'make a canary with vallum gateway canary' }, 'unproven');
}
