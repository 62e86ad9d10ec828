// What the holder of the root does for CI jobs: pins an issuer's keys, and enrols a job as a principal. A key that was
// pinned stays, because statements of before are verified with it; a kid never gets another key.
import type { SigningKey } from '../keys.js';
import { misuse } from '../refusal.js';
import type { Trust } from '../trust.js';
import { assertRoot, buildTrust } from '../trust-file.js';
import type { Dialect } from './claims.js';
import { fullRef } from './claims.js';
import type { IssuerKey } from './jwk.js';
import type { PublishedKey } from './jwks.js';
import type { IdentityPattern } from './pattern.js';

export interface IssuerDraft {
  readonly issuer: string;
  readonly claims: Dialect;
  readonly keys: readonly PublishedKey[];
  /** Window of the keys that are new, UTC. */
  readonly notBefore: string;
  readonly notAfter: string;
}

/** Adds an issuer, or keys to a known one, and signs the trust file again. @throws VallumError `ISSUER_KEY`, `TRUST_ROOT` */
export function addIssuer(trust: Trust, draft: IssuerDraft, root: SigningKey, now: Date): Uint8Array {
  assertRoot(trust, root);
  const { issuer, claims, keys, notBefore, notAfter } = draft;
  const known = trust.issuers.find((one) => one.issuer === issuer);
  const changed = keys.find((key) => known?.keys.some((old) => old.kid === key.kid && !isSameKey(old, key)) === true);
  if (changed !== undefined)
    throw misuse(
      'ISSUER_KEY',
      `the key ${changed.kid} of ${issuer} is pinned already as another key`,
      'ask the issuer: a key id never gets another key',
    );
  if (known !== undefined && known.claims !== claims)
    throw misuse('ISSUER_CLAIMS', `${issuer} is pinned already with claims as ${known.claims} writes them`);
  const fresh = keys.filter(({ kid }) => known?.keys.some((old) => old.kid === kid) !== true);
  const pinned = [...(known?.keys ?? []), ...fresh.map((key): IssuerKey => ({ ...key, notBefore, notAfter }))];
  const issuers = [...trust.issuers.filter((one) => one.issuer !== issuer), { issuer, claims, keys: pinned }];
  const { project, principals, ledgers } = trust;
  return buildTrust({ project, principals, ledgers, issuers, root, now, replaces: trust });
}

function isSameKey(a: PublishedKey, b: PublishedKey): boolean {
  if (a.kty === 'EC') return b.kty === 'EC' && a.x === b.x && a.y === b.y;
  return b.kty === 'RSA' && a.n === b.n && a.e === b.e;
}

/**
 * Enrols a job, or gives an enrolled one other roles and another window, which is how it is ended too.
 * @throws VallumError `TRUST_ROLE`, `TRUST_ROOT`, `IDENTITY_*`
 */
export function enrolIdentity(
  trust: Trust,
  principal: { readonly id: string; readonly name: string },
  pattern: IdentityPattern,
  root: SigningKey,
  now: Date,
): Uint8Array {
  assertRoot(trust, root);
  const { project, ledgers, issuers } = trust;
  const known = trust.principals.find(({ id }) => id === principal.id) ?? { ...principal, keys: [] };
  const others = (known.identities ?? []).filter((one) => !isSameJob(one, pattern));
  const grown = { ...known, identities: [...others, pattern] };
  const isNew = trust.principals.every(({ id }) => id !== principal.id);
  const principals = isNew
    ? [...trust.principals, grown]
    : trust.principals.map((one) => (one.id === principal.id ? grown : one));
  return buildTrust({ project, principals, ledgers, issuers, root, now, replaces: trust });
}

function isSameJob(a: IdentityPattern, b: IdentityPattern): boolean {
  const refOf = ({ branch }: IdentityPattern): string | undefined =>
    branch === undefined ? undefined : fullRef(branch);
  return a.issuer === b.issuer && a.subject === b.subject && a.workflow === b.workflow && refOf(a) === refOf(b);
}
