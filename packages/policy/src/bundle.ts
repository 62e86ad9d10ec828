// The organisation's policy: requirements and Cedar policies in one statement, signed by a key with the role `policy`.
// It travels with the project, so nothing in it counts before its signature and its signer's role are checked.
import type { JsonObject, JsonValue, KindCatalog, Sha256, Statement } from '@vallum/core';
import { digestJson, isJsonObject, parseTime, STATEMENT_TYPE, VallumError } from '@vallum/core';
import type { Trust } from '@vallum/trust';
import { POLICY_TYPE, readEnvelope, verifySignature } from '@vallum/trust';
import type { Requirement } from './requirement.js';
import { readRequirements } from './requirement.js';

/** Cedar policies by name; the names appear in every decision. */
export type CedarPolicies = Readonly<Record<string, string>>;

export interface Policy {
  /** Id of the signed statement, or digest of the default. */
  readonly digest: Sha256;
  readonly requirements: readonly Requirement[];
  readonly cedar: CedarPolicies;
}

export interface PolicyBundle extends Policy {
  readonly keyid: Sha256;
  /** Id of the principal who signed it. */
  readonly owner: string;
  readonly createdAt: string;
}

const FIELDS: readonly string[] = ['requirements', 'cedar', 'createdAt'];
const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const MAX_POLICIES = 500;
const MAX_POLICY_TEXT = 16 * 1024;

function unproven(code: string, message: string, fix: string): VallumError {
  return new VallumError(code, message, { fix }, 'unproven');
}

/** @throws VallumError `POLICY_KEY` (wrong use) when the draft is malformed */
export function buildPolicyBundle(
  draft: { readonly requirements: JsonValue; readonly cedar: JsonValue },
  kinds: KindCatalog,
  now: Date,
): Statement {
  readRequirements(draft.requirements, 'requirements', kinds);
  readCedarPolicies(draft.cedar);
  const predicate: JsonObject = { requirements: draft.requirements, cedar: draft.cedar, createdAt: now.toISOString() };
  return {
    _type: STATEMENT_TYPE,
    subject: [
      { name: 'policy', digest: { sha256: digestJson({ requirements: draft.requirements, cedar: draft.cedar }) } },
    ],
    predicateType: POLICY_TYPE,
    predicate,
  };
}

/** @throws VallumError of class `unproven` when it is not signed by somebody who may set policy, or is malformed */
export function readPolicyBundle(bytes: Uint8Array, trust: Trust, kinds: KindCatalog, now: Date): PolicyBundle {
  try {
    return readBundle(bytes, trust, kinds, now);
  } catch (error) {
    if (error instanceof VallumError)
      throw unproven(error.code, `policy.json does not count: ${error.message}`, error.fix ?? 'restore policy.json');
    throw error;
  }
}

function readBundle(bytes: Uint8Array, trust: Trust, kinds: KindCatalog, now: Date): PolicyBundle {
  const signed = readEnvelope(bytes);
  const { predicateType, predicate, subject } = signed.statement;
  if (predicateType !== POLICY_TYPE) throw unproven('POLICY_TYPE', 'it is no policy bundle', 'restore policy.json');
  const key = trust.key(signed.keyid);
  if (key === undefined || !verifySignature(signed, key))
    throw unproven('POLICY_SIGNATURE', 'it is not signed by an enrolled key', 'have the policy owner sign it');
  const { requirements, cedar, createdAt } = predicate;
  const at = parseTime(typeof createdAt === 'string' ? createdAt : '');
  const owner = trust.may(signed.keyid, 'policy', at);
  if (owner === undefined || !(at <= now))
    throw unproven(
      'POLICY_ROLE',
      'it is signed by a key without the role policy at that time',
      'have the policy owner sign it',
    );
  if (Object.keys(predicate).some((name) => !FIELDS.includes(name)))
    throw unproven('POLICY_FORM', 'it has a field that this release does not know', 'use the newest Vallum');
  if (
    requirements === undefined ||
    cedar === undefined ||
    subject[0]?.digest.sha256 !== digestJson({ requirements, cedar })
  )
    throw unproven('POLICY_FORM', 'it is about other content than it holds', 'have it signed again');
  return {
    digest: signed.id,
    keyid: signed.keyid,
    owner: owner.id,
    createdAt: at.toISOString(),
    requirements: readRequirements(requirements, 'requirements', kinds),
    cedar: readCedarPolicies(cedar),
  };
}

/** Texts by name; whether they are valid Cedar is checked when they decide. */
export function readCedarPolicies(json: JsonValue): CedarPolicies {
  const invalid = (why: string): VallumError =>
    new VallumError('POLICY_KEY', `cedar ${why}`, { fix: 'give policy texts by name' });
  if (!isJsonObject(json)) throw invalid('is not a mapping of names to policies');
  const entries = Object.entries(json);
  if (entries.length > MAX_POLICIES) throw invalid(`has more than ${MAX_POLICIES} policies`);
  for (const [name, text] of entries)
    if (!NAME.test(name) || typeof text !== 'string' || text.length > MAX_POLICY_TEXT)
      throw invalid(`has a policy ${JSON.stringify(name.slice(0, 80))} with a bad name or too long a text`);
  return json as CedarPolicies;
}
