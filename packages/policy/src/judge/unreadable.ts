// Entries of the log whose envelope is gone. Deleting a file is the cheapest attack on a folder of evidence: the failing
// run or the revocation that vanished must not leave an older pass behind, so what cannot be read is not proven.
import type { EvidenceKind, Sha256 } from '@vallum/core';
import { kindOf } from '@vallum/core';
import { REVOCATION_TYPE } from '@vallum/trust';
import type { MetricRule } from '../requirement.js';
import type { JudgeInput, UnreadableEntry } from './input.js';
import type { Draft } from './reasons.js';
import type { Revocations } from './revocations.js';
import { mayEverRevoke } from './revocations.js';

const FIX = 'restore the envelope from a copy; if it is lost for good, revoke the statement and run `vallum check`';

/** The entry that keeps the question open: it is newer than what can be read, or may be a run that failed. */
export function findUnreadable(
  metric: MetricRule | undefined,
  kind: EvidenceKind,
  subject: Sha256,
  newest: number | undefined,
  { unreadable = [], trust }: JudgeInput,
  revocations: Revocations,
): Draft | undefined {
  const relevant = unreadable.find(
    (entry) =>
      kindOf(entry.type) === kind.id &&
      // Under a name that binds, any digest counts: the entry does not tell the name.
      (entry.subject === subject || kind.bindsName) &&
      trust.mayHaveHeld(entry.keyid, kind.role) &&
      (newest === undefined || entry.index > newest || mayHaveFailed(entry, metric, revocations)),
  );
  return relevant && lost(relevant, kind.id);
}

/**
 * A lost approval may have bound the name to other bytes, whatever its subject: the entry does not tell the name. One that
 * is older than the approval in force, or revoked, binds nothing.
 */
export function findLostBinding(
  kind: EvidenceKind,
  inForce: number | undefined,
  { unreadable = [], trust }: JudgeInput,
  revocations: Revocations,
): Draft | undefined {
  const relevant = unreadable.find(
    ({ id, index, keyid, type }) =>
      kindOf(type) === kind.id &&
      trust.mayHaveHeld(keyid, kind.role) &&
      (inForce === undefined || index > inForce) &&
      revocations.ofId(id) === undefined,
  );
  return relevant && lost(relevant, kind.id);
}

/** A control that passes may still have measured a figure out of bounds. */
function mayHaveFailed(
  { id, outcome }: UnreadableEntry,
  metric: MetricRule | undefined,
  revocations: Revocations,
): boolean {
  return (outcome !== 'pass' || metric !== undefined) && revocations.ofId(id) === undefined;
}

/** A lost revocation by a key that holds the role may have revoked anything. */
export function findLostRevocation({ unreadable = [], trust }: JudgeInput): Draft | undefined {
  const entry = unreadable.find(({ type, keyid }) => type === REVOCATION_TYPE && mayEverRevoke(trust, keyid));
  return entry && lost(entry, 'a revocation');
}

function lost(entry: UnreadableEntry, what: string): Draft {
  const message = `entry ${entry.index} of the ledger is ${what}, and its envelope ${entry.id.slice(0, 12)} cannot be read`;
  return { result: 'not-proven', code: 'unreadable', message, fix: FIX };
}
