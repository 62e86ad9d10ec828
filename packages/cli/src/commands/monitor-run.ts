// `vallum monitor run`: judges what arrived, and says so as signed evidence about the version; once, or for as long as it is let.
import { setTimeout as wait } from 'node:timers/promises';
import type { ControlReport } from '@vallum/check';
import { runPlan } from '@vallum/check';
import type { ControlResult, Task } from '@vallum/core';
import { inconclusive, VallumError, writeDurably } from '@vallum/core';
import { lockLedger } from '@vallum/ledger';
import type { Alert, MonitorState } from '@vallum/monitor';
import { newState, stateBytes, Watch } from '@vallum/monitor';
import type { Answer, Io } from '../answer.js';
import type { ExitCode } from '../exit.js';
import { EXIT } from '../exit.js';
import { alertLine, alertJson, monitorText } from '../output/monitor-text.js';
import { onState } from '../project/log.js';
import { saveEvidence } from '../project/save-evidence.js';
import { planMonitor } from '../plan/monitor.js';
import type { MonitorActs, Pin } from '../project/monitor-acts.js';
import type { MonitorPlace } from '../project/monitor-place.js';
import { faultOf, monitorPlace, openReference, readMonitorState, watchSettings } from '../project/monitor-place.js';
import type { Session } from '../project/session.js';
import { keyWithRole, openSession } from '../project/session.js';
import { versionOf } from '../project/target.js';
import { untilStopped } from '../project/until-stopped.js';
import { TOOL } from '../version.js';
import { dropAnswers, judgeLabels } from './monitor-answers.js';
import { carryAlerts } from './monitor-carried.js';
import { modelSubject, withActs, withLedger } from './monitor-desk.js';
import type { Seen } from './monitor-files.js';
import { lookOnce } from './monitor-look.js';

export interface MonitorRunOptions {
  readonly follow?: boolean;
  /** Seconds between two looks. */
  readonly interval: string;
}

const CONTROL_MS = 60_000;
/** Evidence lasts a day; in a quiet time it is said anew long before. */
const SAY_AGAIN = 6 * 3_600_000;

interface Turn {
  readonly state: MonitorState | undefined;
  readonly opened: readonly Alert[];
  readonly windows: number;
  readonly waiting: number;
  readonly unread: readonly string[];
  readonly reports: readonly ControlReport[];
}

export async function monitorRunCommand(io: Io, target: string, options: MonitorRunOptions): Promise<Answer> {
  const interval = intervalOf(options.interval);
  return untilStopped(async (signal) => {
    let last: Turn | undefined;
    const total = { windows: 0, opened: new Map<string, Alert>() };
    const memory: Memory = { seen: new Map(), said: 0 };
    for (;;) {
      try {
        last = await turn(io, target, memory, signal);
      } catch (error) {
        if (options.follow !== true || !signal.aborted || last === undefined) throw error;
        break;
      }
      total.windows += last.windows;
      for (const alert of last.opened) {
        total.opened.set(alert.id, alert);
        if (options.follow === true) io.notice(alertLine(alert));
      }
      if (options.follow !== true || signal.aborted) break;
      await wait(interval, undefined, { signal }).catch(() => undefined);
      if (stopped(signal)) break;
    }
    return answerOf(io, { ...last, windows: total.windows, opened: [...total.opened.values()] }, target);
  });
}

/** In a function, because what was false a line before may be true by now. */
function stopped(signal: AbortSignal): boolean {
  return signal.aborted;
}

function intervalOf(text: string): number {
  const seconds = /^\d{1,6}$/.test(text) ? Number(text) : NaN;
  if (seconds >= 1 && seconds <= 86_400) return 1000 * seconds;
  throw new VallumError(
    'MONITOR_INTERVAL',
    `--interval ${JSON.stringify(text)} is no number of seconds from 1 to 86400`,
    {
      fix: 'write --interval 60',
    },
  );
}

interface Memory {
  readonly seen: Seen;
  /** When evidence was written last, in milliseconds. */
  said: number;
  reports?: readonly ControlReport[];
  /** Files that the last evidence called unread. */
  unread?: string;
}

async function turn(io: Io, target: string, memory: Memory, signal: AbortSignal): Promise<Turn> {
  const session = await openSession(io);
  const place = await monitorPlace(session, versionOf(session, target));
  const release = await lockMonitor(session, place);
  try {
    const { acts, statements } = await withLedger(session, place, (desk) => Promise.resolve(desk));
    const { current } = acts;
    const fault = await faultOf(session, acts);
    const kept = await readMonitorState(place);
    const remembered = carryAlerts(place, statements, acts, kept);
    const judged =
      current === undefined || fault !== undefined
        ? { state: remembered, opened: [], windows: 0, waiting: 0, unread: [] }
        : await judge(io, { place, acts, current, remembered, seen: memory.seen, signal });
    const isNew = judged.windows > 0 || judged.opened.length > 0 || changed(kept, judged.state);
    const unread = judged.unread.join();
    const now = session.clock().getTime();
    if (memory.reports === undefined || isNew || memory.unread !== unread || now - memory.said >= SAY_AGAIN) {
      memory.reports = await say(io, place, acts, fault, judged);
      memory.unread = unread;
      memory.said = now;
    }
    return { ...judged, reports: memory.reports };
  } finally {
    await release();
  }
}

