// Movement that no single window shows: one CUSUM for each column, and for each column within each large caller or source, over the
// standardised means of the windows. Mean and spread are those of the pinned reference and do not move, so that a patient
// poisoner cannot drag them along.
import type { JsonObject } from '@vallum/core';
import type { StreamDetector } from '@vallum/stats';
import { createDetector, restoreDetector } from '@vallum/stats';
import type { Sample, SampleColumn } from '../drift/sample.js';
import { cusumThreshold, referenceOffset, STREAMS } from './level.js';
import type { RankFigures, Ranked } from './ranked-column.js';
import { everyRow, rankedBy, rankFigures } from './ranked-column.js';
import type { Signal } from './signal.js';
import { named } from './signal.js';

/** Callers and sources that have streams of their own: the largest of the reference, if they have rows enough in it. */
const MOST_GROUPS = 20;
const LEAST_GROUP_ROWS = 100;
/** Rows of a group below which a window says nothing about it. */
const LEAST_ROWS = 20;
/** Columns that have streams, so that their number is bounded. */
const MOST_COLUMNS = 200;
/** What one window can add, in standard errors: a single one must not decide about months. */
const MOST_STEP = 8;

interface Stream {
  readonly key: string;
  readonly column: string;
  readonly by?: string;
  readonly group?: string;
  readonly what: 'values' | 'missing';
  readonly ranked: Ranked;
  readonly reference: RankFigures;
  /** Of all rows of the reference, for a group: what the others do as well is not its own movement. */
  readonly whole?: RankFigures;
  /** Rows that a window is expected to have for it. */
  readonly expected: number;
  readonly slack: number;
  readonly offset: number;
}

export interface StreamSettings {
  readonly windowRows: number;
  /** In standard deviations: smaller shifts are not to be found. */
  readonly floorShift: number;
  /** Columns that say who sent a row. */
  readonly by: readonly string[];
}

export type StreamStates = Readonly<Record<string, JsonObject>>;

/** Made once for a reference. */
export class Streams {
  readonly #streams: readonly Stream[];
  readonly #by: readonly string[];

