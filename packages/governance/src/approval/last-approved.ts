// Which model was approved before this one: the yardstick of the poisoning scan. An attacker who could choose it would
// have new rows judged by a model of his own, so only trusted, unrevoked approvals count, in the order of the ledger.
import type { KindCatalog, Sha256, Subject } from '@vallum/core';
import { evidenceType, parseTime } from '@vallum/core';
import type { LedgerStatement } from '@vallum/policy';
import { collectRevocations } from '@vallum/policy';
import type { Trust } from '@vallum/trust';
import { APPROVAL_KIND } from './approval.js';

export interface LastApprovedQuery {
  readonly statements: readonly LedgerStatement[];
  readonly trust: Trust;
  readonly kinds: KindCatalog;
  /** Without version: `spam-filter`. */
  readonly modelName: string;
  /** Digest of the version at hand; its own approval does not count. */
  readonly subject: Sha256;
  readonly now: Date;
}

export interface ApprovedModel {
  /** Name with version and the digest that was approved; the bytes at hand must still match it. */
  readonly subject: Subject;
  readonly approval: Sha256;
  /** Place of the approval in the ledger. */
  readonly index: number;
  /** Id of the principal. */
  readonly approver: string;
}

/** The same model name, another digest, the highest ledger index; undefined when there is no predecessor. */
export function lastApproved(query: LastApprovedQuery): ApprovedModel | undefined {
  const { statements, trust, modelName, subject } = query;
  const role = query.kinds.get(APPROVAL_KIND)?.role;
  if (role === undefined) return undefined;
  const revocations = collectRevocations(statements, trust);
  let last: ApprovedModel | undefined;
  for (const entry of statements) {
    const [approved, ...others] = entry.statement.subject;
    if (entry.statement.predicateType !== evidenceType(APPROVAL_KIND) || approved === undefined || others.length > 0)
      continue;
    if (!isVersionOf(approved.name, modelName) || approved.digest.sha256 === subject) continue;
    const approver = approverOf(entry, role, query);
    if (approver === undefined || revocations.ofStatement(entry) !== undefined) continue;
    if (last === undefined || entry.index > last.index)
      last = { subject: approved, approval: entry.id, index: entry.index, approver };
  }
  return last;
}

/** `spam-filter@v1` is a version of `spam-filter`; `spam-filter@v1#weights` is only a part of one. */
function isVersionOf(name: string, model: string): boolean {
  return name.startsWith(`${model}@`) && !/[@#]/.test(name.slice(model.length + 1));
}

function approverOf(entry: LedgerStatement, role: string, { trust, now }: LastApprovedQuery): string | undefined {
  const { outcome, finishedAt } = entry.statement.predicate;
  if (outcome !== 'pass' || typeof finishedAt !== 'string') return undefined;
  let at: Date;
  try {
    at = parseTime(finishedAt);
  } catch {
    return undefined;
  }
  return at <= now ? trust.may(entry.keyid, role, at)?.id : undefined;
}
