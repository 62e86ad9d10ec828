// Verifies a provenance envelope against what was expected: digest, signer, workflow, branch and builder, each pinned by
// whoever asks. A signature alone says only that somebody ran something: the same trusted key signs the build of a pull
// request and of the release, so a good signature over the wrong workflow or branch is a refusal that says both. Pins are
// compared only once the signature holds; what an unknown key claims is not repeated as if it were known.
import type { Sha256 } from '@vallum/core';
import { messageOf } from '@vallum/core';
import type { Signed, Trust } from '@vallum/trust';
import { readEnvelope, verifySignature } from '@vallum/trust';
import { readProvenance } from './slsa.js';
import type { TrainingProvenance } from './training.js';

export const ATTEST_ROLE = 'attest';

/** What the provenance must say; a pin that is left out is not compared. */
export interface ProvenancePins {
  /** Digest of the bytes at hand. */
  readonly digest: Sha256;
  /** Id of an enrolled principal, or the id of one key. */
  readonly principal?: string;
  readonly key?: string;
  readonly workflow?: string;
  /** Without `refs/heads/`. */
  readonly branch?: string;
  readonly builder?: string;
}

export interface Believed {
  readonly trust: Trust;
  readonly now: Date;
  /** Why a statement was revoked, by itself, its key or its subject; undefined when it was not. */
  readonly revoked: (what: Revocable) => string | undefined;
}

export interface Revocable {
  readonly keyid: Sha256;
  readonly id?: Sha256;
  readonly subject?: Sha256;
}

export type Pin = 'form' | 'signature' | 'signer' | 'digest' | 'workflow' | 'branch' | 'builder';

export interface PinProblem {
  readonly pin: Pin;
  readonly message: string;
}

export interface KnownSigner {
  readonly principal: string;
  readonly keyid: Sha256;
}

export type ProvenanceAnswer =
  | {
      readonly status: 'verified';
      readonly id: Sha256;
      readonly signer: KnownSigner;
      readonly said: TrainingProvenance;
    }
  | {
      /** `refused`: it is certain that something is wrong; `not-proven`: nobody can tell. */
      readonly status: 'refused' | 'not-proven';
      readonly problems: readonly PinProblem[];
    };

/** Never throws for hostile bytes. */
export function verifyProvenance(bytes: Uint8Array, pins: ProvenancePins, believed: Believed): ProvenanceAnswer {
  let signed: Signed;
  let said: TrainingProvenance | undefined;
  try {
    signed = readEnvelope(bytes);
    said = readProvenance(signed.statement);
  } catch (error) {
    return undecided('form', messageOf(error));
  }
  if (said === undefined) return undecided('form', 'the statement is no SLSA provenance v1');
  const { trust, now } = believed;
  const key = trust.key(signed.keyid);
  const owner = trust.principalOf(signed.keyid);
  const short = signed.keyid.slice(0, 12);
  if (key === undefined || owner === undefined)
    return undecided('signer', `the provenance is signed by the key ${short}, which is not enrolled`);
  if (!verifySignature(signed, key)) {
    const message = `the signature on the provenance is not one by the key ${short} of ${owner.id}`;
    return { status: 'refused', problems: [{ pin: 'signature', message }] };
  }
  if (trust.may(signed.keyid, ATTEST_ROLE, now) === undefined) {
    const why = key.roles.includes(ATTEST_ROLE)
      ? `is enrolled from ${key.notBefore} to ${key.notAfter} only`
      : `does not hold the role ${ATTEST_ROLE}`;
    return undecided('signer', `the provenance is signed by the key ${short} of ${owner.id}, which ${why}`);
  }
  const taken = believed.revoked({ keyid: signed.keyid, id: signed.id, subject: said.subject.digest.sha256 });
  if (taken !== undefined) return undecided('signer', `the provenance by ${owner.id} was revoked: ${taken}`);
  const signer: KnownSigner = { principal: owner.id, keyid: signed.keyid };
  const problems = comparePins(said, signer, pins);
  if (problems.length > 0) return { status: 'refused', problems };
  return { status: 'verified', id: signed.id, signer, said };
}

function undecided(pin: Pin, message: string): ProvenanceAnswer {
  return { status: 'not-proven', problems: [{ pin, message }] };
}

function comparePins(said: TrainingProvenance, signer: KnownSigner, pins: ProvenancePins): readonly PinProblem[] {
  const valid = `the signature by ${signer.principal} is valid, but`;
  const rows: readonly (readonly [Pin, string | undefined, string | undefined, string])[] = [
    ['signer', pins.principal, signer.principal, 'the pinned signer is'],
    ['signer', pins.key, signer.keyid, 'the pinned key is'],
    ['digest', pins.digest, said.subject.digest.sha256, 'the bytes at hand have the digest'],
    ['workflow', pins.workflow, said.workflow, 'the pinned workflow is'],
    ['branch', pins.branch === undefined ? undefined : `refs/heads/${pins.branch}`, said.ref, 'the pinned branch is'],
    ['builder', pins.builder, said.builder.id, 'the pinned builder is'],
  ];
  return rows.flatMap(([pin, wanted, found, what]) =>
    wanted === undefined || wanted === found
      ? []
      : [{ pin, message: `${valid} it is ${saying(pin, found)}, and ${what} ${wanted}` }],
  );
}

function saying(pin: Pin, found: string | undefined): string {
  if (pin === 'signer') return `by ${found ?? 'nobody'}`;
  return found === undefined ? `silent about the ${pin}` : `about the ${pin} ${found}`;
}
