// What a project declares about the origins of a model version, and what is at hand: values, before anything is judged.
import type { Sha256 } from '@vallum/core';
import type { ProvenancePins } from '../../provenance/answer.js';
import type { SourceKind } from './seen.js';

/** Who has to have signed the provenance, for what. */
export type SignerPin = Omit<ProvenancePins, 'digest'>;

export interface AllowedOrigin {
  /** Plain form, see `origin.ts`; admits what lies below it. */
  readonly origin: string;
  /** Where it is given, every source from there needs a provenance. */
  readonly signer?: SignerPin;
}

export interface SourcePin {
  /** Expected digest of the bytes: of the folder for a base model, of the file with the rows for a feed. */
  readonly digest?: Sha256;
  /** File with the provenance: Vallum's envelope, or a Sigstore bundle where the signer is pinned by `identity`. */
  readonly provenance?: string;
  /** Statement that recorded the name before, where a change is meant. */
  readonly replaces?: Sha256;
}

/**
 * What of a folder a provenance speaks about: Vallum's directory digest, the root digest of OpenSSF Model Signing, or one
 * file in it. The pinned digest covers all of the folder in any case.
 */
export type Attested = 'directory' | 'oms-root' | { readonly file: string };

export interface BaseModel extends SourcePin {
  /** Default: directory. */
  readonly attested?: Attested;
  readonly name: string;
  readonly dir: string;
  readonly origin: string;
}

export interface SourceFeed extends SourcePin {
  readonly name: string;
  /** Folder with feed.json and the rows. */
  readonly dir: string;
  /** Name of the file with the rows; rows.jsonl by default. */
  readonly rows?: string;
  /** As feed.json says. */
  readonly origin: string;
}

/** A source with the digest of its bytes. */
export interface Source extends SourcePin {
  readonly kind: SourceKind;
  readonly name: string;
  readonly origin: string;
  readonly actual: Sha256;
  /** Digest that the provenance has to name. */
  readonly subject: Sha256;
  /** Where it covers less than all bytes: what it covers. */
  readonly covers?: string;
}
