// An issuer of identity tokens for tests: keys, its key set as it would publish it, and tokens with any header and claims.
import type { KeyObject } from 'node:crypto';
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import type { Issuer } from '../oidc/issuer.js';
import { readJwks } from '../oidc/jwks.js';
import type { Dialect } from '../oidc/claims.js';
import { WINDOW } from './sample.js';

export interface IssuerSigner {
  readonly kid: string;
  readonly alg: 'ES256' | 'RS256';
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export function makeSigner(kid: string, alg: 'ES256' | 'RS256'): IssuerSigner {
  const pair =
    alg === 'ES256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { kid, alg, ...pair };
}

export function jwksOf(signers: readonly IssuerSigner[]): { readonly keys: readonly object[] } {
  const keys = signers.map(({ kid, alg, publicKey }) => ({
    ...publicKey.export({ format: 'jwk' }),
    kid,
    alg,
    use: 'sig',
  }));
  return { keys };
}

export function issuerOf(issuer: string, claims: Dialect, signers: readonly IssuerSigner[], window = WINDOW): Issuer {
  const { keys } = readJwks(Buffer.from(JSON.stringify(jwksOf(signers))));
  return { issuer, claims, keys: keys.map((key) => ({ ...key, ...window })) };
}

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token with this header and these claims, signed by the key whatever the header says. */
export function mint(signer: IssuerSigner, claims: object, header: object = {}): string {
  const input = `${part({ alg: signer.alg, kid: signer.kid, typ: 'JWT', ...header })}.${part(claims)}`;
  return `${input}.${signatureOf(signer, input).toString('base64url')}`;
}

export function signatureOf({ alg, privateKey }: IssuerSigner, input: string): Buffer {
  const bytes = Buffer.from(input);
  return alg === 'ES256'
    ? sign('sha256', bytes, { key: privateKey, dsaEncoding: 'ieee-p1363' })
    : sign('sha256', bytes, privateKey);
}

/** The attack of CVE-2016-10555: the public key taken for an HMAC secret. */
export function mintWithHmac(signer: IssuerSigner, claims: object): string {
  const input = `${part({ alg: 'HS256', kid: signer.kid, typ: 'JWT' })}.${part(claims)}`;
  const secret = signer.publicKey.export({ format: 'pem', type: 'spki' });
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}
