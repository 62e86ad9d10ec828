// One requirement about one subject. Among the candidates the newest by ledger index decides; a failing run is replaced
// only by a run with the same or stronger parameters, so that trying again with weaker ones hides nothing.
import type { EvidenceKind, Sha256, TaskIdentity } from '@vallum/core';
import type { Requirement } from '../requirement.js';
import { FLOOR, supersedingRules } from '../requirement.js';
import type { Superseded, UsedWaiver } from '../verdict.js';
import type { Candidate } from './candidates.js';
import { sortStatements } from './candidates.js';
import type { JudgeInput } from './input.js';
import { judgeMetric } from './metric.js';
import { sameOrStronger } from './parameters.js';
import type { Draft } from './reasons.js';
import { expiredReason, failedReason, inconclusiveReason, missReason, notYetReason, revokedReason } from './reasons.js';
import type { Revocations } from './revocations.js';
import { findUnreadable } from './unreadable.js';
import type { Waivable } from './waivers.js';
import { findWaiver } from './waivers.js';

export interface RequirementAnswer {
  readonly reasons: readonly (Draft & { readonly evidence?: Sha256 })[];
  readonly decided?: Candidate;
  readonly waivers: readonly UsedWaiver[];
  readonly superseded: readonly Superseded[];
}

interface Context {
  readonly requirement: Requirement;
  readonly kind: EvidenceKind;
  readonly task: TaskIdentity;
  readonly input: JudgeInput;
  readonly revocations: Revocations;
}

/** What the evidence says by itself; `waivable` when a waiver could accept it. */
interface Opinion {
  readonly reason?: Draft;
  readonly waivable?: Waivable;
}

/**
 * A project's line, and the floor below it by itself: a run that failed by the floor stays a failure when the project
 * then asks for other parameters (a seed of its own choice), by which that run no longer counts.
 */
export function linesOf(requirement: Requirement, action: string): readonly Requirement[] {
  const floor = requirement[FLOOR];
  return floor?.actions.includes(action) === true ? [requirement, { ...floor, fix: requirement.fix }] : [requirement];
}

export function judgeRequirement(context: Context): RequirementAnswer {
  const { requirement, kind, task, input, revocations } = context;
  const { candidates, nearest } = sortStatements(requirement, kind, task, input);
  const newest = candidates.at(-1);
  const lost = findUnreadable(
    requirement.metric,
    kind,
    task.subject.digest.sha256,
    newest?.entry.index,
    input,
    revocations,
  );
  if (lost !== undefined) return blocked(lost);
  if (newest === undefined) return blocked(missReason(nearest, requirement, kind), nearest.entry?.id);
  const revoked = revocations.ofStatement(newest.entry);
  if (revoked !== undefined) return blocked(revokedReason(revoked, requirement, kind), newest.entry.id);
  if (newest.notYet) return blocked(notYetReason(newest.evidence.predicate.finishedAt, kind), newest.entry.id);
  if (newest.expired) return blocked(expiredReason(newest.expiry ?? input.now, requirement, kind), newest.entry.id);
  return weigh(newest, candidates, context);
}

function blocked(reason: Draft, evidence?: Sha256): RequirementAnswer {
  return { reasons: [{ ...reason, ...(evidence === undefined ? {} : { evidence }) }], waivers: [], superseded: [] };
}

function weigh(newest: Candidate, candidates: readonly Candidate[], context: Context): RequirementAnswer {
  const { requirement, kind, task, input, revocations } = context;
  const standing = candidates.filter((one) => !one.expired && revocations.ofStatement(one.entry) === undefined);
  const superseded: Superseded[] = [];
  const open: Candidate[] = [];
  for (const failed of standing) {
    if (failed === newest || opinionOf(failed, requirement, kind).reason?.result !== 'refused') continue;
    const by = standing.find((later) => replaces(later, failed, requirement));
    if (by === undefined) open.push(failed);
    else superseded.push({ requirement: requirement.id, kind: kind.id, evidence: failed.entry.id, by: by.entry.id });
  }
  const reasons: (Draft & { evidence: Sha256 })[] = [];
  const waivers: UsedWaiver[] = [];
  for (const candidate of [newest, ...open.reverse()]) {
    const { reason, waivable } = opinionOf(candidate, requirement, kind);
    if (reason === undefined) continue;
    const subject = task.subject.digest.sha256;
    const waiver = waivable && findWaiver(requirement, kind, subject, waivable, input, revocations);
    if (waiver !== undefined) waivers.push(waiver);
    else if (candidate === newest) reasons.push({ ...reason, evidence: candidate.entry.id });
    else reasons.push({ ...notReplaced(reason), evidence: candidate.entry.id });
  }
  return { reasons, decided: newest, waivers: distinct(waivers), superseded };
}

function replaces(later: Candidate, earlier: Candidate, requirement: Requirement): boolean {
  const [after, before] = [later.evidence.predicate, earlier.evidence.predicate];
  return (
    later.entry.index > earlier.entry.index &&
    !later.notYet &&
    after.outcome !== 'inconclusive' &&
    sameOrStronger(after.parameters, before.parameters, supersedingRules(requirement))
  );
}

function notReplaced(reason: Draft): Draft {
  return {
    ...reason,
    code: 'not-superseded',
    message: `${reason.message}; no later run had the same or stronger parameters`,
    fix: `run it with the same parameters. ${reason.fix}`,
  };
}

function opinionOf({ evidence }: Candidate, requirement: Requirement, kind: EvidenceKind): Opinion {
  const { predicate } = evidence;
  if (predicate.outcome === 'inconclusive') {
    const code = predicate.reason?.code;
    return {
      reason: inconclusiveReason(predicate, requirement, kind),
      ...(code === undefined ? {} : { waivable: { reason: code } }),
    };
  }
  const figure = requirement.metric === undefined ? undefined : judgeMetric(predicate, requirement.metric);
  // A control that fails for another cause than this very figure is refused, whatever the figure is.
  if (
    predicate.outcome === 'fail' &&
    !(figure?.result === 'refused' && predicate.reason?.code === requirement.metric?.id)
  )
    return { reason: failedReason(predicate, requirement, kind) };
  if (figure === undefined || figure.result === 'pass') return {};
  const message = `${kind.id}: ${figure.message}`;
  if (figure.result === 'not-proven') return { reason: { ...figure, message, fix: requirement.fix } };
  const waivable: Waivable = { metric: requirement.metric?.id ?? '', side: figure.side, bound: figure.bound };
  return { reason: { result: 'refused', code: 'out-of-bounds', message, fix: requirement.fix }, waivable };
}

function distinct(waivers: readonly UsedWaiver[]): readonly UsedWaiver[] {
  return [...new Map(waivers.map((waiver) => [waiver.id, waiver])).values()];
}
