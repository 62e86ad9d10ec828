// How a model was signed, as the outer envelope claims it, and what a verifier learns of the signer. The three methods
// differ only in who vouches for the key: the user (key), a certificate authority, or Sigstore with its log.
import type { JsonObject } from '@vallum/core';

export type SignatureMethod = 'key' | 'certificate' | 'sigstore';

/** `strict` refuses what the specification forbids; `compat` gives the verdict of the reference implementation 1.1.1. */
export type Profile = 'strict' | 'compat';

/** What the envelope's verification material claims; every byte of it is unverified. */
export interface SignedEnvelope {
  readonly method: SignatureMethod;
  /** `verificationMaterial` as read. */
  readonly material: JsonObject;
  readonly payload: Buffer;
  readonly payloadType: string;
  /** ECDSA signature, DER. */
  readonly signature: Buffer;
  /** The whole bundle. */
  readonly bundle: JsonObject;
}

export interface Signer {
  /** Key method: SHA-256 of the public key in DER. */
  readonly keyid?: string;
  /** Certificate and keyless methods: the subject alternative name, or the subject. */
  readonly identity?: string;
  /** Keyless: the OpenID Connect issuer. Certificate: the issuer's name. */
  readonly issuer?: string;
  /** When a trusted clock says it was signed; absent when none does. */
  readonly signedAt?: Date;
  readonly warnings: readonly string[];
}
