// Decides whose key a job's key is. Exactly one identity of exactly one principal must fit: where two do, the file that the
// root signed is ambiguous, and nobody counts. An enrolled key can never become a job's key, nor the root.
import { durationMs, parseTime } from '@vallum/core';
import type { Signed } from '../envelope.js';
import { verifySignature } from '../envelope.js';
import { distrust } from '../refusal.js';
import type { EnrolledKey, Principal, Trust } from '../trust.js';
import type { CiIdentity } from './claims.js';
import type { IdentityPattern } from './pattern.js';
import { differences, MAX_LIFETIME_MS } from './pattern.js';
import { identityAudience, readIdentity } from './statement.js';
import type { VerifiedToken } from './verify-token.js';
import { CLOCK_SKEW_S, verifyToken } from './verify-token.js';

export interface Credit {
  readonly principal: Principal;
  readonly identity: CiIdentity;
  /** The job's key, as if it were enrolled. */
  readonly key: EnrolledKey;
}

/** @throws VallumError of class `unproven`, with the claim that differs */
export function creditIdentity(trust: Trust, signed: Signed): Credit {
  const { token, key, createdAt } = readIdentity(signed.statement);
  if (key.keyid !== signed.keyid || !verifySignature(signed, key))
    throw distrust('IDENTITY_KEY', 'a CI identity is not signed by the key that it is about');
  if (trust.key(key.keyid) !== undefined || key.keyid === trust.rootFingerprint)
    throw distrust('IDENTITY_KEY', 'a CI identity is about a key that trust.json enrols already', 'make a new key');
  const audience = identityAudience(trust.project, key.keyid);
  const verified = verifyToken(token, { issuers: trust.issuers, audience, at: parseTime(createdAt) });
  const { principal, pattern } = ownerOf(trust, verified.identity);
  const window = windowOf(pattern, verified);
  return { principal, identity: verified.identity, key: { ...key, roles: pattern.roles, ...window } };
}

interface Owner {
  readonly principal: Principal;
  readonly pattern: IdentityPattern;
}

function ownerOf({ principals }: Trust, identity: CiIdentity): Owner {
  const all = principals.flatMap((principal) =>
    (principal.identities ?? []).map((pattern) => ({ principal, pattern, misses: differences(pattern, identity) })),
  );
  const [owner, another] = all.filter(({ misses }) => misses.length === 0);
  if (another !== undefined && owner !== undefined)
    throw distrust(
      'IDENTITY_AMBIGUOUS',
      `this job fits two identities in trust.json, of ${owner.principal.id} and of ${another.principal.id}`,
      'make them so narrow that one job fits one',
    );
  if (owner !== undefined) return owner;
  const [nearest] = all.sort((a, b) => a.misses.length - b.misses.length);
  throw distrust(
    'IDENTITY_UNKNOWN',
    nearest === undefined
      ? 'trust.json enrols no CI identity'
      : `this job is not ${nearest.principal.id} of trust.json: ${nearest.misses.join('; ')}`,
    'run the job that is enrolled, or have the holder of the root enrol this one',
  );
}

function windowOf(
  { lifetime, notBefore, notAfter }: IdentityPattern,
  { issuedAt, expiresAt }: VerifiedToken,
): Pick<EnrolledKey, 'notBefore' | 'notAfter'> {
  const issued = issuedAt.getTime();
  const asked = lifetime === undefined ? expiresAt.getTime() : issued + durationMs(lifetime);
  const start = Math.max(issued - CLOCK_SKEW_S * 1000, parseTime(notBefore).getTime());
  const end = Math.min(asked, issued + MAX_LIFETIME_MS, parseTime(notAfter).getTime());
  if (start > end || issued > parseTime(notAfter).getTime())
    throw distrust(
      'IDENTITY_WINDOW',
      `the token was issued at ${issuedAt.toISOString()}, and the identity counts from ${notBefore} to ${notAfter}`,
      'have the holder of the root enrol it anew',
    );
  return { notBefore: new Date(start).toISOString(), notAfter: new Date(end).toISOString() };
}
