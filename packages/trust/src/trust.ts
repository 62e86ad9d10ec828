// Who may say what, and when: principals, their keys, the roles of each key and its validity window.
import type { Sha256 } from '@vallum/core';
import { digestJson, parseTime } from '@vallum/core';
import type { PublicKeyRecord, SigningKey } from './keys.js';
import { publicRecord } from './keys.js';
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
}

/** A log that counts, and the key that signs its checkpoints. */
export interface LedgerOrigin {
  readonly origin: string;
  readonly keyid: Sha256;
}

export interface TrustContent {
  readonly rootFingerprint: Sha256;
  /** Id of the trust statement. */
  readonly digest: Sha256;
  readonly project: string;
  /** True where a project has no trust file: one key of this machine, which can never approve anything. */
  readonly local: boolean;
  readonly principals: readonly Principal[];
  readonly ledgers: readonly LedgerOrigin[];
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
}

export function trustFrom(content: TrustContent): Trust {
  const keys = new Map<string, { readonly key: EnrolledKey; readonly principal: Principal }>();
  for (const principal of content.principals) for (const key of principal.keys) keys.set(key.keyid, { key, principal });
  const signer = (keyid: string, at: Date): Principal | undefined => {
    const found = keys.get(keyid);
    return found !== undefined && isInside(found.key, at) ? found.principal : undefined;
  };
  return {
    ...content,
    signer,
    may: (keyid, role, at) => (holdsRole(keys.get(keyid)?.key.roles ?? [], role) ? signer(keyid, at) : undefined),
    key: (keyid) => keys.get(keyid)?.key,
    principalOf: (keyid) => keys.get(keyid)?.principal,
    rolesOf: (id, at) => {
      const owned = content.principals.find((principal) => principal.id === id)?.keys ?? [];
      return [...new Set(owned.filter((key) => isInside(key, at)).flatMap((key) => key.roles))].sort();
    },
  };
}

/** An invalid date compares false both ways, so it lies in no window. */
function isInside(key: EnrolledKey, at: Date): boolean {
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
    local: true,
    principals: [{ id: 'local', name: 'a key of this machine', keys: [enrolled] }],
    ledgers: [],
  });
}