function changed(before: MonitorState | undefined, after: MonitorState | undefined): boolean {
  const open = (state: MonitorState | undefined): number =>
    state?.alerts.filter(({ closed }) => closed === undefined).length ?? 0;
  return before?.reference !== after?.reference || open(before) !== open(after);
}

/** Two at once would judge rows twice. @throws VallumError `MONITOR_BUSY` (not proven) */
async function lockMonitor({ disk }: Session, { folder, monitor }: MonitorPlace): Promise<() => Promise<void>> {
  try {
    return await onState(() => lockLedger(disk, folder));
  } catch (error) {
    if (!(error instanceof VallumError) || error.code !== 'LEDGER_HELD') throw error;
    const by = error.message.replace(/^the ledger is held by /, '');
    throw new VallumError(
      'MONITOR_BUSY',
      `${monitor} is monitored by ${by} already`,
      { fix: 'stop the other run, or leave it to it' },
      'unproven',
    );
  }
}

interface JudgeParts {
  readonly place: MonitorPlace;
  readonly acts: MonitorActs;
  readonly current: Pin;
  readonly remembered: MonitorState | undefined;
  readonly seen: Seen;
  readonly signal: AbortSignal;
}

async function judge(io: Io, parts: JudgeParts): Promise<Omit<Turn, 'reports'>> {
  const { place, acts, current, remembered, seen, signal } = parts;
  const { session } = place;
  const { first } = acts;
  const reference = await openReference(session, current);
  const old =
    first === undefined || first.reference === current.reference ? undefined : await openReference(session, first);
  const watch = new Watch(reference.sample, old?.sample, watchSettings(place, signal));
  const before = withActs(stateFor(place.monitor, current, remembered), acts);
  const say = (message: string): void => io.progress.say(message);
  const looked = await lookOnce({ place, watch, reference, seen, signal, progress: say }, before);
  const labelled = await judgeLabels(place, watch, looked.state);
  if (labelled.state !== looked.state) {
    await onState(() => writeDurably(session.disk, place.state, stateBytes(labelled.state), 0o600));
    await dropAnswers(place, looked.state, labelled.state);
  }
  return { ...looked, state: labelled.state, opened: [...looked.opened, ...labelled.opened] };
}

/** A new pin begins anew: what was summed up against the old reference says nothing about the new one. */
function stateFor(monitor: string, { reference, act }: Pin, remembered: MonitorState | undefined): MonitorState {
  const fresh = newState(monitor, reference, new Date(act.createdAt));
  if (remembered === undefined || remembered.reference === reference) return remembered ?? fresh;
  const { files, alerts, number, rows, recent, unlabelled } = remembered;
  return { ...fresh, files, alerts, number, rows, recent, unlabelled };
}

/** Signs what the monitor can say now. */
async function say(
  io: Io,
  place: MonitorPlace,
  acts: MonitorActs,
  fault: string | undefined,
  { state, unread }: Pick<Turn, 'state' | 'unread'>,
): Promise<readonly ControlReport[]> {
  const { session } = place;
  const subject = await modelSubject(place);
  const plan = planMonitor(session, subject, acts, {
    ...(fault === undefined ? {} : { fault }),
    ...(state === undefined ? {} : { state }),
  }).map((task) => (task.kind === 'monitor.drift' ? withUnread(task, unread) : task));
  return withLedger(session, place, ({ ledger }) =>
    runPlan(plan, {
      tool: TOOL,
      clock: session.clock,
      kinds: session.kinds,
      timeoutMs: CONTROL_MS,
      progress: (message) => io.progress.say(message),
      reuse: () => ({ kind: 'none' }),
      keyFor: (kind) => keyWithRole(session, session.kinds.get(kind)?.role ?? `produce:${kind}`),
      save: (envelope, blob) => saveEvidence(session, ledger, envelope, blob),
    }),
  );
}

/** Rows that nobody looked at are no pass. */
function withUnread(task: Task, unread: readonly string[]): Task {
  const names = unread.slice(0, 5).join(', ');
  const more = unread.length > 5 ? ` and ${unread.length - 5} more` : '';
  const why = `rows of ${names}${more} could not be read, so they were not judged`;
  const doubted = (result: ControlResult): ControlResult => {
    const { findings, metrics, coverage } = result;
    const told = { ...coverage, notExamined: [...coverage.notExamined, { what: 'rows that arrived', why }] };
    const doubt = result.outcome === 'pass' ? inconclusive('unread-file', why) : result;
    return { ...doubt, findings, metrics, coverage: told };
  };
  return unread.length === 0 ? task : { ...task, run: async (...given) => doubted(await task.run(...given)) };
}

function answerOf(io: Io, turn: Turn, target: string): Answer {
  const { state, opened, windows, waiting, reports } = turn;
  return {
    exit: exitOf(reports),
    text: monitorText({ target: state?.monitor ?? target, reports, state, opened, windows, waiting }, io.style),
    json: {
      schema: 'vallum/monitor-run/v1',
      monitor: state?.monitor ?? target,
      windows,
      waiting,
      controls: reports,
      opened: opened.map(alertJson),
      open: (state?.alerts ?? []).filter(({ closed }) => closed === undefined).map(alertJson),
    },
  };
}

/** Fail beats inconclusive. */
function exitOf(reports: readonly ControlReport[]): ExitCode {
  if (reports.some(({ outcome }) => outcome === 'fail')) return EXIT.refused;
  return reports.every(({ outcome }) => outcome === 'pass') ? EXIT.pass : EXIT.notProven;
}
