// Verifies a token against pinned keys, offline and at any later time (RFC 7519 section 7.2, RFC 8725). The key decides the
// algorithm; issuer, audience and times are compared exactly. A token for several audiences is refused: another of them
// could hand it on as its own.
import type { KeyObject } from 'node:crypto';
import { verify } from 'node:crypto';
import type { JsonObject, JsonValue } from '@vallum/core';
import { parseTime } from '@vallum/core';
import { distrust } from '../refusal.js';
import type { CiIdentity } from './claims.js';
import { identityOfClaims } from './claims.js';
import type { Issuer } from './issuer.js';
import type { IssuerKey } from './jwk.js';
import { publicKeyOfMaterial } from './jwk.js';
import type { ReadToken } from './jwt.js';
import { readToken } from './jwt.js';

/** Seconds that the clocks of issuer and job may differ. */
export const CLOCK_SKEW_S = 60;
const MAX_TIME_S = 253_402_300_799;
const ES256_BYTES = 64;

/** A ledger holds many tokens by few keys. */
const imported = new WeakMap<IssuerKey, KeyObject>();

export interface TokenQuestion {
  readonly issuers: readonly Issuer[];
  readonly audience: string;
  /** The instant at which the token has to be valid. */
  readonly at: Date;
}

export interface VerifiedToken {
  readonly identity: CiIdentity;
  /** From the claims iat and exp. */
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

/** @throws VallumError `TOKEN_FORM`, `TOKEN_ISSUER`, `TOKEN_KEY`, `TOKEN_SIGNATURE`, `TOKEN_AUDIENCE`, `TOKEN_TIME` */
export function verifyToken(token: string, { issuers, audience, at }: TokenQuestion): VerifiedToken {
  const read = readToken(token);
  const { claims } = read;
  const issuer = issuers.find(({ issuer: url }) => url === claims['iss']);
  if (issuer === undefined)
    throw refuse(
      'TOKEN_ISSUER',
      `the issuer of the token is ${shown(claims['iss'])}, which trust.json does not pin`,
      'have the holder of the root run vallum trust issuer add',
    );
  const key = pinnedKey(issuer, read);
  checkSignature(read, key, issuer);
  checkAudience(claims['aud'], audience);
  const { issuedAt, expiresAt } = checkTimes(claims, at);
  if (issuedAt < parseTime(key.notBefore) || issuedAt > parseTime(key.notAfter))
    throw refuse('TOKEN_KEY', `the token was issued when the key ${key.kid} of ${issuer.issuer} did not count`);
  return { identity: identityOfClaims(claims, issuer.issuer, issuer.claims), issuedAt, expiresAt };
}

function pinnedKey({ issuer, keys }: Issuer, { kid, alg }: ReadToken): IssuerKey {
  const key = keys.find((one) => one.kid === kid);
  if (key === undefined)
    throw refuse(
      'TOKEN_KEY',
      `the token is signed with the key ${shown(kid)}, which trust.json does not pin for ${issuer}`,
      'if the issuer changed its keys, have the holder of the root run vallum trust issuer add again',
    );
  if (alg !== key.alg)
    throw refuse('TOKEN_KEY', `the token names the algorithm ${shown(alg)}, its key is pinned for ${key.alg}`);
  return key;
}

function checkSignature({ input, signature }: ReadToken, key: IssuerKey, { issuer }: Issuer): void {
  const publicKey = imported.get(key) ?? publicKeyOfMaterial(key, `the key ${key.kid} of ${issuer}`);
  imported.set(key, publicKey);
  const valid =
    key.kty === 'EC'
      ? signature.length === ES256_BYTES &&
        verify('sha256', input, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature)
      : verify('sha256', input, publicKey, signature);
  if (!valid) throw refuse('TOKEN_SIGNATURE', `the token is not signed by ${issuer}`);
}

function checkAudience(aud: JsonValue | undefined, audience: string): void {
  const list = Array.isArray(aud) ? (aud as readonly JsonValue[]) : [aud];
  if (list.length === 1 && list[0] === audience) return;
  const why = list.length > 1 ? 'is for several audiences' : `is for the audience ${shown(list[0])}`;
  throw refuse(
    'TOKEN_AUDIENCE',
    `the token ${why}, not for ${audience}`,
    'run vallum identity new, and ask for a token with exactly the audience that it prints',
  );
}

function checkTimes(claims: JsonObject, at: Date): Pick<VerifiedToken, 'issuedAt' | 'expiresAt'> {
  const issuedAt = timeOf(claims['iat'], 'iat');
  const expiresAt = timeOf(claims['exp'], 'exp');
  const notBefore = claims['nbf'] === undefined ? issuedAt : timeOf(claims['nbf'], 'nbf');
  const skew = CLOCK_SKEW_S * 1000;
  if (expiresAt <= issuedAt) throw refuse('TOKEN_TIME', 'the token ends before it was issued');
  if (!(at.getTime() >= Math.max(issuedAt.getTime(), notBefore.getTime()) - skew))
    throw refuse('TOKEN_TIME', `the token counts only later than ${at.toISOString()}`, 'set the clock right');
  if (!(at < expiresAt))
    throw refuse('TOKEN_TIME', `the token expired at ${expiresAt.toISOString()}`, 'ask the CI system for a new one');
  return { issuedAt, expiresAt };
}

/** A NumericDate (RFC 7519 section 2). */
function timeOf(value: JsonValue | undefined, name: string): Date {
  if (typeof value === 'number' && value > 0 && value <= MAX_TIME_S) return new Date(value * 1000);
  throw refuse('TOKEN_TIME', `the claim ${name} of the token is no time`);
}

function shown(value: JsonValue | undefined): string {
  return value === undefined ? 'missing' : JSON.stringify(value).slice(0, 200);
}

function refuse(code: string, message: string, fix?: string): Error {
  return distrust(code, message, fix ?? 'ask the CI system for a new token');
}
