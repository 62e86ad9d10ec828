// `urn:vallum:identity:v1`: a job's token and the key that it made, signed by that key. The token's audience names the
// project and the key, so the issuer vouches for the pair: a token that leaks is of no use for another key, and a key that
// signs somebody else's token is not the one that the token names.
import type { Sha256, Statement } from '@vallum/core';
import { STATEMENT_TYPE } from '@vallum/core';
import { digestOf, fieldsOf, textOf, timeOf } from '../fields.js';
import type { PublicKeyRecord, SigningKey } from '../keys.js';
import { publicRecord } from '../keys.js';
import { distrust } from '../refusal.js';
import { readPublicKey } from '../public-key.js';
import { IDENTITY_TYPE } from '../types.js';
import { MAX_TOKEN_LENGTH } from './jwt.js';

export interface IdentityStatement {
  readonly token: string;
  readonly key: PublicKeyRecord;
  readonly createdAt: string;
}

/** What a job has to ask its CI system for. */
export function identityAudience(project: string, keyid: Sha256): string {
  return `vallum:${project}:${keyid}`;
}

export function buildIdentity(token: string, key: SigningKey, now: Date): Statement {
  const predicate = { token, key: { ...publicRecord(key) }, createdAt: now.toISOString() };
  const subject = { name: 'ci-identity', digest: { sha256: key.keyid } };
  return { _type: STATEMENT_TYPE, subject: [subject], predicateType: IDENTITY_TYPE, predicate };
}

/** @throws VallumError `TRUST_FORMAT`, `KEY_RECORD`, `IDENTITY_KEY` */
export function readIdentity({ predicateType, predicate, subject }: Statement): IdentityStatement {
  if (predicateType !== IDENTITY_TYPE) throw distrust('TRUST_FORMAT', 'this is not a statement of a CI identity');
  const fields = fieldsOf(predicate, 'a CI identity', ['token', 'key', 'createdAt']);
  const key = readPublicKey(fields['key'], 'the key of a CI identity');
  if (key.algorithm !== 'ed25519' || digestOf(subject[0]?.digest.sha256, 'the subject of a CI identity') !== key.keyid)
    throw distrust('IDENTITY_KEY', 'a CI identity is about another key than it holds');
  return {
    token: textOf(fields['token'], 'the token of a CI identity', MAX_TOKEN_LENGTH),
    key,
    createdAt: timeOf(fields['createdAt'], 'the date of a CI identity'),
  };
}
