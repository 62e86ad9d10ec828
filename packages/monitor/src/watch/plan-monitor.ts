// Controls `monitor.drift` and `monitor.performance`: what the running monitor can say about a version now. Pure: what it remembers,
// the pins of the ledger and the time come in as values. No data, no pin and no life are no answer, never a pass.
import type { ControlResult, Finding, Input, JsonObject, Metric, Sha256, Subject, Task } from '@vallum/core';
import { inconclusive } from '@vallum/core';
import type { Alert } from './alerts.js';
import { openAlerts } from './alerts.js';
import { ruleFacts, WATCH_RULES_DIGEST } from './rules.js';
import type { MonitorState } from './state.js';

/** Of a critical alert the control fails; those below are shown. */
const GATE = 'critical';
const ALIVE = 24 * 3_600_000;
/** Windows for which labels are waited for: the answers of older ones are not kept. */
const LABELS_WAIT = 50;
const TOO_FAST = {
  what: 'the time between false alarms',
  why: 'windows come too fast for the budget, so false alarms are more frequent than declared: make the window larger',
};

export interface MonitorFacts {
  /** The model version that is monitored. */
  readonly subject: Subject;
  /** Digest of the reference that is pinned now, and of the first that ever was; undefined where nobody pinned one. */
  readonly reference?: Sha256;
  readonly first?: Sha256;
  /** Why the files of the pins do not count: gone, or other bytes. */
  readonly fault?: string;
  /** What vallum.yaml declares of the monitor. */
  readonly declared: JsonObject;
  /** Undefined before the first run. */
  readonly state?: MonitorState;
  readonly now: Date;
}

export function planDriftMonitor(facts: MonitorFacts): Task {
  return taskOf('monitor.drift', facts, () => {
    const doubt = doubtOf(facts) ?? notAlive(facts);
    const { state } = facts;
    if (state === undefined) return doubt ?? nothing();
    const alerts = openAlerts(state.alerts, 'drift');
    const drifted = state.recent.filter(({ outcome }) => outcome === 'drift').length;
    return resultOf(facts, alerts, doubt, [
      { id: 'windows-judged', value: state.judged, unit: 'windows' },
      { id: 'recent-windows-with-drift', value: drifted, unit: 'windows', n: state.recent.length },
      { id: 'rows-judged', value: state.rows, unit: 'rows' },
      ...counted(alerts),
    ]);
  });
}

export function planPerformanceMonitor(facts: MonitorFacts): Task {
  return taskOf('monitor.performance', facts, () => {
    const { state } = facts;
    const doubt = doubtOf(facts) ?? notAlive(facts);
    if (state === undefined) return doubt ?? nothing();
    const alerts = openAlerts(state.alerts, 'performance');
    return resultOf(facts, alerts, doubt ?? unknownNow(state, facts.declared), [
      ...state.performance.map(metricOf),
      ...counted(alerts),
    ]);
  });
}

/** A figure ages: an estimate is of the last window or says nothing of now, a measured one may be as old as labels are waited for. */
function unknownNow(
  { performance, noPerformance, number, judged, unlabelled }: MonitorState,
  declared: JsonObject,
): ControlResult | undefined {
  const isFresh = (method: 'cbpe' | 'realised', age: number): boolean =>
    performance.some((figure) => figure.method === method && number - figure.window <= age);
  const measured = isFresh('realised', LABELS_WAIT);
  const known = declared['probabilities'] === undefined ? measured : isFresh('cbpe', 0);
  if (!known)
    return inconclusive(
      'no-performance',
      `there is no figure of performance now: ${noPerformance ?? 'the newest windows have no answers, or no labels'}`,
    );
  if (unlabelled.length > 0 && judged > LABELS_WAIT && !measured)
    return inconclusive('no-labels', `labels are waited for, and none could be judged in ${LABELS_WAIT} windows`);
  return undefined;
}

