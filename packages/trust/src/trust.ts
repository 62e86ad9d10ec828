// Who may say what, and when: principals, their keys, the roles of each key and its validity window.
import type { Sha256 } from '@vallum/core';
import { digestJson, parseTime } from '@vallum/core';
import type { PublicKeyRecord, SigningKey } from './keys.js';
import { publicRecord } from './keys.js';
import type { CiIdentity } from './oidc/claims.js';
import type { Issuer } from './oidc/issuer.js';
import type { IdentityPattern } from './oidc/pattern.js';
import { holdsRole } from './roles.js';

export interface EnrolledKey extends PublicKeyRecord {
  /** May be empty: a key that only says who somebody is, as the owner of a waiver does. */
  readonly roles: readonly string[];
  /** First and last instant at which the key counts, UTC. */
  readonly notBefore: string;
  readonly notAfter: string;
}

export interface Principal {
  readonly id: string;
  readonly name: string;
  readonly keys: readonly EnrolledKey[];
  /** CI jobs that are this principal. */
  readonly identities?: readonly IdentityPattern[];
}

/** A log that counts, and the key that signs its checkpoints. */
export interface LedgerOrigin {
  readonly origin: string;
  readonly keyid: Sha256;
  /** Keys that signed its checkpoints before, oldest first. */
  readonly previous?: readonly FormerLedgerKey[];
}

/** A key of a log that was replaced, and the last checkpoint that it may have signed: it counts for no later one. */
export interface FormerLedgerKey {
  readonly keyid: Sha256;
  readonly size: number;
  readonly root: Sha256;
}

export interface TrustContent {
  readonly rootFingerprint: Sha256;
  /** Id of the trust statement. */
  readonly digest: Sha256;
  readonly project: string;
  /** UTC; a file that is put in the place of another one is dated after it. */
  readonly issuedAt: string;
  /** True where a project has no trust file: one key of this machine, which can never approve anything. */
  readonly local: boolean;
  readonly principals: readonly Principal[];
  readonly ledgers: readonly LedgerOrigin[];
  /** Whose tokens say which CI job made a key. */
  readonly issuers: readonly Issuer[];
}

export interface Trust extends TrustContent {
  /** The principal whose key holds the role at that time; a key outside its window holds none. */
  may(keyid: string, role: string, at: Date): Principal | undefined;
  /** The principal of a key inside its window, whatever its roles. */
  signer(keyid: string, at: Date): Principal | undefined;
  key(keyid: string): EnrolledKey | undefined;
  principalOf(keyid: string): Principal | undefined;
  /** Roles that any key of the principal holds at that time. */
  rolesOf(principal: string, at: Date): readonly string[];
  /** The CI job that made the key; undefined for a key of the trust file, and for one that nobody vouches for. */
  identityOf(keyid: string): CiIdentity | undefined;
  /** Why the key of a CI job does not count; undefined when it does, and for a key that no job claimed. */
  doubtAbout(keyid: string): string | undefined;
  /** Index of the identity statement of a job's key (infinite while it waits): only later entries count. */
  knownFrom(keyid: string): number | undefined;
  /** True when the identity statement of the key is in the log and cannot be read. */
  isLost(keyid: string): boolean;
  /** Whether the key holds the role at some time; true too where its identity is lost and a job may hold the role. */
  mayHaveHeld(keyid: string, role: string): boolean;
}

export function trustFrom(content: TrustContent): Trust {
  const keys = new Map<string, { readonly key: EnrolledKey; readonly principal: Principal }>();
  for (const principal of content.principals) for (const key of principal.keys) keys.set(key.keyid, { key, principal });
  const signer = (keyid: string, at: Date): Principal | undefined => {
    const found = keys.get(keyid);
    return found !== undefined && holdsAt(found.key, at) ? found.principal : undefined;
  };
  return {
    ...content,
    signer,
    may: (keyid, role, at) => (holdsRole(keys.get(keyid)?.key.roles ?? [], role) ? signer(keyid, at) : undefined),
    key: (keyid) => keys.get(keyid)?.key,
    principalOf: (keyid) => keys.get(keyid)?.principal,
    rolesOf: (id, at) => {
      const owned = content.principals.find((principal) => principal.id === id)?.keys ?? [];
      return [...new Set(owned.filter((key) => holdsAt(key, at)).flatMap((key) => key.roles))].sort();
    },
    identityOf: () => undefined,
    doubtAbout: () => undefined,
    knownFrom: () => undefined,
    isLost: () => false,
    mayHaveHeld: (keyid, role) => holdsRole(keys.get(keyid)?.key.roles ?? [], role),
  };
}

/** An invalid date compares false both ways, so it lies in no window. */
export function holdsAt(key: EnrolledKey, at: Date): boolean {
  return at >= parseTime(key.notBefore) && at <= parseTime(key.notAfter);
}

/** Trust of a project that has no trust file: this key alone may produce evidence, and nothing else. */
export function localTrust(key: SigningKey): Trust {
  const record = publicRecord(key);
  const enrolled: EnrolledKey = {
    ...record,
    roles: ['produce:*'],
    notBefore: '1970-01-01T00:00:00Z',
    notAfter: '9999-12-31T23:59:59Z',
  };
  return trustFrom({
    rootFingerprint: key.keyid,
    digest: digestJson({ local: record.keyid }),
    project: 'local',
    issuedAt: enrolled.notBefore,
    local: true,
    principals: [{ id: 'local', name: 'a key of this machine', keys: [enrolled] }],
    ledgers: [],
    issuers: [],
  });
}
