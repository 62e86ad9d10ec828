// Revocations: what no longer counts, and why. They name a statement, a key, a tool version, a ruleset or a subject, and
// hold for later statements too: a run with a revoked ruleset proves nothing, however often it is repeated.
import type { JsonObject, JsonValue, Sha256, Statement } from '@vallum/core';
import { digestJson, STATEMENT_TYPE } from '@vallum/core';
import { digestOf, fieldsOf, textOf, timeOf } from './fields.js';
import { distrust } from './refusal.js';
import { REVOCATION_TYPE } from './types.js';

export type RevocationTarget =
  | { readonly type: 'statement'; readonly id: Sha256 }
  | { readonly type: 'key'; readonly keyid: Sha256 }
  | { readonly type: 'tool'; readonly name: string; readonly version: string }
  | { readonly type: 'ruleset'; readonly digest: Sha256 }
  | { readonly type: 'subject'; readonly digest: Sha256 };

export interface Revocation {
  readonly target: RevocationTarget;
  readonly reason: string;
  readonly createdAt: string;
}

/** @throws VallumError `TRUST_FORMAT` when the reason is empty or the target malformed */
export function buildRevocation(target: RevocationTarget, reason: string, now: Date): Statement {
  const predicate: JsonObject = { target: { ...target }, reason, createdAt: now.toISOString() };
  const checked = readTarget(predicate['target']);
  textOf(reason, 'the reason of a revocation');
  const subject = { name: `revoked:${checked.type}`, digest: { sha256: targetDigest(checked) } };
  return { _type: STATEMENT_TYPE, subject: [subject], predicateType: REVOCATION_TYPE, predicate };
}

function targetDigest(target: RevocationTarget): Sha256 {
  switch (target.type) {
    case 'statement':
      return target.id;
    case 'key':
      return target.keyid;
    case 'tool':
      return digestJson({ name: target.name, version: target.version });
    case 'ruleset':
    case 'subject':
      return target.digest;
  }
}

/** @throws VallumError `TRUST_FORMAT`; undefined for a statement of another type */
export function readRevocation(statement: Statement): Revocation | undefined {
  if (statement.predicateType !== REVOCATION_TYPE) return undefined;
  const fields = fieldsOf(statement.predicate, 'a revocation', ['target', 'reason', 'createdAt']);
  return {
    target: readTarget(fields['target']),
    reason: textOf(fields['reason'], 'the reason of a revocation'),
    createdAt: timeOf(fields['createdAt'], 'the date of a revocation'),
  };
}

function readTarget(json: JsonValue | undefined): RevocationTarget {
  const where = 'the target of a revocation';
  const { type } = fieldsOf(json, where, ['type'], ['id', 'keyid', 'name', 'version', 'digest']);
  switch (type) {
    case 'statement':
      return { type, id: digestOf(fieldsOf(json, where, ['type', 'id'])['id'], where) };
    case 'key':
      return { type, keyid: digestOf(fieldsOf(json, where, ['type', 'keyid'])['keyid'], where) };
    case 'tool': {
      const { name, version } = fieldsOf(json, where, ['type', 'name', 'version']);
      return { type, name: textOf(name, where, 100), version: textOf(version, where, 100) };
    }
    case 'ruleset':
    case 'subject':
      return { type, digest: digestOf(fieldsOf(json, where, ['type', 'digest'])['digest'], where) };
    default:
      throw distrust('TRUST_FORMAT', `${where} is of an unknown type`);
  }
}
