// A monitor at work: takes one window of rows after the other and gives back what it then remembers. It touches no disk and no
// clock; the same state and the same rows give the same answer, so that a window that was cut off by a kill is judged again alike.
import { pause } from '@vallum/core';
import type { Sample } from '../drift/sample.js';
import type { Labelled, Scored } from '../performance/scored.js';
import type { Alert } from './alerts.js';
import { isOpen, raise } from './alerts.js';
import { judgeWindow } from './judge-window.js';
import type { Level } from './level.js';
import { levelOf, PERFORMANCE } from './level.js';
import type { Signal } from './signal.js';
import type { MonitorState, PerformanceFigure } from './state.js';
import { Streams } from './streams.js';
import type { AnswerColumns, LearntReference, PerformanceSettings, WatchedPerformance } from './watch-performance.js';
import { estimateWindow, labelledIn, learnReference, measureWindow, scoredIn } from './watch-performance.js';

export interface WatchSettings {
  readonly windowRows: number;
  /** Milliseconds that are expected between two false alarms of the whole monitor. */
  readonly falseAlarm: number;
  readonly floor: { readonly shift: number; readonly moved: number; readonly performance: number };
  /** Columns that say who sent a row: caller, source. */
  readonly by: readonly string[];
  /** Column of times, which says how fast windows come and is not judged. */
  readonly time?: string;
  /** Column of ids, which is not judged. */
  readonly id?: string;
  /** Undefined where the rows hold no answers of the model. */
  readonly answers?: AnswerColumns;
  readonly signal?: AbortSignal;
}

export interface Watched {
  readonly state: MonitorState;
  readonly opened: readonly Alert[];
  /** Answers of the window, for when its labels arrive; undefined where it has none. */
  readonly scored?: Scored;
}

export class Watch {
  readonly #settings: WatchSettings;
  readonly #reference: Sample;
  readonly #first: Sample | undefined;
  readonly #labelled: Labelled | undefined;
  readonly #streams: Streams;
  #learnt: LearntReference | undefined;

  /** @param first rows of the first reference ever, where that is another one */
  constructor(reference: Sample, first: Sample | undefined, settings: WatchSettings) {
    const { answers, windowRows, floor, by } = settings;
    this.#settings = settings;
    this.#labelled = answers === undefined ? undefined : labelledIn(reference, answers);
    this.#reference = judgedColumns(reference, settings);
    this.#first = first === undefined ? undefined : judgedColumns(first, settings);
    this.#streams = new Streams(this.#reference, { windowRows, floorShift: floor.shift, by });
  }

