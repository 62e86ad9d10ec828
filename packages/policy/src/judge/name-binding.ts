// An approval binds a name to bytes. The newest approval of that name that says other bytes is a refusal, not merely a
// missing proof: somebody changed an approved model, or slipped another one in under its name.
import type { EvidenceKind, Subject, TaskIdentity } from '@vallum/core';
import { statementsOf } from './candidates.js';
import { readEvidence } from './evidence.js';
import type { JudgeInput, LedgerStatement } from './input.js';
import type { Draft } from './reasons.js';
import type { Revocations } from './revocations.js';

export interface Broken extends Draft {
  readonly evidence: LedgerStatement['id'];
}

/** The newest approval of the name that counts. */
interface Binding {
  readonly entry: LedgerStatement;
  readonly named: Subject;
  readonly by: string;
}

export function findBrokenBinding(
  kind: EvidenceKind,
  { subject }: TaskIdentity,
  input: JudgeInput,
  revocations: Revocations,
): Broken | undefined {
  const binding = findBinding(kind, subject.name, input, revocations);
  if (binding === undefined || binding.named.digest.sha256 === subject.digest.sha256) return undefined;
  const { entry, named, by } = binding;
  return {
    result: 'refused',
    code: 'approved-bytes-changed',
    message: `${subject.name} was approved by ${by} as ${named.digest.sha256.slice(0, 12)}, its bytes are now ${subject.digest.sha256.slice(0, 12)}`,
    fix: 'restore the approved bytes, or give the new ones a version of their own and have it approved',
    evidence: entry.id,
  };
}

export function findBinding(
  kind: EvidenceKind,
  name: string,
  input: JudgeInput,
  revocations: Revocations,
): Binding | undefined {
  for (const entry of [...statementsOf(kind, input)].reverse()) {
    const named = entry.statement.subject[0];
    if (named?.name !== name || revocations.ofStatement(entry) !== undefined) continue;
    const by = approverOf(entry, kind, input);
    if (by !== undefined) return { entry, named, by };
  }
  return undefined;
}

/** Also of an approval dated after the clock: setting it back must not bring older bytes back. */
function approverOf(entry: LedgerStatement, kind: EvidenceKind, { trust }: JudgeInput): string | undefined {
  const evidence = readEvidence(entry.statement.predicate);
  if (evidence?.predicate.outcome !== 'pass') return undefined;
  return trust.may(entry.keyid, kind.role, evidence.finishedAt)?.id;
}
