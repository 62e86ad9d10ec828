// When an earlier statement still speaks about the bytes at hand: same kind, control version, ruleset, parameters and
// inputs, outcome pass or fail, a trusted signer, not revoked, still fresh. Anything else runs again, and says why.
import type { EvidenceKind, KindCatalog, Task } from '@vallum/core';
import { canonicalJson, kindOf } from '@vallum/core';
import type { LedgerStatement, ReadEvidence, Revocations } from '@vallum/policy';
import { collectRevocations, differingInputs, expiryOf, readEvidence } from '@vallum/policy';
import type { Trust } from '@vallum/trust';
import type { Reuse } from './run-plan.js';

export interface ReuseContext {
  /** In ledger order. */
  readonly statements: readonly LedgerStatement[];
  readonly trust: Trust;
  readonly kinds: KindCatalog;
  readonly now: Date;
}

export function makeReuse(context: ReuseContext): (task: Task) => Reuse {
  const revocations = collectRevocations(context.statements, context.trust);
  return (task) => findReuse(task, context, revocations);
}

function findReuse(task: Task, context: ReuseContext, revocations: Revocations): Reuse {
  const kind = context.kinds.get(task.kind);
  if (kind === undefined) return { kind: 'none' };
  let firstMiss: string | undefined;
  for (const entry of [...context.statements].reverse()) {
    if (kindOf(entry.statement.predicateType) !== task.kind) continue;
    if (entry.statement.subject[0]?.digest.sha256 !== task.subject.digest.sha256) continue;
    const evidence = readEvidence(entry.statement.predicate);
    if (evidence === undefined || !isTrusted(entry, evidence, kind, context)) continue;
    const difference = differenceOf(task, evidence);
    if (difference !== undefined) {
      firstMiss ??= difference;
      continue;
    }
    const revoked = revocations.ofStatement(entry);
    if (revoked !== undefined) return { kind: 'stale', why: `${revoked.what} was revoked (${revoked.reason})` };
    const expiry = expiryOf(evidence, kind);
    if (expiry !== undefined && context.now >= expiry)
      return { kind: 'stale', why: `it expired at ${expiry.toISOString()}` };
    const { outcome, reason, findings, metrics, coverage } = evidence.predicate;
    if (outcome === 'inconclusive') return { kind: 'stale', why: 'the last run was inconclusive' };
    const result = { outcome, findings, metrics, coverage, ...(reason === undefined ? {} : { reason }) };
    return { kind: 'reusable', statement: entry.id, result };
  }
  return firstMiss === undefined ? { kind: 'none' } : { kind: 'stale', why: firstMiss };
}

/** By somebody who may say it, and not dated after the clock of this machine. */
function isTrusted(
  entry: LedgerStatement,
  { finishedAt }: ReadEvidence,
  kind: EvidenceKind,
  context: ReuseContext,
): boolean {
  return finishedAt <= context.now && context.trust.may(entry.keyid, kind.role, finishedAt) !== undefined;
}

function differenceOf(task: Task, { predicate }: ReadEvidence): string | undefined {
  if (predicate.tool.control !== task.version) return `the control is now version ${task.version}`;
  if (predicate.tool.rules?.sha256 !== task.rules) return 'the ruleset changed';
  if (canonicalJson(predicate.parameters) !== canonicalJson(task.parameters)) return 'its parameters changed';
  const [input] = differingInputs(predicate.inputs, task.inputs);
  return input === undefined ? undefined : `its input ${input} changed`;
}
