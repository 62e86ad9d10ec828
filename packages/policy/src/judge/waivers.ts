// Waivers that count: asked for by one enrolled principal, approved by another one with the role, running, unrevoked, for
// this requirement and these bytes. They accept a failing figure up to a bound, or a reason that its kind calls waivable.
import type { EvidenceKind, Sha256 } from '@vallum/core';
import type { Accepted, Waiver, WaiverApproval } from '@vallum/trust';
import { readWaiver, readWaiverApproval } from '@vallum/trust';
import type { Requirement } from '../requirement.js';
import type { UsedWaiver } from '../verdict.js';
import type { JudgeInput, LedgerStatement } from './input.js';
import type { Revocations } from './revocations.js';

/** What is wrong with the evidence, as far as a waiver can accept it. */
export type Waivable =
  | { readonly metric: string; readonly side: 'atMost' | 'atLeast'; readonly bound: number }
  | { readonly reason: string };

export function findWaiver(
  requirement: Requirement,
  kind: EvidenceKind,
  subject: Sha256,
  wrong: Waivable,
  input: JudgeInput,
  revocations: Revocations,
): UsedWaiver | undefined {
  if ('reason' in wrong && !kind.waivable.includes(wrong.reason)) return undefined;
  const newestFirst = [...input.statements].sort((a, b) => b.index - a.index);
  for (const entry of newestFirst) {
    const waiver = attempt(() => readWaiver(entry.statement));
    if (waiver === undefined || waiver.requirement !== requirement.id || waiver.subject.digest.sha256 !== subject)
      continue;
    if (!covers(waiver.accepts, wrong) || !isRunning(waiver, input.now)) continue;
    const owner = input.trust.signer(entry.keyid, new Date(waiver.createdAt))?.id;
    if (owner === undefined || revocations.ofStatement(entry) !== undefined) continue;
    const approval = findApproval(entry.id, owner, newestFirst, input, revocations);
    if (approval === undefined) continue;
    return {
      requirement: requirement.id,
      id: entry.id,
      ...approval,
      owner,
      accepts: waiver.accepts,
      ...('bound' in wrong ? { bound: wrong.bound } : {}),
      reason: waiver.reason,
      until: waiver.until,
    };
  }
  return undefined;
}

function isRunning(waiver: Waiver, now: Date): boolean {
  return new Date(waiver.createdAt) <= now && now < new Date(waiver.until);
}

function covers(accepts: Accepted, wrong: Waivable): boolean {
  if ('reason' in accepts) return 'reason' in wrong && accepts.reason === wrong.reason;
  if (!('metric' in wrong) || accepts.metric !== wrong.metric) return false;
  return wrong.side === 'atMost' ? wrong.bound <= accepts.bound : wrong.bound >= accepts.bound;
}

function findApproval(
  waiver: Sha256,
  owner: string,
  statements: readonly LedgerStatement[],
  { trust, now }: JudgeInput,
  revocations: Revocations,
): { readonly approval: Sha256; readonly approver: string } | undefined {
  for (const entry of statements) {
    const approval: WaiverApproval | undefined = attempt(() => readWaiverApproval(entry.statement));
    if (approval?.waiver !== waiver || revocations.ofStatement(entry) !== undefined) continue;
    const at = new Date(approval.createdAt);
    const approver = trust.may(entry.keyid, 'approve', at)?.id;
    if (approver !== undefined && approver !== owner && at <= now) return { approval: entry.id, approver };
  }
  return undefined;
}

/** A malformed statement counts as absent. */
function attempt<T>(read: () => T | undefined): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
