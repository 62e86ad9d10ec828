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

/**
 * The same model name, another digest, the highest ledger index; undefined when there is no predecessor. For a version that
 * is approved itself only approvals before its own count, so that approving v2 does not void what was shown about v1 and
 * going back to v1 stays possible.
 */
export function lastApproved(query: LastApprovedQuery): ApprovedModel | undefined {
  const approvals = approvalsOf(query).sort((a, b) => a.index - b.index);
  const own = approvals.find(({ subject }) => subject.digest.sha256 === query.subject);
  return approvals
    .filter(({ subject, index }) => subject.digest.sha256 !== query.subject && index < (own?.index ?? Infinity))
    .at(-1);
}

/** Trusted, unrevoked approvals of versions of this model. */
function approvalsOf(query: LastApprovedQuery): ApprovedModel[] {
  const { statements, trust, modelName, kinds } = query;
  const role = kinds.get(APPROVAL_KIND)?.role;
  if (role === undefined) return [];
  const revocations = collectRevocations(statements, trust);
  const found: ApprovedModel[] = [];
  for (const entry of statements) {
    const [subject, ...others] = entry.statement.subject;
    if (entry.statement.predicateType !== evidenceType(APPROVAL_KIND) || subject === undefined || others.length > 0)
      continue;
    const approver = approverOf(entry, role, query);
    if (!isVersionOf(subject.name, modelName) || approver === undefined || revocations.ofStatement(entry) !== undefined)
      continue;
    found.push({ subject, approval: entry.id, index: entry.index, approver });
  }
  return found;
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
