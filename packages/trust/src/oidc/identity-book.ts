// The job keys of one ledger. Each key has one identity statement, the first in the log, and counts only for what was
// entered after it. A lost identity statement must not hide the failures that its key signed, so such a key is remembered
// as one that may have held any role of a job.
import type { Sha256 } from '@vallum/core';
import { VallumError } from '@vallum/core';
import type { Signed } from '../envelope.js';
import { verifySignature } from '../envelope.js';
import { holdsRole } from '../roles.js';
import type { Trust } from '../trust.js';
import { holdsAt } from '../trust.js';
import { IDENTITY_TYPE } from '../types.js';
import type { Credit } from './credit.js';
import { creditIdentity } from './credit.js';

/** An entry of the log whose type is `IDENTITY_TYPE`, or a statement of that type that waits in the inbox. */
export interface IdentityEntry {
  readonly keyid: Sha256;
  /** Index in the log; absent while it waits. */
  readonly index?: number;
  /** Absent when the envelope is lost. */
  readonly signed?: Signed;
}

interface Noted {
  readonly index: number;
  readonly signed: Signed | undefined;
  readonly credit: Credit | undefined;
  /** Why it does not count. */
  readonly doubt: string | undefined;
}

export class IdentityBook {
  readonly #base: Trust;
  readonly #noted = new Map<string, Noted>();
  /** The given trust and all keys that were learned so far; it grows with the book. */
  readonly trust: Trust;

  constructor(base: Trust) {
    this.#base = base;
    this.trust = this.#grown();
  }

  /** The first entry of a key decides, in whatever order entries are learned. */
  learn({ keyid, index = Infinity, signed }: IdentityEntry): void {
    const before = this.#noted.get(keyid);
    // Anybody can leave a broken statement under another's key id in the inbox: it gives way to one that counts.
    const givesWay = before?.index === Infinity && before.credit === undefined;
    if (before !== undefined && before.index <= index && !givesWay) return;
    const isSame = before !== undefined && signed !== undefined && isSameEnvelope(before.signed, signed);
    this.#noted.set(keyid, isSame ? { ...before, index } : { index, signed, ...this.#settle(signed) });
  }

  #settle(signed: Signed | undefined): Pick<Noted, 'credit' | 'doubt'> {
    if (signed === undefined) return { credit: undefined, doubt: 'the statement of its CI identity cannot be read' };
    try {
      return { credit: creditIdentity(this.#base, signed), doubt: undefined };
    } catch (error) {
      if (!(error instanceof VallumError)) throw error;
      return { credit: undefined, doubt: error.message };
    }
  }

  #grown(): Trust {
    const base = this.#base;
    const own = (keyid: string): Noted | undefined =>
      base.key(keyid) === undefined ? this.#noted.get(keyid) : undefined;
    const credit = (keyid: string): Credit | undefined => own(keyid)?.credit;
    const signer: Trust['signer'] = (keyid, at) => {
      const found = credit(keyid);
      return found !== undefined && holdsAt(found.key, at) ? found.principal : base.signer(keyid, at);
    };
    return {
      ...base,
      signer,
      may: (keyid, role, at) =>
        holdsRole(credit(keyid)?.key.roles ?? [], role) ? signer(keyid, at) : base.may(keyid, role, at),
      key: (keyid) => base.key(keyid) ?? credit(keyid)?.key,
      principalOf: (keyid) => base.principalOf(keyid) ?? credit(keyid)?.principal,
      rolesOf: (id, at) => {
        const keys = [...this.#noted.keys()].flatMap((keyid) => credit(keyid) ?? []);
        const held = keys.filter(({ principal, key }) => principal.id === id && holdsAt(key, at));
        return [...new Set([...base.rolesOf(id, at), ...held.flatMap(({ key }) => key.roles)])].sort();
      },
      identityOf: (keyid) => credit(keyid)?.identity,
      doubtAbout: (keyid) => own(keyid)?.doubt,
      knownFrom: (keyid) => own(keyid)?.index,
      isLost: (keyid) => own(keyid) !== undefined && own(keyid)?.signed === undefined,
      mayHaveHeld: (keyid, role) =>
        base.mayHaveHeld(keyid, role) ||
        holdsRole(credit(keyid)?.key.roles ?? [], role) ||
        (this.trust.isLost(keyid) && isRoleOfSomeJob(base, role)),
    };
  }
}

/** The id of a statement does not cover its signature. */
function isSameEnvelope(a: Signed | undefined, b: Signed): boolean {
  return a?.id === b.id && Buffer.from(a.signature).equals(b.signature);
}

function isRoleOfSomeJob({ principals }: Trust, role: string): boolean {
  return principals.some(({ identities = [] }) => identities.some(({ roles }) => holdsRole(roles, role)));
}

/** The trust in which the keys of these identity statements are known too. */
export function withIdentities(trust: Trust, entries: readonly IdentityEntry[]): Trust {
  const book = new IdentityBook(trust);
  for (const entry of entries) book.learn(entry);
  return book.trust;
}

/**
 * Why a statement counts as absent, whoever may say what; undefined when an enrolled key, or the key of an enrolled job,
 * signed it.
 * @param index in the log; absent for a statement that waits and would come after all others
 */
export function doubtAboutStatement(trust: Trust, signed: Signed, index = Infinity): string | undefined {
  const { keyid } = signed;
  const doubt = trust.doubtAbout(keyid);
  if (doubt !== undefined) return doubt;
  const key = trust.key(keyid);
  if (key === undefined) return 'it is signed by a key that is not enrolled';
  if (!verifySignature(signed, key)) return 'its signature is not valid';
  const from = trust.knownFrom(keyid) ?? -1;
  const isEarly =
    index < from || (index === from && index !== Infinity && signed.statement.predicateType !== IDENTITY_TYPE);
  return isEarly ? 'it was entered before the CI identity of its key' : undefined;
}
