// What operators are told about a route: an end that comes near, a ledger or model that does not answer, a closed door.
import type { Gate } from './gate.js';
import { timeText } from './gate.js';
import type { Looks, VerdictPass } from './looks.js';
import { endOf } from './looks.js';

export const SERVING_ALERTS = [
  'verdict-ends-soon',
  'verdict-ended',
  'ledger-unreachable',
  'model-unanswered',
  'route-closed',
] as const;
export type ServingAlertCode = (typeof SERVING_ALERTS)[number];

export interface ServingAlert {
  readonly code: ServingAlertCode;
  /** A sentence for operators. */
  readonly message: string;
}

/** Of the time that a verdict is good for; and never more than a week before its end. */
const SOON_SHARE = 0.1;
const SOON_MS = 7 * 86_400_000;

/** Another reason for a closed route is news; the wording of the rest is not. */
export function isSame(one: ServingAlert, other: ServingAlert): boolean {
  return one.code === other.code && (one.code !== 'route-closed' || one.message === other.message);
}

/** What stands at a look. `unreachableSince` in milliseconds since the epoch. */
export function alertsOf(
  gate: Gate,
  { pass, unreachableSince }: { readonly pass?: VerdictPass; readonly unreachableSince?: number },
  { at, verdict, integrity }: Looks,
): ServingAlert[] {
  const alerts: ServingAlert[] = [];
  const add = (code: ServingAlertCode, message: string): void => void alerts.push({ code, message });
  const end = pass === undefined ? undefined : endOf(pass);
  if (pass !== undefined && end !== undefined) {
    const soon = Math.min(SOON_MS, SOON_SHARE * (end - Date.parse(pass.decidedAt)));
    if (at >= end) add('verdict-ended', `the verdict ended at ${timeText(end)}: decide again`);
    else if (at >= end - soon) add('verdict-ends-soon', `the verdict ends at ${timeText(end)}: decide again`);
  }
  if (verdict.kind === 'unreachable' && unreachableSince !== undefined)
    add('ledger-unreachable', `since ${timeText(unreachableSince)} the ledger cannot be read: ${verdict.reason}`);
  if (integrity.kind === 'unanswered')
    add('model-unanswered', `the model does not answer the canary: ${integrity.reason}`);
  if (!gate.open) add('route-closed', gate.reason);
  return alerts;
}
