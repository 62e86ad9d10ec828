// Verifies a provenance envelope against what was expected: digest, signer, workflow, branch and builder, each pinned by
// whoever asks. A signature alone says only that somebody ran something: the same trusted key signs the build of a pull
// request and of the release, so a good signature over the wrong workflow or branch is a refusal that says both. Pins are
// compared only once the signature holds; what an unknown key claims is not repeated as if it were known.
import type { Sha256 } from '@vallum/core';
import { messageOf, parseTime } from '@vallum/core';
import type { EnrolledKey, Signed, Trust } from '@vallum/trust';
import { readEnvelope, verifySignature } from '@vallum/trust';
import type { KnownSigner, ProvenanceAnswer, ProvenancePins, Stated } from './answer.js';
import { refused, undecided } from './answer.js';
import { comparePins } from './signer-pins.js';
import { readProvenance } from './slsa.js';
import type { TrainingProvenance } from './training.js';

export const ATTEST_ROLE = 'attest';

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
  const { trust } = believed;
  const { keyid, id } = signed;
  const key = trust.key(keyid);
  const owner = trust.principalOf(keyid);
  const short = keyid.slice(0, 12);
  if (key === undefined || owner === undefined)
    return undecided(
      'signer',
      `the provenance is signed by the key ${short}, which is not enrolled${doubtAbout(trust, keyid)}`,
    );
  if (!verifySignature(signed, key)) {
    const message = `the signature on the provenance is not one by the key ${short} of ${owner.id}`;
    return refused({ pin: 'signature', message });
  }
  const job = trust.identityOf(keyid);
  // A job's key ends with the job, and what it signed has no date that it could not choose: the start of its window counts.
  if (trust.may(keyid, ATTEST_ROLE, job === undefined ? believed.now : parseTime(key.notBefore)) === undefined)
    return undecided('signer', `the provenance is signed by the key ${short} of ${owner.id}, which ${whyNot(key)}`);
  const taken = believed.revoked({ keyid, id, subject: said.subject.digest.sha256 });
  if (taken !== undefined) return undecided('signer', `the provenance by ${owner.id} was revoked: ${taken}`);
  const signer: KnownSigner = { principal: owner.id, keyid, ...(job === undefined ? {} : { job }) };
  const stated = statedIn(said);
  const problems = comparePins(stated, signer, pins);
  if (problems.length > 0) return refused(...problems);
  return { status: 'verified', id, signer, said: stated, vouchedBy: job === undefined ? 'signer' : 'token' };
}

function doubtAbout(trust: Trust, keyid: string): string {
  const doubt = trust.doubtAbout(keyid);
  return doubt === undefined ? '' : `: ${doubt}`;
}

function whyNot({ roles, notBefore, notAfter }: EnrolledKey): string {
  return roles.includes(ATTEST_ROLE)
    ? `is enrolled from ${notBefore} to ${notAfter} only`
    : `does not hold the role ${ATTEST_ROLE}`;
}

function statedIn({ subject, builder, workflow, ref, commit }: TrainingProvenance): Stated {
  return {
    digests: [subject.digest.sha256],
    name: subject.name,
    builder: builder.id,
    ...(workflow === undefined ? {} : { workflow }),
    ...(ref === undefined ? {} : { ref }),
    ...(commit === undefined ? {} : { commit }),
  };
}
