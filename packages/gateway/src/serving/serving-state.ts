// Whether a route may serve, as a pure function of what was seen. It fails closed: nothing opens a route but a signed
// verdict that was seen by this gateway and, where the model can be looked at, a look that fits that verdict. Whoever can
// take the ledger away gains no more than the time that the last verdict has left and the grace; whoever can swap the
// model or the ledger's content closes the route at the next look.
import type { Gate } from './gate.js';
import { NOT_LOOKED_YET, timeText } from './gate.js';
import type { Looks, VerdictPass } from './looks.js';
import { endOf } from './looks.js';
import type { ServingAlert } from './serving-alerts.js';
import { alertsOf, isSame } from './serving-alerts.js';

export interface ServingRules {
  readonly by: 'store' | 'canary' | 'declared';
  /** `close` ends a route with its verdict, to the millisecond, whether the ledger can be read or not. */
  readonly atExpiry: 'alert' | 'close';
  /** Milliseconds between two looks. */
  readonly everyMs: number;
  /** Milliseconds. */
  readonly graceMs: number;
}

export interface ServingState {
  readonly gate: Gate;
  /** The last verdict that counted; gone as soon as anything speaks against it. */
  readonly pass?: VerdictPass;
  /** When it was seen last, and since when the ledger could not be read: milliseconds since the epoch. */
  readonly seenAt?: number;
  readonly unreachableSince?: number;
  /** When the model last fitted the verdict. */
  readonly matchedAt?: number;
  /** What stands now. */
  readonly alerts: readonly ServingAlert[];
}

export interface Stepped {
  readonly state: ServingState;
  /** Alerts that did not stand before. */
  readonly raised: readonly ServingAlert[];
}

export const FIRST_STATE: ServingState = { gate: NOT_LOOKED_YET, alerts: [] };

/** An upstream may leave canaries unanswered for so many intervals: one that is busy is not a swapped model. */
const UNANSWERED_INTERVALS = 3;
/** Silence of so many intervals closes a route whose verdict has long ended. */
const SILENT_INTERVALS = 3;
export function stepServing(before: ServingState, looks: Looks, rules: ServingRules): Stepped {
  const known = knownVerdict(before, looks);
  const matchedAt = matchTime(before, known.pass, looks);
  const reason =
    known.reason ??
    (looks.incident === undefined ? undefined : incidentReason(looks.incident)) ??
    doubtAboutModel(looks, known.pass, matchedAt, rules) ??
    doubtAboutTime(before, known.pass, looks, rules);
  const gate: Gate =
    reason === undefined && known.pass !== undefined
      ? {
          open: true,
          until: holdsUntil(known.pass, known.seenAt ?? looks.at, looks, rules),
          subject: known.pass.subject,
          statement: known.pass.statement,
        }
      : { open: false, reason: reason ?? NOT_SEEN };
  const alerts = alertsOf(gate, known, looks);
  const state: ServingState = {
    gate,
    alerts,
    ...(known.pass === undefined ? {} : { pass: known.pass }),
    ...(known.seenAt === undefined ? {} : { seenAt: known.seenAt }),
    ...(known.unreachableSince === undefined ? {} : { unreachableSince: known.unreachableSince }),
    ...(matchedAt === undefined ? {} : { matchedAt }),
  };
  return { state, raised: alerts.filter((alert) => !before.alerts.some((one) => isSame(one, alert))) };
}

function incidentReason(incident: string): string {
  return `an incident is open: ${incident}`;
}

const NOT_SEEN = 'no deploy verdict was seen';

interface Known {
  readonly pass?: VerdictPass;
  readonly seenAt?: number;
  readonly unreachableSince?: number;
  /** Why nothing may be served, whatever the model is. */
  readonly reason?: string;
}

function knownVerdict(before: ServingState, { at, verdict }: Looks): Known {
  switch (verdict.kind) {
    case 'pass':
      return { pass: verdict, seenAt: at };
    case 'unreachable': {
      const since = { unreachableSince: before.unreachableSince ?? at };
      const { pass, seenAt } = before;
      if (pass === undefined || seenAt === undefined)
        return { ...since, reason: `${NOT_SEEN}, and the ledger cannot be read: ${verdict.reason}` };
      return { ...since, pass, seenAt };
    }
    case 'refused':
      return { reason: `a later verdict refuses the version: ${verdict.reason}` };
    case 'revoked':
      return { reason: `revoked: ${verdict.reason}` };
    case 'not-proven':
      return { reason: `not proven: ${verdict.reason}` };
  }
}

/** A match speaks about one digest: with another verdict it counts for nothing. */
function matchTime(before: ServingState, pass: VerdictPass | undefined, { at, integrity }: Looks): number | undefined {
  if (pass === undefined || integrity.kind === 'mismatch' || integrity.kind === 'unreadable') return undefined;
  if (integrity.kind === 'match') return integrity.subject === pass.subject ? at : undefined;
  return before.pass?.subject === pass.subject ? before.matchedAt : undefined;
}

function doubtAboutModel(
  { at, integrity }: Looks,
  pass: VerdictPass | undefined,
  matchedAt: number | undefined,
  { by, everyMs }: ServingRules,
): string | undefined {
  if (by === 'declared') return integrity.kind === 'mismatch' ? integrity.reason : undefined;
  switch (integrity.kind) {
    case 'match':
      return matchedAt === undefined
        ? `the model is ${integrity.subject.slice(0, 12)}, the verdict is about ${pass?.subject.slice(0, 12) ?? 'none'}`
        : undefined;
    case 'mismatch':
    case 'unreadable':
      return integrity.reason;
    case 'unanswered':
      return by === 'canary' &&
        matchedAt !== undefined &&
        at >= matchedAt &&
        at - matchedAt <= UNANSWERED_INTERVALS * everyMs
        ? undefined
        : `the model did not answer: ${integrity.reason}`;
    case 'not-asked':
      return 'the model was not looked at';
  }
}

function doubtAboutTime(
  before: ServingState,
  pass: VerdictPass | undefined,
  { at, verdict }: Looks,
  { atExpiry, graceMs }: ServingRules,
): string | undefined {
  if (pass === undefined) return NOT_SEEN;
  const end = endOf(pass);
  if (end !== undefined && atExpiry === 'close' && !(at < end))
    return `the verdict ended at ${timeText(end)}, and the route closes with it`;
  if (verdict.kind === 'unreachable') {
    const from = end ?? before.seenAt ?? at;
    return at < from + graceMs
      ? undefined
      : `the ledger cannot be read (${verdict.reason}), and the last verdict and its grace have ended`;
  }
  // What serves already goes on past the end; what does not serve is a new deployment, and those need a verdict that holds.
  if (end === undefined || before.gate.open || at < end + graceMs) return undefined;
  return `the verdict ended at ${timeText(end)}`;
}

/** How long the answer stands without another look. */
function holdsUntil(pass: VerdictPass, seenAt: number, { at, verdict }: Looks, rules: ServingRules): number {
  const end = endOf(pass);
  if (end !== undefined && rules.atExpiry === 'close') return end;
  const grace = (end ?? seenAt) + rules.graceMs;
  return verdict.kind === 'unreachable' ? grace : Math.max(grace, at + SILENT_INTERVALS * rules.everyMs);
}
