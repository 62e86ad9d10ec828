// What the primary saw, as alerts.
import type { Signal } from '../../detectors/facts.js';
import type { Change } from '../../detectors/scorer.js';
import type { GatewayAlert } from '../../records/events/alert.js';
import type { AlertKind } from '../../records/events/signals.js';
import type { ServingAlert } from '../../serving/serving-alerts.js';

/** What a technique of ATLAS is called among the alerts. */
const SUSPICIONS: Readonly<Record<string, AlertKind>> = {
  'AML.T0024.002': 'extraction-suspected',
  'AML.T0024.000': 'membership-suspected',
  'AML.T0024.001': 'inversion-suspected',
  'AML.T0029': 'flood-suspected',
  'AML.T0034': 'cost-suspected',
};

export function alertOfServing(route: string, { code, message }: ServingAlert): GatewayAlert {
  return { kind: code, at: Date.now(), why: message, route };
}

/** One for what each detector saw, one for the step. */
export function alertsOfChange(change: Change): readonly GatewayAlert[] {
  const { at, principal, route, from, to, held, signals } = change;
  const alerts: GatewayAlert[] = signals.map((signal) => suspicion(signal, { at, principal, route }));
  if (held === 'blocks-per-hour')
    alerts.push({
      kind: 'blocks-capped',
      at,
      principal,
      route,
      why: `${principal} would be blocked, and the hour is full`,
    });
  if (from !== to)
    alerts.push({
      kind: to === 'block' ? 'principal-blocked' : 'step-changed',
      at,
      principal,
      route,
      step: { from, to },
      why: `${principal} went from ${from} to ${to} on ${route}`,
    });
  return alerts;
}

function suspicion(
  { detector, score, threshold, window, technique, decisions }: Signal,
  whom: { readonly at: number; readonly principal: string; readonly route: string },
): GatewayAlert {
  return {
    ...whom,
    kind: SUSPICIONS[technique] ?? 'evasion-suspected',
    why: `${detector} saw ${score.toPrecision(4)} against ${threshold} in ${window} queries`,
    seen: { detector, score, threshold, queries: window },
    decisions,
  };
}
