// One run of `vallum drift`: what was asked for, under one error budget. Each part - the columns, the split by source, the windows
// of time, the first baseline, all columns at once - gets an equal share, so that a run on like and like reports drift anywhere
// with at most the chance that was asked for.
import { VallumError } from '@vallum/core';
import type { CompareOptions } from './compare.js';
import { compareSamples } from './compare.js';
import type { SplitReport } from './groups.js';
import { splitBy } from './groups.js';
import type { JointReport } from './joint.js';
import { compareJointly } from './joint.js';
import type { Comparison, DriftOutcome } from './report.js';
import type { NamedProfile, Prepared } from './profile-sample.js';
import { againstProfile } from './profile-sample.js';
import type { Sample } from './sample.js';
import type { TimeReport, WindowSize } from './windows.js';
import { splitByTime } from './windows.js';

/** Rows, or only a profile of them. */
export type Baseline = Sample | NamedProfile;

export interface DriftRequest {
  readonly reference: Baseline;
  readonly current: Sample;
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
  const { by, time, multivariate = false } = request;
  if ('profile' in request.reference && (by !== undefined || multivariate))
    throw new VallumError(
      'DRIFT_PROFILE',
      `${request.reference.name} is a profile: its rows cannot be split or joined`,
      {
        fix: 'give the rows themselves as the reference',
      },
    );
  const { reference, current, notes: profiled } = prepare(request.reference, request.current, time);
  const first = request.first === undefined ? undefined : prepare(request.first, request.current, time);
  const parts = [
    'columns',
    ...(first === undefined ? [] : ['first']),
    ...(by === undefined ? [] : ['split']),
    ...(time === undefined ? [] : ['time']),
    ...(multivariate ? ['joint'] : []),
  ];
  const each = { ...options, alpha: options.alpha / parts.length };
  const comparison = await compareSamples(reference, current, each);
  const report = {
    comparison,
    ...(first === undefined ? {} : { first: await compareSamples(first.reference, first.current, each) }),
    ...(by === undefined ? {} : { split: await splitBy(by, reference, current, each, driftedIn(comparison)) }),
    ...(time === undefined
      ? {}
      : {
          time: await splitByTime(
            time.column,
            time.window,
            reference,
            withTime(current, request.current, time.column),
            each,
          ),
        }),
    ...(multivariate ? { joint: await compareJointly(reference, current, each) } : {}),
  };
  return {
    schema: 'vallum/drift/v1',
    outcome: outcomeOf(report),
    settings: { ...shownOf(options), parts },
    ...report,
    notes: [...notes, ...profiled, ...(first?.notes ?? []), ...drawnNotes([reference, current])],
  };
}

function shownOf({ signal, ...settings }: CompareOptions): Omit<CompareOptions, 'signal'> {
  void signal;
  return settings;
}

function driftedIn({ columns }: Comparison): ReadonlySet<string> {
  return new Set(columns.filter(({ state }) => state === 'drift').map(({ name }) => name));
}

/** Later rows have later times: that is no drift. */
function prepare(baseline: Baseline, current: Sample, time: DriftRequest['time']): Prepared {
  const without = (sample: Sample): Sample => ({
    ...sample,
    columns: sample.columns.filter(({ name }) => name !== time?.column),
  });
  if (!('profile' in baseline)) return { reference: without(baseline), current: without(current), notes: [] };
  const prepared = againstProfile(baseline, current);
  return { ...prepared, reference: without(prepared.reference), current: without(prepared.current) };
}

/** The times as they were read, whatever was rounded. */
function withTime(current: Sample, read: Sample, time: string): Sample {
  return { ...current, columns: [...current.columns, ...read.columns.filter(({ name }) => name === time)] };
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

function drawnNotes(samples: readonly Sample[]): string[] {
  return samples
    .filter(({ of, marginal }) => of !== undefined && marginal !== true)
    .map(({ name, rows, of }) => `${name}: ${rows} rows of ${of ?? rows}, drawn by lot, were compared`);
}
