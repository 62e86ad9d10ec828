// A new key for a log. The root writes down with which checkpoint the old key ended: whoever stole that key can neither add
// to the log nor show another past, since readers hold the log against what stands here.
import type { Sha256 } from '@vallum/core';
import type { PublicKeyRecord, SigningKey } from './keys.js';
import { misuse } from './refusal.js';
import { assertRoot, buildTrust } from './trust-file.js';
import type { EnrolledKey, Trust } from './trust.js';

export interface LedgerRotation {
  readonly origin: string;
  readonly key: PublicKeyRecord;
  readonly notBefore: string;
  readonly notAfter: string;
  /** The log as the old key left it; all of it was verified by the caller. */
  readonly size: number;
  readonly root: Sha256;
}

/**
 * The signed bytes of a trust file in which the log has the new key; the old one stays enrolled, its window ends now.
 * @throws VallumError `TRUST_ROOT`, `TRUST_LEDGER` for a log that is not enrolled, or as `buildTrust`
 */
export function rotateLedgerKey(trust: Trust, rotation: LedgerRotation, root: SigningKey, now: Date): Uint8Array {
  assertRoot(trust, root);
  const { origin, key, notBefore, notAfter, size } = rotation;
  const before = trust.ledgers.find((ledger) => ledger.origin === origin);
  const owner = before === undefined ? undefined : trust.principalOf(before.keyid);
  if (before === undefined || owner === undefined)
    throw misuse('TRUST_LEDGER', `the trust file enrols no key for the ledger ${origin}`, 'enrol one first');
  const enrolled: EnrolledKey = { ...key, roles: ['ledger'], notBefore, notAfter };
  const end = now.toISOString();
  const ended = (old: EnrolledKey): EnrolledKey =>
    old.keyid === before.keyid && old.notAfter > end && old.notBefore < end ? { ...old, notAfter: end } : old;
  const previous = [...(before.previous ?? []), { keyid: before.keyid, size, root: rotation.root }];
  return buildTrust({
    project: trust.project,
    principals: trust.principals.map((one) =>
      one.id === owner.id ? { ...one, keys: [...one.keys.map(ended), enrolled] } : one,
    ),
    ledgers: trust.ledgers.map((one) => (one.origin === origin ? { origin, keyid: key.keyid, previous } : one)),
    issuers: trust.issuers,
    root,
    now,
    replaces: trust,
  });
}
