// What is asked of a provenance and what comes back, whichever envelope it is in.
import type { Sha256 } from '@vallum/core';
import type { CiIdentity } from '@vallum/trust';

/** What the provenance must say; a pin that is left out is not compared. */
export interface ProvenancePins {
  /** Digest of the bytes at hand. */
  readonly digest: Sha256;
  /** Id of an enrolled principal, or the id of one key. */
  readonly principal?: string;
  readonly key?: string;
  /** URL of the issuer: the signer must be a CI job of it, or with `identity` a name that it vouched for. */
  readonly issuer?: string;
  /** Subject of the job's token, whole, or its beginning with `:*` or `/*`. */
  readonly subject?: string;
  /** The name in the certificate of a Sigstore signature, exactly; then the provenance is a Sigstore bundle. */
  readonly identity?: string;
  /**
   * Of a CI job as its token writes it, with its repository, with or without `@REF`; of a Sigstore bundle the URI in the
   * certificate, without its ref; else as the signer writes it.
   */
  readonly workflow?: string;
  /** A branch without `refs/heads/`, or a full reference. */
  readonly branch?: string;
  readonly builder?: string;
}

export type Pin = 'form' | 'signature' | 'signer' | 'digest' | 'workflow' | 'branch' | 'builder';

export interface PinProblem {
  readonly pin: Pin;
  readonly message: string;
}

export interface KnownSigner {
  /** Id of the principal; of a Sigstore signature the name in its certificate. */
  readonly principal: string;
  readonly keyid: Sha256;
  /** What the CI system vouched for, where a job signed. */
  readonly job?: CiIdentity;
}

/** What a verified statement says, of all that it may say. */
export interface Stated {
  /** Of the subjects, one of which has to be the bytes at hand. */
  readonly digests: readonly Sha256[];
  readonly name: string;
  readonly builder: string;
  readonly workflow?: string;
  /** Full git reference. */
  readonly ref?: string;
  readonly commit?: string;
}

export interface Verified {
  readonly status: 'verified';
  readonly id: Sha256;
  readonly signer: KnownSigner;
  readonly said: Stated;
  /** Who says workflow and branch: a CI system's token or certificate, or only the signer. */
  readonly vouchedBy: 'token' | 'certificate' | 'signer';
}

export interface Unverified {
  /** `refused`: it is certain that something is wrong; `not-proven`: nobody can tell. */
  readonly status: 'refused' | 'not-proven';
  readonly problems: readonly PinProblem[];
}

export type ProvenanceAnswer = Verified | Unverified;

export function undecided(pin: Pin, message: string): Unverified {
  return { status: 'not-proven', problems: [{ pin, message }] };
}

export function refused(...problems: readonly PinProblem[]): Unverified {
  return { status: 'refused', problems };
}
