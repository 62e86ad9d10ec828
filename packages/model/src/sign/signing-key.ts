// The private key that signs, and what the bundle says of it: its hint, or a certificate that must be for this very key.
import { createPublicKey, X509Certificate, type KeyObject } from 'node:crypto';
import { messageOf, VallumError } from '@vallum/core';
import { readPemCertificates } from '@vallum/formats';
import type { NewBundle } from './bundle.js';
import type { ModelKey } from './keys.js';
import { modelKey } from './keys.js';

export interface SigningKey {
  readonly privateKey: KeyObject;
  /** The certificate of the key, then those that signed it, DER. Without one the bundle names the key itself. */
  readonly chain?: readonly Uint8Array[];
}

export interface ReadySigningKey extends ModelKey {
  readonly signer: NewBundle['signer'];
}

/** @throws VallumError `SIGN_KEY` or `SIGN_CERTIFICATE` */
export function signingKey({ privateKey, chain }: SigningKey): ReadySigningKey {
  const publicKey = createPublicKey(privateKey);
  const key = modelKey(publicKey);
  if (key === undefined)
    throw new VallumError(
      'SIGN_KEY',
      `models are signed with an ECDSA key on P-256, P-384 or P-521, and this is ${kindOf(publicKey)}`,
      {
        fix: 'use the key that was enrolled with the role sign:model',
      },
    );
  if (chain === undefined) return { ...key, signer: { hint: key.hint } };
  const [leaf] = chain;
  if (leaf === undefined || !parse(leaf).publicKey.equals(publicKey))
    throw new VallumError('SIGN_CERTIFICATE', 'the certificate is for another key than the one that signs', {
      fix: 'give the certificate that was made for this key',
    });
  for (const certificate of chain) parse(certificate);
  return { ...key, signer: { chain } };
}

function kindOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string {
  if (asymmetricKeyType === 'ec') return `one on ${asymmetricKeyDetails?.namedCurve ?? 'another curve'}`;
  return `an ${asymmetricKeyType ?? 'unknown'} key`;
}

function parse(bytes: Uint8Array): X509Certificate {
  try {
    return new X509Certificate(bytes);
  } catch (cause) {
    throw new VallumError('SIGN_CERTIFICATE', `the certificate cannot be read: ${messageOf(cause)}`, {
      fix: 'give certificates in PEM or DER',
      cause,
    });
  }
}

/** Certificates of a PEM file, DER, in its order. @throws VallumError `SIGN_CERTIFICATE` */
export function readCertificates(pem: Uint8Array): readonly Uint8Array[] {
  const read = readPemCertificates(pem);
  if (read.ok) return read.certificates;
  throw new VallumError('SIGN_CERTIFICATE', `the certificates cannot be read: ${read.problem}`, {
    fix: 'give certificates in PEM',
  });
}
