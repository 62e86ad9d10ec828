// What the monitor remembers is a working copy that anybody on its machine can remove or put back from a copy. The newest evidence
// that it signed lists the alerts that were open then: those that the working copy knows nothing of are carried on as open.
import type { Finding, Sha256 } from '@vallum/core';
import { digestJson, evidenceType, parseTime } from '@vallum/core';
import type { Alert, MonitorState } from '@vallum/monitor';
import { isWatchRule, newState } from '@vallum/monitor';
import type { LedgerStatement } from '@vallum/policy';
import { readEvidence } from '@vallum/policy';
import { maskedText } from '@vallum/data';
import type { MonitorActs } from '../project/monitor-acts.js';
import type { MonitorPlace } from '../project/monitor-place.js';
import { trustOf } from '../project/session.js';

const KIND = 'monitor.drift';
/** The end of the message of a finding, which is the monitor's own; what comes before it is a sender's in part. */
const TOLD = /^(.*) \(alert ([0-9a-f]{12}), first in window (\d{1,15}), seen (\d{1,15}) times\)$/s;

/** @returns the state with alerts that only the ledger knows; undefined where there is nothing to remember */
export function carryAlerts(
  place: MonitorPlace,
  statements: readonly LedgerStatement[],
  { settled }: MonitorActs,
  remembered: MonitorState | undefined,
): MonitorState | undefined {
  const said = newestEvidence(place, statements);
  if (said === undefined) return remembered;
  const ids = [...settled];
  const known = remembered?.alerts ?? [];
  const carried = said.findings
    .flatMap((finding) => alertOf(place.monitor, finding, said) ?? [])
    .filter(
      ({ old, alert }) =>
        !ids.some((id) => id.startsWith(old)) && !known.some(({ id, key }) => id.startsWith(old) || key === alert.key),
    )
    .map(({ alert }) => alert);
  if (carried.length === 0) return remembered;
  const state = remembered ?? newState(place.monitor, said.reference, place.session.clock());
  return { ...state, alerts: [...state.alerts, ...carried] };
}

interface Said {
  readonly findings: readonly Finding[];
  readonly reference: Sha256;
  readonly at: string;
}

function newestEvidence({ session, monitor }: MonitorPlace, statements: readonly LedgerStatement[]): Said | undefined {
  const trust = trustOf(session);
  for (const { keyid, statement } of [...statements].sort((a, b) => b.index - a.index)) {
    if (statement.predicateType !== evidenceType(KIND)) continue;
    if (!statement.subject.some(({ name }) => name === monitor)) continue;
    const evidence = readEvidence(statement.predicate)?.predicate;
    if (evidence === undefined) continue;
    const { findings, inputs, finishedAt: at } = evidence;
    if (trust.may(keyid, `produce:${KIND}`, parseTime(at)) === undefined) continue;
    const input = inputs.find(({ name }) => name === 'reference');
    const reference = input !== undefined && 'digest' in input ? input.digest.sha256 : undefined;
    // Without a pin nothing was open that a pin could be asked about.
    if (reference === undefined) continue;
    return { findings, reference, at };
  }
  return undefined;
}

function alertOf(
  monitor: string,
  { rule, message, location }: Finding,
  { reference, at }: Said,
): { readonly old: string; readonly alert: Alert } | undefined {
  const told = TOLD.exec(message);
  if (told === null || !isWatchRule(rule)) return undefined;
  const [, why = '', old = '', first, seen] = told;
  const window = Number(first);
  const key = JSON.stringify(['carried', old]);
  const alert: Alert = {
    id: digestJson({ monitor, reference, key, window }),
    key,
    rule,
    reference,
    columns: location.entry === undefined ? [] : [location.entry],
    groups: [],
    why: maskedText(why),
    openedAt: at,
    window,
    lastWindow: window,
    count: Number(seen),
  };
  return { old, alert };
}