function taskOf(kind: string, facts: MonitorFacts, run: () => ControlResult): Task {
  return {
    kind,
    version: '1',
    rules: WATCH_RULES_DIGEST,
    subject: facts.subject,
    inputs: [inputOf('reference', facts.reference), inputOf('first-reference', facts.first)],
    parameters: { gate: GATE, ...facts.declared },
    run: () => Promise.resolve(run()),
  };
}

function inputOf(name: string, digest: Sha256 | undefined): Input {
  return digest === undefined ? { name, absent: true } : { name, digest: { sha256: digest } };
}

function doubtOf({ reference, fault, state, subject }: MonitorFacts): ControlResult | undefined {
  if (reference === undefined)
    return inconclusive('no-pin', `nobody pinned a reference for ${subject.name}, so there is nothing to compare with`);
  if (fault !== undefined) return inconclusive('reference-changed', fault);
  if (state === undefined) return nothing();
  if (state.reference !== reference)
    return inconclusive('not-run-since-pin', 'the monitor has not run since the reference was pinned');
  return undefined;
}

function notAlive({ state, now }: MonitorFacts): ControlResult | undefined {
  const last = state?.recent.at(-1);
  if (state === undefined || last === undefined || state.judged === 0)
    return inconclusive('no-window', 'no window was full yet, so nothing was judged');
  const age = now.getTime() - Date.parse(last.at);
  if (!(age >= 0))
    return inconclusive(
      'window-after-now',
      `the last window is dated ${last.at}, which is after now: a clock was wrong`,
    );
  if (age > ALIVE)
    return inconclusive('no-recent-window', `the last window was judged at ${last.at}, more than 24 hours ago`);
  if (last.outcome === 'not-enough-data')
    return inconclusive('not-enough-data', 'the rows of the last window are too few to tell a change from chance');
  return undefined;
}

const nothing = (): ControlResult => inconclusive('not-run', 'the monitor has not run yet');

/** An open critical alert fails, whatever else is doubtful: that nothing arrives any more does not settle it. */
function resultOf(
  { state }: MonitorFacts,
  alerts: readonly Alert[],
  doubt: ControlResult | undefined,
  metrics: readonly Metric[],
): ControlResult {
  const findings = alerts.map(findingOf);
  const coverage = {
    examined: { rows: state?.rows ?? 0, files: state?.files.length ?? 0 },
    notExamined: [
      ...(doubt === undefined ? [] : [{ what: 'what happens now', why: doubt.reason?.message ?? 'unknown' }]),
      ...(state?.recent.at(-1)?.unreached === true ? [TOO_FAST] : []),
    ],
  };
  if (findings.some(({ severity }) => severity === GATE)) return { outcome: 'fail', findings, metrics, coverage };
  if (doubt !== undefined) return { ...doubt, findings, metrics, coverage };
  return { outcome: 'pass', findings, metrics, coverage };
}

function findingOf({ id, rule, why, columns, count, window }: Alert): Finding {
  const { severity, fix } = ruleFacts(rule);
  return {
    rule,
    severity,
    message: `${why} (alert ${id.slice(0, 12)}, first in window ${window}, seen ${count} times)`,
    location: columns[0] === undefined ? {} : { entry: columns[0].slice(0, 200) },
    atlas: ['AML.T0020', 'AML.T0015'],
    cve: [],
    cwe: [],
    fix,
  };
}

function counted(alerts: readonly Alert[]): readonly Metric[] {
  const critical = alerts.filter(({ rule }) => ruleFacts(rule).severity === GATE).length;
  return [
    { id: 'open-alerts', value: alerts.length, unit: 'alerts' },
    { id: 'open-critical-alerts', value: critical, unit: 'alerts' },
  ];
}

function metricOf({ metric, method, value, low, high, n }: MonitorState['performance'][number]): Metric {
  const interval = {
    low,
    high,
    level: 0.95,
    method: method === 'cbpe' ? 'cbpe-resampling' : 'closed-form-or-bootstrap',
  };
  return { id: `${method}.${metric}`, value, unit: metric === 'brier' ? 'score' : 'share', n, interval };
}
