// Control `gateway.events`: whether events arrive and none was dropped, whether records are kept, and whether the ledger goes on
// from what it showed before. Pure: counters, the answer of a live test event and the doubt about the log come in as values.
import { inconclusive } from '@vallum/core';
import type { ControlResult, Finding, Sha256, Task } from '@vallum/core';
import { findingOf, GATE, judged, RULES_DIGEST } from './rules.js';

const ALIVE_MS = 3_600_000;

export interface EventsFacts {
  /** Name of the gateway, and digest of its settings. */
  readonly gateway: string;
  readonly config: Sha256;
  /** Undefined where the gateway could not be asked. */
  readonly state?: EventsState;
  readonly now: Date;
}

/** What a running gateway says of itself. */
export interface EventsState {
  /** Milliseconds since the epoch when it said so. */
  readonly at: number;
  readonly hasSink: boolean;
  /** Events since the last statement of this kind, or since the start where there is none. */
  readonly emitted: number;
  readonly delivered: number;
  readonly dropped: number;
  /** Whether the sink took the test event of just now. */
  readonly selfTest: boolean;
  readonly ledgerReady: boolean;
  /** Entries of its ledger. */
  readonly records: number;
  /** What speaks against its ledger going on from the last checkpoint in the project's. */
  readonly historyDoubt?: string;
}

export function planGatewayEvents(facts: EventsFacts): Task {
  const { gateway, config } = facts;
  return {
    kind: 'gateway.events',
    version: '1',
    rules: RULES_DIGEST,
    subject: { name: gateway, digest: { sha256: config } },
    inputs: [],
    parameters: { gate: GATE },
    run: () => Promise.resolve(resultOf(facts)),
  };
}

function resultOf({ state, now }: EventsFacts): ControlResult {
  if (state === undefined) return inconclusive('not-asked', 'the gateway could not be asked: it may not run');
  const age = now.getTime() - state.at;
  const findings = findingsOf(state);
  const result = judged(findings, [
    { id: 'events-emitted', value: state.emitted, unit: 'events' },
    { id: 'events-delivered', value: state.delivered, unit: 'events' },
    { id: 'events-dropped', value: state.dropped, unit: 'events' },
    { id: 'records', value: state.records, unit: 'entries' },
  ]);
  if (result.outcome === 'fail') return result;
  const shown = { findings, metrics: result.metrics };
  if (!(age >= 0 && age <= ALIVE_MS))
    return { ...inconclusive('not-recent', 'what the gateway said of itself is not of the last hour'), ...shown };
  return result;
}

function findingsOf(state: EventsState): readonly Finding[] {
  const found: Finding[] = [];
  if (!state.hasSink) found.push(findingOf('VLM-GWE-001', 'events go nowhere: no sink is set', 'events'));
  if (state.dropped > 0)
    found.push(findingOf('VLM-GWE-002', `${state.dropped} of ${state.emitted} events were dropped`, 'events'));
  if (state.hasSink && !state.selfTest)
    found.push(findingOf('VLM-GWE-003', 'an event that was sent as a test was not taken', 'events'));
  if (!state.ledgerReady) found.push(findingOf('VLM-GWE-004', 'records cannot be kept', 'records'));
  if (state.historyDoubt !== undefined) found.push(findingOf('VLM-GWE-005', state.historyDoubt, 'records'));
  return found;
}