  constructor(reference: Sample, settings: StreamSettings) {
    const plans = plansOf(reference, settings);
    this.#by = settings.by;
    this.#streams = plans.map((plan) => {
      const known = plan.what === 'values' ? plan.reference.present : plan.reference.rows;
      const offset = referenceOffset(plans.length, plan.expected, Math.max(1, known));
      return { ...plan, offset, slack: Math.max(offset + 0.5, settings.floorShift * Math.sqrt(plan.expected)) };
    });
  }

  get count(): number {
    return this.#streams.length;
  }

  /** @param windows that are expected between two false alarms of the whole monitor */
  take(
    window: Sample,
    before: StreamStates,
    windows: number,
  ): { readonly states: StreamStates; readonly signals: readonly Signal[] } {
    const states: Record<string, JsonObject> = {};
    const signals: Signal[] = [];
    const run = Math.max(10, (windows * this.#streams.length) / STREAMS);
    const columns = new Map(window.columns.map((column) => [column.name, column]));
    const groups = groupRows(window, this.#by);
    for (const stream of this.#streams) {
      const column = columns.get(stream.column);
      const rows = stream.group === undefined ? everyRow(window) : (groups.get(groupKey(stream)) ?? []);
      const z = column === undefined ? undefined : standardised(stream, column, rows, everyRow(window));
      const old = before[stream.key];
      if (z === undefined) {
        if (old !== undefined) states[stream.key] = old;
        continue;
      }
      const detector = detectorOf(old, stream, run);
      if (detector.update(z) === 'drift') signals.push(signalOf(stream, z));
      states[stream.key] = detector.state();
    }
    return { states, signals };
  }
}

/** The budget follows the rate of the windows, so the threshold is set anew each time; what was summed up stays. */
function detectorOf(old: JsonObject | undefined, { slack, offset }: Stream, run: number): StreamDetector {
  const options = {
    kind: 'cusum',
    mean: 0,
    deviation: 1,
    slack,
    threshold: cusumThreshold(slack, offset, run),
  } as const;
  return old === undefined ? createDetector(options) : restoreDetector({ ...old, ...options });
}

function plansOf(reference: Sample, { windowRows, by }: StreamSettings): readonly Omit<Stream, 'slack' | 'offset'>[] {
  const groups = largestGroups(reference, by);
  return reference.columns.slice(0, MOST_COLUMNS).flatMap((column) => {
    const ranked = rankedBy(column);
    if (ranked === undefined) return [];
    const own = { column: column.name, ranked };
    const whole = rankFigures(ranked, column, everyRow(reference));
    const all: Omit<Stream, 'slack' | 'offset'>[] = [
      { ...own, key: keyOf(['slow', column.name]), what: 'values', reference: whole, expected: windowRows },
      { ...own, key: keyOf(['slow-missing', column.name]), what: 'missing', reference: whole, expected: windowRows },
    ];
    for (const { name, by: from, rows } of by.includes(column.name) ? [] : groups) {
      const figures = rankFigures(ranked, column, rows);
      const expected = (windowRows * rows.length) / reference.rows;
      if (expected < LEAST_ROWS || figures.present < LEAST_GROUP_ROWS) continue;
      const key = keyOf(['slow-group', column.name, from, name]);
      all.push({ ...own, key, by: from, group: name, what: 'values', reference: figures, whole, expected });
    }
    return all;
  });
}

const keyOf = (parts: readonly string[]): string => JSON.stringify(parts);

/** Standard errors by which the rows lie above the reference; undefined for too few rows. */
function standardised(
  { what, ranked, reference, whole, expected }: Stream,
  column: SampleColumn,
  rows: Iterable<number>,
  every: Iterable<number>,
): number | undefined {
  const now = rankFigures(ranked, column, rows);
  // More rows than expected would sharpen the error of the reference too, which the slack does not know.
  const n = Math.min(what === 'values' ? now.present : now.rows, expected);
  if (n < LEAST_ROWS) return undefined;
  if (what === 'missing') {
    const share = (reference.rows - reference.present + 0.5) / (reference.rows + 1);
    const difference = 1 - now.present / now.rows - (1 - reference.present / reference.rows);
    return bounded((difference * Math.sqrt(n)) / Math.sqrt(share * (1 - share)));
  }
  // A constant of the reference has no spread; whatever else comes is judged by that of a uniform rank.
  const deviation = reference.deviation > 1e-6 ? reference.deviation : Math.sqrt(1 / 12);
  const moved = now.mean - reference.mean;
  const others = whole === undefined ? 0 : movedElsewhere(whole, reference, rankFigures(ranked, column, every), now);
  return bounded((ownPart(moved, others) * Math.sqrt(n)) / deviation);
}

/** A season moves all callers: of two movements in the same direction only what goes beyond the other is a group's own. */
function ownPart(moved: number, others: number): number {
  return moved * others <= 0 ? moved : Math.sign(moved) * Math.max(0, Math.abs(moved) - Math.abs(others));
}

/** Movement of the rows that are not the group's; zero where they are too few to say. */
function movedElsewhere(whole: RankFigures, group: RankFigures, wholeNow: RankFigures, groupNow: RankFigures): number {
  const [before, now] = [without(whole, group), without(wholeNow, groupNow)];
  return before === undefined || now === undefined ? 0 : now - before;
}

function without(whole: RankFigures, part: RankFigures): number | undefined {
  const rows = whole.present - part.present;
  return rows < LEAST_ROWS ? undefined : (whole.mean * whole.present - part.mean * part.present) / rows;
}

const bounded = (z: number): number => Math.max(-MOST_STEP, Math.min(MOST_STEP, z));

function signalOf({ key, column, by, group, what }: Stream, z: number): Signal {
  const way = what === 'missing' ? (z > 0 ? 'missing more often' : 'missing less often') : z > 0 ? 'higher' : 'lower';
  if (group === undefined)
    return {
      key,
      rule: 'VLM-MON-003',
      columns: [column],
      groups: [],
      why: `over the last windows ${named([column])} is ${way} than in the reference, more than chance and the floor explain`,
    };
  return {
    key,
    rule: 'VLM-MON-002',
    columns: [column],
    groups: [group],
    why: `rows of ${by ?? 'the group'} ${named([group])} are ${way} in ${named([column])} than its own rows of the reference`,
  };
}

interface Group {
  readonly by: string;
  readonly name: string;
  readonly rows: readonly number[];
}

const groupKey = ({ by, group }: { readonly by?: string; readonly group?: string }): string =>
  keyOf([by ?? '', group ?? '']);

function groupRows(sample: Sample, by: readonly string[]): ReadonlyMap<string, readonly number[]> {
  return new Map(groupsOf(sample, by).map(({ by: from, name, rows }) => [groupKey({ by: from, group: name }), rows]));
}

function largestGroups(reference: Sample, by: readonly string[]): readonly Group[] {
  return by.flatMap((column) =>
    groupsOf(reference, [column])
      .sort((a, b) => b.rows.length - a.rows.length)
      .slice(0, MOST_GROUPS),
  );
}

function groupsOf(sample: Sample, by: readonly string[]): Group[] {
  return by.flatMap((name) => {
    const column = sample.columns.find((each) => each.name === name);
    if (column === undefined) return [];
    const rows = new Map<string, number[]>();
    for (const row of everyRow(sample)) {
      const group = groupAt(column, row);
      if (group === undefined) continue;
      const known = rows.get(group);
      if (known === undefined) rows.set(group, [row]);
      else known.push(row);
    }
    return [...rows].map(([group, own]) => ({ by: name, name: group, rows: own }));
  });
}

function groupAt(column: SampleColumn, row: number): string | undefined {
  if (column.kind === 'text') {
    const code = column.codes[row] as number;
    return code < 0 ? undefined : column.levels[code];
  }
  const value = column.values[row] as number;
  return Number.isNaN(value) ? undefined : String(value);
}
