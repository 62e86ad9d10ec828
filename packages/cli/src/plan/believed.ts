// Whose provenance counts in a project: the enrolled keys, less what its ledger says was revoked.
import type { Believed } from '@vallum/model';
import type { LedgerStatement } from '@vallum/policy';
import { collectRevocations } from '@vallum/policy';
import type { Session } from '../project/session.js';
import { trustOf } from '../project/session.js';

export function believedIn(session: Session, statements: readonly LedgerStatement[]): Believed {
  const trust = trustOf(session);
  const revocations = collectRevocations(statements, trust);
  return {
    trust,
    now: session.clock(),
    revoked: ({ keyid, id, subject }) =>
      (
        revocations.ofKey(keyid) ??
        (id === undefined ? undefined : revocations.ofId(id)) ??
        (subject === undefined ? undefined : revocations.ofSubject(subject))
      )?.reason,
  };
}
