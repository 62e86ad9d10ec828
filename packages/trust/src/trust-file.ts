// `trust.json`: one statement signed by the root key, which is kept outside the project. The file comes with the project,
// so an attacker can replace it whole: the reader proves only that the root inside signed it, and the caller must compare
// `rootFingerprint` with the pin (see pins.ts) before anything in it counts.
import type { Statement } from '@vallum/core';
import { parseTime, STATEMENT_TYPE, VallumError } from '@vallum/core';
import { readEnvelope, signStatement, verifySignature } from './envelope.js';
import { fieldsOf, textOf, timeOf } from './fields.js';
import type { PublicKeyRecord, SigningKey } from './keys.js';
import { publicRecord } from './keys.js';
import { distrust, misuse } from './refusal.js';
import type { LedgerOrigin, Principal, Trust } from './trust.js';
import { trustFrom } from './trust.js';
import type { Issuer } from './oidc/issuer.js';
import { readIssuers } from './oidc/issuer.js';
import { readPublicKey } from './public-key.js';
import { readLedgers, readPrincipals } from './trust-parts.js';
import { TRUST_TYPE } from './types.js';

export interface TrustDraft {
  readonly project: string;
  readonly principals: readonly Principal[];
  readonly ledgers: readonly LedgerOrigin[];
  readonly issuers?: readonly Issuer[];
  readonly root: SigningKey;
  readonly now: Date;
  /** The file in whose place it comes: the new one is dated after it, whatever the clock says. */
  readonly replaces?: Trust;
}

/**
 * The signed bytes of a trust file.
 * @throws VallumError (wrong use) when the draft breaks a rule: an unknown role, one key for two purposes, a bad window
 */
export function buildTrust({
  project,
  principals,
  ledgers,
  issuers = [],
  root,
  now,
  replaces,
}: TrustDraft): Uint8Array {
  const before = replaces === undefined ? 0 : parseTime(replaces.issuedAt).getTime() + 1;
  const statement: Statement<object> = {
    _type: STATEMENT_TYPE,
    subject: [{ name: project, digest: { sha256: root.keyid } }],
    predicateType: TRUST_TYPE,
    predicate: {
      project,
      issuedAt: new Date(Math.max(now.getTime(), before)).toISOString(),
      root: publicRecord(root),
      principals,
      ledgers,
      // A reader of before knows no issuers and refuses the file: nothing counts for it, rather than the wrong people.
      ...(issuers.length === 0 ? {} : { issuers }),
    },
  };
  try {
    const bytes = signStatement(statement, root);
    readTrust(bytes);
    return bytes;
  } catch (error) {
    if (error instanceof VallumError) throw misuse(error.code, error.message, error.fix);
    throw error;
  }
}

/**
 * Reads a trust file and verifies the signature of the root that it names.
 * @throws VallumError of class `unproven`
 */
export function readTrust(bytes: Uint8Array): Trust {
  const signed = readEnvelope(bytes);
  const { statement } = signed;
  if (statement.predicateType !== TRUST_TYPE) throw distrust('TRUST_TYPE', 'this is not a trust file');
  const required = ['project', 'issuedAt', 'root', 'principals', 'ledgers'];
  const fields = fieldsOf(statement.predicate, 'the trust file', required, ['issuers']);
  const root = readPublicKey(fields['root'], 'the root key');
  if (!verifySignature(signed, root))
    throw distrust(
      'TRUST_SIGNATURE',
      'the trust file is not signed by the root key that it names',
      'restore trust.json',
    );
  const project = textOf(fields['project'], 'the project of the trust file', 128);
  const issuedAt = timeOf(fields['issuedAt'], 'the date of the trust file');
  const subject = statement.subject[0];
  if (subject?.name !== project || subject.digest.sha256 !== root.keyid)
    throw distrust('TRUST_FORMAT', 'the trust file is about another project or root than it names');
  const issuers = fields['issuers'] === undefined ? [] : readIssuers(fields['issuers']);
  const principals = readPrincipals(fields['principals'], root.keyid, issuers);
  return trustFrom({
    rootFingerprint: root.keyid,
    digest: signed.id,
    project,
    issuedAt,
    local: false,
    principals,
    ledgers: readLedgers(fields['ledgers'], principals),
    issuers,
  });
}

export interface Enrolment {
  readonly principal: { readonly id: string; readonly name: string };
  readonly key: PublicKeyRecord;
  readonly roles: readonly string[];
  readonly notBefore: string;
  readonly notAfter: string;
  /** For a key with role `ledger`: the log whose checkpoints it signs. */
  readonly origin?: string;
}

/**
 * Adds a key, and its principal where it is new, and signs the trust file again.
 * @throws VallumError `TRUST_ROOT` when the root is another one, `TRUST_ENROLLED` when the key is enrolled already
 */
export function enrol(trust: Trust, enrolment: Enrolment, root: SigningKey, now: Date): Uint8Array {
  assertRoot(trust, root);
  const { principal, key, roles, notBefore, notAfter, origin } = enrolment;
  if (trust.key(key.keyid) !== undefined)
    throw misuse('TRUST_ENROLLED', `the key ${key.keyid.slice(0, 12)} is enrolled already`, 'make a new key');
  const enrolled = { keyid: key.keyid, algorithm: key.algorithm, spki: key.spki, roles, notBefore, notAfter };
  const known = trust.principals.some(({ id }) => id === principal.id);
  const principals = known
    ? trust.principals.map((each) => (each.id === principal.id ? { ...each, keys: [...each.keys, enrolled] } : each))
    : [...trust.principals, { id: principal.id, name: principal.name, keys: [enrolled] }];
  const ledgers = origin === undefined ? trust.ledgers : [...trust.ledgers, { origin, keyid: key.keyid }];
  return buildTrust({
    project: trust.project,
    principals,
    ledgers,
    issuers: trust.issuers,
    root,
    now,
    replaces: trust,
  });
}

/** @throws VallumError `TRUST_ROOT` when the root is another one */
export function assertRoot(trust: Trust, root: SigningKey): void {
  if (trust.local || root.keyid !== trust.rootFingerprint)
    throw misuse('TRUST_ROOT', 'this key is not the root of the trust file', 'use the root key that signed it');
}
