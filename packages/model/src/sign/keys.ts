// Keys as OpenSSF Model Signing uses them: ECDSA on P-256, P-384 or P-521 with the hash of the same strength, named by
// the SHA-256 of the PEM text of the public key. Everything else (Ed25519, secp256k1, RSA) is refused by the format.
import { createHash, createPublicKey, type KeyObject } from 'node:crypto';

/** A public key that may sign models; Vallum's own name for it is the SHA-256 of its DER form. */
export interface TrustedKey {
  readonly keyid: string;
  /** SubjectPublicKeyInfo, DER, in base64. */
  readonly spki: string;
}

export interface ModelKey {
  readonly keyid: string;
  /** Name of the digest for ECDSA. */
  readonly digest: 'sha256' | 'sha384' | 'sha512';
  readonly hint: string;
  readonly publicKey: KeyObject;
}

const DIGESTS: Readonly<Record<string, ModelKey['digest']>> = {
  prime256v1: 'sha256',
  secp384r1: 'sha384',
  secp521r1: 'sha512',
};

/** The key with what the format needs to know of it, or undefined when the format does not allow it. */
export function modelKey(publicKey: KeyObject): ModelKey | undefined {
  const digest = DIGESTS[publicKey.asymmetricKeyDetails?.namedCurve ?? ''];
  if (publicKey.asymmetricKeyType !== 'ec' || digest === undefined) return undefined;
  const keyid = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex');
  const hint = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'pem' }))
    .digest('hex');
  return { keyid, digest, hint, publicKey };
}

/** Those of the trusted keys that can sign a model; a record that is no key, or whose id is not its own, is left out. */
export function modelKeys(trusted: readonly TrustedKey[]): readonly ModelKey[] {
  return trusted.flatMap((record) => {
    const key = parse(record.spki);
    return key?.keyid === record.keyid ? [key] : [];
  });
}

function parse(spki: string): ModelKey | undefined {
  try {
    return modelKey(createPublicKey({ key: Buffer.from(spki, 'base64'), format: 'der', type: 'spki' }));
  } catch {
    return undefined;
  }
}
