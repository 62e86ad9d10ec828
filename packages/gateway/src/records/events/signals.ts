// Which decisions and happenings become events, and what they are in OCSF and ATLAS: data, in signals.json.
import type { Severity } from '@vallum/core';
import type { RefusalCode } from '../../door/refusal.js';
import signals from './signals.json' with { type: 'json' };

export type AlertKind = keyof typeof signals.alerts;

interface Signal {
  readonly severity: Severity;
  readonly title: string;
  /** Technique ids. */
  readonly atlas: readonly string[];
}
export interface DecisionSignal extends Signal {
  readonly event: string;
  /** OCSF class_uid: 3002 Authentication, 6003 API Activity. */
  readonly class: number;
}
export interface AlertSignal extends Signal {
  /** The kind of alert that this one settles. */
  readonly ends?: string;
}

export const OCSF_VERSION = signals.ocsf;
export const ATLAS_VERSION = signals.atlas;
export const ALERT_KINDS = Object.keys(signals.alerts) as readonly AlertKind[];

/** Undefined for refusals that are nobody's concern but the caller's. */
export function signalOfDecision(code: RefusalCode): DecisionSignal | undefined {
  const { decisions } = signals;
  return Object.hasOwn(decisions, code) ? (decisions[code as keyof typeof decisions] as DecisionSignal) : undefined;
}

export function signalOfAlert(kind: AlertKind): AlertSignal {
  return signals.alerts[kind] as AlertSignal;
}

/** Whether another kind of alert says that this one is over. */
export function isSettled(kind: AlertKind): boolean {
  return ALERT_KINDS.some((other) => signalOfAlert(other).ends === kind);
}
