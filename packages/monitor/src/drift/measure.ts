// One run of `vallum drift`: what was asked for, under one error budget. Each part - the columns, the split by source, the windows
// of time, the first baseline, all columns at once - gets an equal share, so that a run on like and like reports drift anywhere
// with at most the chance that was asked for.
import { VallumError } from '@vallum/core';
import type { CompareOptions } from './options.js';
import { compareSamples } from './compare.js';
import type { SplitReport } from './groups.js';
import { splitBy } from './groups.js';
import type { JointReport } from './joint.js';
import { compareJointly } from './joint.js';
import type { Comparison, DriftOutcome } from './report.js';
import { compareCounts, isFreeText } from './compare-counts.js';
import type { CountedCurrent } from './count-current.js';
import { countSample } from './count-current.js';
import type { NamedProfile } from './profile-steps.js';
import type { Sample } from './sample.js';
import type { TimeReport, WindowSize } from './windows.js';
import { splitByTime } from './windows.js';

/** Rows, or only a profile of them. */
export type Baseline = Sample | NamedProfile;

export interface DriftRequest {
  readonly reference: Baseline;
  /** Counts, where the reference is a profile and nothing else is asked. */
  readonly current: Sample | CountedCurrent;
  /** The first baseline ever: movement too slow to show against the last one shows against this. */
  readonly first?: Baseline;
  readonly by?: string;
  readonly time?: { readonly column: string; readonly window: WindowSize };
  readonly multivariate?: boolean;
}

export interface DriftReport {
  readonly schema: 'vallum/drift/v1';
  readonly outcome: DriftOutcome;
  readonly settings: Omit<CompareOptions, 'signal'> & { readonly parts: readonly string[] };
  readonly comparison: Comparison;
  readonly first?: Comparison;
  readonly split?: SplitReport;
  readonly time?: TimeReport;
  readonly joint?: JointReport;
  /** What a reader of the figures has to know. */
  readonly notes: readonly string[];
}

/** @throws VallumError `DRIFT_*` */
export async function measureDrift(
  request: DriftRequest,
  options: CompareOptions,
  notes: readonly string[] = [],
): Promise<DriftReport> {
  const { by, time, multivariate = false, first } = request;
  const { reference, current } = request;
  if (('profile' in reference || 'counted' in current) && (by !== undefined || multivariate))
    throw onlyRows(reference.name, 'its rows cannot be split or joined');
  if ('counted' in current && (!('profile' in reference) || first !== undefined || time !== undefined))
    throw onlyRows(current.name, 'only one profile can be compared with it');
  const parts = [
    'columns',
    ...(first === undefined ? [] : ['first']),
    ...(by === undefined ? [] : ['split']),
    ...(time === undefined ? [] : ['time']),
    ...(multivariate ? ['joint'] : []),
  ];
  const each = { ...options, alpha: options.alpha / parts.length };
  const against =
    (baseline: Baseline) =>
    (now: Sample | CountedCurrent, settings: CompareOptions): Promise<Comparison> =>
      compareWith(withoutTime(baseline, time), withoutTime(now, time), settings);
  const comparison = await against(reference)(current, each);
  const rows = 'counted' in current || 'profile' in reference ? undefined : { reference, current };
  const report = {
    comparison,
    ...(first === undefined ? {} : { first: await against(first)(current, each) }),
    ...(by === undefined || rows === undefined
      ? {}
      : {
          split: await splitBy(
            by,
            withoutTime(rows.reference, time),
            withoutTime(rows.current, time),
            each,
            driftedIn(comparison),
          ),
        }),
    ...(time === undefined || 'counted' in current
      ? {}
      : { time: await splitByTime(time.column, time.window, against(reference), current, each) }),
    ...(multivariate && rows !== undefined
      ? { joint: await compareJointly(withoutTime(rows.reference, time), withoutTime(rows.current, time), each) }
      : {}),
  };
  return {
    schema: 'vallum/drift/v1',
    outcome: outcomeOf(report),
    settings: { ...shownOf(options), parts },
    ...report,
    notes: [
      ...notes,
      ...[reference, first].flatMap((baseline) =>
        baseline !== undefined && 'profile' in baseline ? profileNotes(baseline) : [],
      ),
      ...drawnNotes([reference, current]),
    ],
  };
}

function shownOf({ signal, ...settings }: CompareOptions): Omit<CompareOptions, 'signal'> {
  void signal;
  return settings;
}

function driftedIn({ columns }: Comparison): ReadonlySet<string> {
  return new Set(columns.filter(({ state }) => state === 'drift').map(({ name }) => name));
}

function onlyRows(name: string, why: string): VallumError {
  return new VallumError('DRIFT_PROFILE', `${name} is a profile or counts: ${why}`, {
    fix: 'give the rows themselves',
  });
}

/** @throws VallumError `DRIFT_PROFILE` for a profile of no rows */
function compareWith(
  reference: Baseline,
  current: Sample | CountedCurrent,
  options: CompareOptions,
): Promise<Comparison> {
  if ('profile' in reference) {
    if (reference.profile.rows === 0)
      throw new VallumError('DRIFT_PROFILE', `${reference.name} is the profile of no rows`, {
        fix: 'give a profile of data',
      });
    return compareCounts(reference, 'counted' in current ? current : countSample(current, reference), options);
  }
  if ('counted' in current) throw onlyRows(current.name, 'rows cannot be compared with it');
  return compareSamples(reference, current, options);
}

/** Later rows have later times: that is no drift. */
function withoutTime<T extends Baseline | CountedCurrent>(side: T, time: DriftRequest['time']): T {
  const others = <C extends { readonly name: string }>(columns: readonly C[]): readonly C[] =>
    columns.filter(({ name }) => name !== time?.column);
  if (time === undefined) return side;
  if ('profile' in side) return { ...side, profile: { ...side.profile, columns: others(side.profile.columns) } };
  return { ...side, columns: others(side.columns) };
}

function profileNotes({ name, profile }: NamedProfile): string[] {
  let widest = 0;
  for (const column of profile.columns)
    if ('cdf' in column) widest = Math.max(widest, column.cdf.certificate / Math.max(1, column.cdf.n));
  return [
    `${name} is a profile: distributions are known at some of their values, certified to within ${(100 * widest).toFixed(2)} % of the rows`,
    ...profile.columns
      .filter(isFreeText)
      .map(
        (column) =>
          `${JSON.stringify(column.name)} is free text, of which a profile does not keep enough to compare it`,
      ),
  ];
}

function outcomeOf({ comparison, first, split, time, joint }: Partial<DriftReport>): DriftOutcome {
  const explaining = [
    split?.mix.outcome,
    ...(split?.groups ?? []).map((group) => group.comparison?.outcome),
    ...(time?.windows ?? []).map((window) => window.comparison.outcome),
    joint?.outcome,
  ];
  const all = [comparison?.outcome, first?.outcome, ...explaining];
  if (all.includes('drift')) return 'drift';
  // A group or a window with few rows is said to be small where it stands; it does not make the whole run so.
  return [comparison?.outcome, first?.outcome].includes('not-enough-data') ? 'not-enough-data' : 'no-drift';
}

function drawnNotes(sides: readonly (Baseline | CountedCurrent)[]): string[] {
  return sides
    .flatMap((side) => ('profile' in side || 'counted' in side || side.of === undefined ? [] : [side]))
    .map(({ name, rows, of }) => `${name}: ${rows} rows of ${of ?? rows}, drawn by lot, were compared`);
}
