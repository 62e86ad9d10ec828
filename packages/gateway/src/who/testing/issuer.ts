// An issuer of tokens for tests: keys of every algorithm, its key set, and tokens with any header and claims.
import type { KeyObject } from 'node:crypto';
import { constants, createHmac, generateKeyPairSync, sign } from 'node:crypto';
import type { IssuerSettings } from '../../config/schema.js';
import type { TokenAlgorithm } from '../token/algorithms.js';

export interface Signer {
  readonly kid: string;
  readonly alg: TokenAlgorithm;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

const CURVES: Readonly<Record<string, string>> = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' };

export function makeSigner(kid: string, alg: TokenAlgorithm, modulusLength = 2048): Signer {
  const namedCurve = CURVES[alg];
  const pair =
    alg === 'EdDSA'
      ? generateKeyPairSync('ed25519')
      : namedCurve === undefined
        ? generateKeyPairSync('rsa', { modulusLength })
        : generateKeyPairSync('ec', { namedCurve });
  return { kid, alg, ...pair };
}

export function jwkOf({ kid, alg, publicKey }: Signer, more: object = {}): object {
  return { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig', ...more };
}

export function keySetBytes(keys: readonly object[]): Uint8Array {
  return Buffer.from(JSON.stringify({ keys }));
}

export const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token with this header and these claims, signed by the key whatever the header says. */
export function mint(signer: Signer, claims: object, header: object = {}): string {
  return signed(signer, part({ alg: signer.alg, kid: signer.kid, typ: 'JWT', ...header }), part(claims));
}

/** The same with parts of any bytes. */
export function signed(signer: Signer, head: string, body: string): string {
  return `${head}.${body}.${signatureOf(signer, `${head}.${body}`).toString('base64url')}`;
}

function signatureOf({ alg, privateKey: key }: Signer, text: string): Buffer {
  const input = Buffer.from(text);
  const digest = `sha${alg.slice(2)}`;
  if (alg === 'EdDSA') return sign(undefined, input, key);
  if (alg.startsWith('ES')) return sign(digest, input, { key, dsaEncoding: 'ieee-p1363' });
  if (alg.startsWith('RS')) return sign(digest, input, key);
  return sign(digest, input, {
    key,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  });
}

/** The attack of CVE-2016-10555: the public key taken for an HMAC secret. */
export function mintWithHmac({ kid, publicKey }: Signer, claims: object): string {
  const input = `${part({ alg: 'HS256', kid, typ: 'JWT' })}.${part(claims)}`;
  const secret = publicKey.export({ format: 'pem', type: 'spki' });
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

export const ISSUER = 'https://issuer.example.com';
export const AUDIENCE = 'https://gateway.example.com';

export function issuerSettings(more: Partial<IssuerSettings> = {}): IssuerSettings {
  return {
    issuer: ISSUER,
    audience: AUDIENCE,
    algorithms: ['ES256'],
    jwks: `${ISSUER}/keys`,
    freshSeconds: 300,
    staleSeconds: 3_600,
    principalClaim: 'sub',
    rolesClaim: 'roles',
    roles: ['infer', 'metadata'],
    clockSkewSeconds: 60,
    ...more,
  };
}

/** Claims of a token that counts from `now`, in milliseconds, for five minutes. */
export function claimsAt(now: number, more: object = {}): object {
  const iat = Math.floor(now / 1000);
  return { iss: ISSUER, aud: AUDIENCE, sub: 'alice', iat, exp: iat + 300, roles: ['infer'], ...more };
}
