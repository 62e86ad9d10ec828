// The sentences of a verdict: what is wrong and what to do about it.
import type { EvidenceKind, EvidencePredicate, Finding } from '@vallum/core';
import { SEVERITIES } from '@vallum/core';
import type { Requirement } from '../requirement.js';
import type { VerdictReason } from '../verdict.js';
import type { Miss } from './candidates.js';
import type { Revoked } from './revocations.js';

export type Draft = Pick<VerdictReason, 'result' | 'code' | 'message' | 'fix'>;

/** What a person can do about evidence that is not there: a control can run again, an act needs a person. */
function obtain(requirement: Requirement, kind: EvidenceKind): string {
  return kind.role === `produce:${kind.id}` ? `run \`vallum check\` to produce ${kind.id}` : requirement.fix;
}

export function missReason({ code, detail }: Miss, requirement: Requirement, kind: EvidenceKind): Draft {
  return { result: 'not-proven', code, message: detail, fix: missFix(code, requirement, kind) };
}

function missFix(code: Miss['code'], requirement: Requirement, kind: EvidenceKind): string {
  switch (code) {
    case 'untrusted':
      return `have it made with a key that trust.json enrols with the role ${kind.role}`;
    case 'self-approved':
      return 'have it done by another enrolled principal than the author';
    case 'missing':
    case 'stale-subject':
    case 'malformed':
    case 'stale-inputs':
    case 'stale-control':
    case 'stale-rules':
    case 'weaker-parameters':
      return obtain(requirement, kind);
  }
}

export function expiredReason(expiry: Date, requirement: Requirement, kind: EvidenceKind): Draft {
  const message = `${kind.id} expired on ${expiry.toISOString()}`;
  return { result: 'not-proven', code: 'expired', message, fix: obtain(requirement, kind) };
}

export function notYetReason(finishedAt: string, kind: EvidenceKind): Draft {
  const message = `${kind.id} is dated ${finishedAt}, after the clock of this machine`;
  return { result: 'not-proven', code: 'not-yet', message, fix: 'set the clock of this machine right' };
}

export function revokedReason(revoked: Revoked, requirement: Requirement, kind: EvidenceKind): Draft {
  const message = `${kind.id}: ${revoked.what} was revoked (${revoked.reason})`;
  const fix = revoked.rerunHelps
    ? obtain(requirement, kind)
    : 'replace what was revoked (rules, tool, key or subject), then run `vallum check`';
  return { result: 'not-proven', code: 'revoked', message, fix };
}

export function inconclusiveReason(predicate: EvidencePredicate, requirement: Requirement, kind: EvidenceKind): Draft {
  const { code, message } = predicate.reason ?? { code: 'inconclusive', message: 'it gave no reason' };
  const waiver = kind.waivable.includes(code) ? `, or ask for a waiver: \`vallum waive ${requirement.id}\`` : '';
  return {
    result: 'not-proven',
    code,
    message: `${kind.id} is inconclusive: ${message}`,
    fix: `${requirement.fix}${waiver}`,
  };
}

export function failedReason(predicate: EvidencePredicate, requirement: Requirement, kind: EvidenceKind): Draft {
  const worst = [...predicate.findings].sort(
    (a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity),
  )[0];
  const why = predicate.reason?.message ?? (worst === undefined ? 'it names no finding' : describe(worst));
  const code = predicate.reason?.code ?? 'failed';
  return { result: 'refused', code, message: `${kind.id} failed: ${why}`, fix: worst?.fix ?? requirement.fix };
}

function describe({ message, location }: Finding): string {
  const place = [location.file, location.entry, location.feed, location.row]
    .filter((part) => part !== undefined)
    .join(' ');
  return place === '' || message.includes(place) ? message : `${message} (${place})`;
}
