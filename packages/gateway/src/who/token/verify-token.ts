// Decides whether a signed token speaks for somebody (RFC 7519 section 7.2, RFC 8725). The attacker writes every byte of it:
// its issuer, algorithm and kid only choose among what the settings allow. Whatever is wrong, the sender gets one answer.
import type { JsonValue } from '@vallum/core';
import { messageOf, VallumError } from '@vallum/core';
import type { ReadToken } from '@vallum/trust';
import { readToken } from '@vallum/trust';
import type { IssuerSettings } from '../../config/schema.js';
import type { Caller } from '../../door/caller.js';
import type { Refusal, Soon } from '../../door/refusal.js';
import { isRefusal, refuse } from '../../door/refusal.js';
import type { TokenAlgorithm } from './algorithms.js';
import { isSigned, suits } from './algorithms.js';
import type { IssuerKey } from './key-set.js';
import type { KeySource } from './key-source.js';
import { readClaims } from './read-claims.js';
import { TokenCache, tokenDigest } from './token-cache.js';

export interface TrustedIssuer {
  readonly settings: IssuerSettings;
  readonly source: KeySource;
}

/** About 5 MB a worker. */
const CACHED_TOKENS = 10_000;

/** @param issuers by their URL */
export function tokenVerifier(
  issuers: ReadonlyMap<string, TrustedIssuer>,
): (token: string, now: number) => Soon<Caller | Refusal> {
  const cache = new TokenCache(CACHED_TOKENS);
  return (token, now) => {
    const digest = tokenDigest(token);
    const known = cache.find(digest, now);
    if (known !== undefined) return known;
    const read = readQuietly(token);
    if (isRefusal(read)) return read;
    const issuer = issuerOf(issuers, read.claims['iss']);
    if (issuer === undefined)
      return no(`is of the issuer ${shown(read.claims['iss'])}, which gateway.yaml does not name`);
    const { settings, source } = issuer;
    const alg = settings.algorithms.find((one) => one === read.alg);
    if (alg === undefined) return no(`is signed with ${shown(read.alg)}, which is not allowed for ${settings.issuer}`);
    // Claims first: a client that goes on with an expired token costs no check of a signature.
    const claims = readClaims(read.claims, settings, read.kid, now);
    if (isRefusal(claims)) return claims;
    const finish = (key: IssuerKey | Refusal): Caller | Refusal => {
      if (isRefusal(key)) return key;
      const refusal = checkSignature(read, key, alg, settings.issuer);
      if (refusal !== undefined) return refusal;
      cache.keep(digest, { ...claims, source, epoch: source.epoch });
      return claims.caller;
    };
    const key = source.find(read.kid, now);
    return key instanceof Promise ? key.then(finish) : finish(key);
  };
}

function readQuietly(token: string): ReadToken | Refusal {
  try {
    return readToken(token);
  } catch (error) {
    if (!(error instanceof VallumError)) throw error;
    return refuse('unauthenticated', messageOf(error).slice(0, 300));
  }
}

function issuerOf(issuers: ReadonlyMap<string, TrustedIssuer>, iss: JsonValue | undefined): TrustedIssuer | undefined {
  return typeof iss === 'string' ? issuers.get(iss) : undefined;
}

function checkSignature(
  { input, signature, kid }: ReadToken,
  issuerKey: IssuerKey,
  alg: TokenAlgorithm,
  issuer: string,
): Refusal | undefined {
  if (!suits(issuerKey, alg))
    return no(`is signed with ${alg}, and the key ${shown(kid)} of ${issuer} is not for that`);
  return isSigned(input, signature, issuerKey.key, alg) ? undefined : no(`was not signed by ${issuer}`);
}

function shown(value: JsonValue | undefined): string {
  return value === undefined ? 'nobody' : JSON.stringify(value).slice(0, 100);
}

function no(why: string): Refusal {
  return refuse('unauthenticated', `the token ${why}`);
}