  level(state: MonitorState, now: Date): Level {
    const { falseAlarm } = this.#settings;
    const elapsed = now.getTime() - Date.parse(state.since);
    const claimed = state.claimed === undefined ? 0 : state.claimed.to - state.claimed.from;
    const rate = { windows: Math.max(1, state.judged), elapsed, claimed };
    return levelOf(falseAlarm, rate, this.#first === undefined ? 1 : 2);
  }

  /** One full window. @param before without the window's rows, but for `files`, which already count them */
  async take(window: Sample, before: MonitorState, now: Date): Promise<Watched> {
    const { by, floor, answers, signal, time } = this.#settings;
    const number = before.number + 1;
    const timed = { ...before, ...claimedIn(window, time, before), judged: before.judged + 1 };
    const level = this.level(timed, now);
    const sample = judgedColumns(window, this.#settings);
    const shared = signal === undefined ? {} : { signal };
    const settings = { by, floorShift: floor.shift, floorMoved: floor.moved, seed: number, ...shared };
    const judged = await judgeWindow(this.#reference, this.#first, sample, level, settings);
    const streams = this.#streams.take(sample, before.streams, level.windows);
    const scored = answers === undefined ? undefined : scoredIn(window, answers);
    const performance =
      answers === undefined
        ? undefined
        : await estimateWindow(await this.#learn(), scored, number, this.#performanceSettings(answers, level, number));
    const { monitor, reference } = before;
    const moment = { monitor, reference, window: number, at: now };
    const first = raise(before.alerts, judged.signals, moment);
    const shown = first.alerts.filter((alert) => isOpen(alert) && alert.lastWindow === number);
    const more = [...unexplained(streams.signals, shown), ...(performance?.signals ?? [])];
    const second = raise(first.alerts, more, moment);
    const summary = {
      number,
      at: now.toISOString(),
      outcome: streams.signals.length > 0 ? 'drift' : judged.outcome,
      level: level.judge,
      ...(level.reached ? {} : { unreached: true as const }),
      signals: judged.signals.length + more.length,
    } as const;
    const { noPerformance, ...rest } = timed;
    void noPerformance;
    const state: MonitorState = {
      ...rest,
      number,
      rows: before.rows + window.rows,
      recent: [...before.recent, summary].slice(-100),
      streams: streams.states,
      alerts: second.alerts,
      ...figuresOf(before, performance),
    };
    return { state, opened: [...first.opened, ...second.opened], ...(scored === undefined ? {} : { scored }) };
  }

  /** The labels of an earlier window have arrived. */
  labels(rows: Labelled, number: number, before: MonitorState, now: Date): Watched {
    const { answers } = this.#settings;
    if (answers === undefined) return { state: before, opened: [] };
    const settings = this.#performanceSettings(answers, this.level(before, now), number);
    const measured = measureWindow(this.#labelled, rows, number, settings);
    const { monitor, reference } = before;
    const moment = { monitor, reference, window: before.number, at: now };
    const { alerts, opened } = raise(before.alerts, measured.signals, moment);
    return { state: { ...before, alerts, ...figuresOf(before, measured) }, opened };
  }

  /** Once, when the first window is there. */
  async #learn(): Promise<LearntReference | undefined> {
    if (this.#labelled === undefined) return undefined;
    const { signal } = this.#settings;
    this.#learnt ??= await learnReference(this.#labelled, { seed: 1, turn: () => pause(signal) });
    return this.#learnt;
  }

  #performanceSettings(columns: AnswerColumns, level: Level, seed: number): PerformanceSettings {
    const { floor, signal } = this.#settings;
    const alpha = Math.min(0.05, PERFORMANCE / level.windows);
    return { columns, alpha, floor: floor.performance, seed, turn: () => pause(signal) };
  }
}

/** The label is what became of a row; ids and times differ by themselves. */
function judgedColumns(sample: Sample, { answers, time, id }: WatchSettings): Sample {
  const apart = [answers?.label, time, id];
  return { ...sample, columns: sample.columns.filter(({ name }) => !apart.includes(name)) };
}

/** A column with an alert by the judge of this window needs no second one; what was kept quiet there, or is about a group that nobody named, does. */
function unexplained(slow: readonly Signal[], shown: readonly Alert[]): readonly Signal[] {
  return slow.filter(
    ({ columns, groups }) =>
      !shown.some(
        (seen) =>
          columns.every((column) => seen.columns.includes(column)) &&
          (seen.groups.length === 0 ? groups.length === 0 : groups.every((group) => seen.groups.includes(group))),
      ),
  );
}

function claimedIn(window: Sample, time: string | undefined, before: MonitorState): Pick<MonitorState, 'claimed'> {
  const column = window.columns.find(({ name }) => name === time);
  if (column === undefined || column.kind === 'text') return {};
  const times = column.values.filter((value) => Math.abs(value) <= 8.64e15);
  if (times.length === 0) return {};
  const [from, to] = times.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [
    Infinity,
    -Infinity,
  ] as [number, number]);
  return {
    claimed: { from: Math.min(from, before.claimed?.from ?? from), to: Math.max(to, before.claimed?.to ?? to) },
  };
}

/** The newest figure of each kind stays until there is a newer one. */
function figuresOf(
  before: MonitorState,
  now: WatchedPerformance | undefined,
): Pick<MonitorState, 'performance' | 'noPerformance'> {
  if (now === undefined) return { performance: before.performance };
  const key = ({ method, metric }: PerformanceFigure): string => `${method} ${metric}`;
  const fresh = new Set(now.figures.map(key));
  const performance = [...before.performance.filter((figure) => !fresh.has(key(figure))), ...now.figures];
  return { performance, ...(now.why === undefined ? {} : { noPerformance: now.why }) };
}
