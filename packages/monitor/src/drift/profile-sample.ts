// A reference of which only a profile was kept. Its distribution functions are turned back into rows with at most 254 values, and the
// current is rounded up to the same values, so that both are judged alike. Rows of different columns cannot be matched any more, so
// every column is dealt by itself. How wrong the counts of the profile can be is certified in it, and said here.
import { VallumError } from '@vallum/core';
import type { ColumnProfile, NumberProfile, Profile } from '@vallum/stats';
import type { Sample, SampleColumn } from './sample.js';

const STEPS = 254;
/** Rows that a profile of more rows stands for: fewer than it has, so that the answer errs to the side of no drift. */
const MOST_ROWS = 100_000;

export interface NamedProfile {
  readonly name: string;
  readonly profile: Profile;
}

export interface Prepared {
  readonly reference: Sample;
  /** The current with its numbers rounded to the steps of the profile, without the columns that cannot be compared. */
  readonly current: Sample;
  readonly notes: readonly string[];
}

/** @throws VallumError `DRIFT_PROFILE` for a profile of no rows */
export function againstProfile({ name, profile }: NamedProfile, current: Sample): Prepared {
  if (profile.rows === 0)
    throw new VallumError('DRIFT_PROFILE', `${name} is the profile of no rows`, { fix: 'give a profile of data' });
  const rows = Math.min(profile.rows, MOST_ROWS);
  const notes: string[] = [];
  const now = new Map(current.columns.map((column) => [column.name, column]));
  const columns: SampleColumn[] = [];
  const rounded = new Map<string, SampleColumn>();
  let widest = 0;
  for (const column of profile.columns) {
    const other = now.get(column.name);
    const restored = restore(column, profile.rows, rows);
    if (restored === undefined) {
      notes.push(`${JSON.stringify(column.name)} is free text, of which a profile does not keep enough to compare it`);
      now.delete(column.name);
      continue;
    }
    columns.push(restored.column);
    if ('cdf' in column) widest = Math.max(widest, column.cdf.certificate / Math.max(1, column.cdf.n));
    if (other !== undefined) rounded.set(column.name, roundTo(other, restored.steps));
  }
  notes.unshift(
    `${name} is a profile: distributions are known at up to ${STEPS} values, certified to within ${(100 * widest).toFixed(2)} % of the rows`,
  );
  if (rows < profile.rows)
    notes.push(`the profile of ${profile.rows} rows counts as one of ${rows}, which can only hide drift`);
  return {
    reference: { name, rows, columns, marginal: true, ...(rows < profile.rows ? { of: profile.rows } : {}) },
    current: { ...current, columns: [...now.values()].map((column) => rounded.get(column.name) ?? column) },
    notes,
  };
}

interface Restored {
  readonly column: SampleColumn;
  /** Ascending; values are rounded up to the next. Undefined where nothing is rounded. */
  readonly steps?: Float64Array;
}

function restore(profile: ColumnProfile, of: number, rows: number): Restored | undefined {
  if (profile.type === 'text') return restoreTexts(profile, of, rows);
  if (profile.type === 'boolean') {
    const values = fill(rows, of, [
      [0, profile.false],
      [1, profile.true],
    ]);
    return { column: { name: profile.name, kind: 'boolean', values } };
  }
  return restoreNumbers(profile, of, rows);
}

function restoreTexts(
  { name, labels }: Extract<ColumnProfile, { type: 'text' }>,
  of: number,
  rows: number,
): Restored | undefined {
  if (labels.error > 0) return undefined;
  const counts = labels.counts.map(([, count], code): [number, number] => [code, count]);
  const filled = fill(rows, of, counts);
  const codes = Int32Array.from(filled, (code) => (Number.isNaN(code) ? -1 : code));
  return { column: { name, kind: 'text', codes, levels: labels.counts.map(([label]) => label) } };
}

function restoreNumbers(profile: NumberProfile, of: number, rows: number): Restored {
  const { cdf, name, type, negativeInfinity, positiveInfinity } = profile;
  const every = Math.max(1, Math.ceil(cdf.edges.length / STEPS));
  const counts: [number, number][] = [[-Infinity, negativeInfinity]];
  let before = 0;
  cdf.edges.forEach((edge, at) => {
    if ((at + 1) % every !== 0 && at !== cdf.edges.length - 1) return;
    const upTo = ((cdf.low[at] as number) + (cdf.high[at] as number)) / 2;
    counts.push([edge, Math.max(0, upTo - before)]);
    before = upTo;
  });
  counts.push([Infinity, positiveInfinity]);
  const steps = Float64Array.from([-Infinity, ...counts.slice(1, -1).map(([edge]) => edge), Infinity]);
  return { column: { name, kind: type, values: fill(rows, of, counts) }, steps };
}

/** So many rows with these values in these proportions; the rest is missing. Rounded on the running sum, so that nothing adds up. */
function fill(rows: number, of: number, counts: readonly (readonly [number, number])[]): Float64Array {
  const values = new Float64Array(rows).fill(NaN);
  let sum = 0;
  let from = 0;
  for (const [value, count] of counts) {
    sum += count;
    const to = Math.min(rows, Math.round((sum * rows) / of));
    values.fill(value, from, to);
    from = to;
  }
  return values;
}

function roundTo(column: SampleColumn, steps: Float64Array | undefined): SampleColumn {
  if (steps === undefined || column.kind === 'text' || column.kind === 'boolean') return column;
  const values = column.values.map((value) => {
    if (Number.isNaN(value)) return value;
    let low = 0;
    let high = steps.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((steps[middle] as number) >= value) high = middle;
      else low = middle + 1;
    }
    return steps[low] as number;
  });
  return { ...column, values };
}
