// The signature algorithms of RFC 7518 section 3 and RFC 8037 that the gateway knows. HS* and `none` do not stand here, so
// that nobody can allow them by mistake. A token names its algorithm and the attacker writes tokens: the name only chooses
// among what the issuer's settings allow, and the key must be of that kind (RFC 8725 section 3.1).
import type { KeyObject } from 'node:crypto';
import { constants, verify } from 'node:crypto';
import type { IssuerSettings } from '../../config/schema.js';
import type { IssuerKey } from './key-set.js';

export type TokenAlgorithm = IssuerSettings['algorithms'][number];

interface Algorithm {
  readonly type: 'rsa' | 'ec' | 'ed25519';
  /** Undefined where the signature scheme brings its own. */
  readonly digest: string | undefined;
  readonly curve?: string;
  /** Length of a signature of r and s side by side (IEEE P1363). */
  readonly bytes?: number;
  readonly isPss?: boolean;
}

const ALGORITHMS: Readonly<Record<TokenAlgorithm, Algorithm>> = {
  RS256: { type: 'rsa', digest: 'sha256' },
  RS384: { type: 'rsa', digest: 'sha384' },
  RS512: { type: 'rsa', digest: 'sha512' },
  PS256: { type: 'rsa', digest: 'sha256', isPss: true },
  PS384: { type: 'rsa', digest: 'sha384', isPss: true },
  PS512: { type: 'rsa', digest: 'sha512', isPss: true },
  ES256: { type: 'ec', digest: 'sha256', curve: 'prime256v1', bytes: 64 },
  ES384: { type: 'ec', digest: 'sha384', curve: 'secp384r1', bytes: 96 },
  ES512: { type: 'ec', digest: 'sha512', curve: 'secp521r1', bytes: 132 },
  EdDSA: { type: 'ed25519', digest: undefined, bytes: 64 },
};

/** Whether a key is for this algorithm: of its kind and curve, and not published for another one. */
export function suits({ key, alg }: IssuerKey, name: TokenAlgorithm): boolean {
  const { type, curve } = ALGORITHMS[name];
  const isOfKind =
    key.asymmetricKeyType === type && (curve === undefined || key.asymmetricKeyDetails?.namedCurve === curve);
  // RFC 9864 gives EdDSA over Ed25519 a name of its own.
  return isOfKind && (alg === undefined || alg === name || (name === 'EdDSA' && alg === 'Ed25519'));
}

/** Synchronous: a turn through the thread pool costs more than the check, which takes 25 to 110 microseconds. */
export function isSigned(input: Uint8Array, signature: Uint8Array, key: KeyObject, name: TokenAlgorithm): boolean {
  const { digest, bytes, isPss = false, type } = ALGORITHMS[name];
  if (bytes !== undefined && signature.length !== bytes) return false;
  if (type === 'ec') return verify(digest, input, { key, dsaEncoding: 'ieee-p1363' }, signature);
  if (!isPss) return verify(digest, input, key, signature);
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  return verify(digest, input, { key, padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }, signature);
}
