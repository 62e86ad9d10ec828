// Drift over time: the current cut into windows by a time column, each compared with the whole reference. The clock of the rows is a
// claim of whoever sent them: rows without a time, or far outside, are counted and not hidden.
import { VallumError } from '@vallum/core';
import type { CompareOptions } from './options.js';
import type { Comparison } from './report.js';
import type { Sample } from './sample.js';
import { columnOf, pickRows } from './sample.js';

const MOST_WINDOWS = 120;

/** Equal spans of time in milliseconds, calendar months in UTC, or so many rows in the order of time. */
export type WindowSize = { readonly span: number } | { readonly months: number } | { readonly rows: number };

export interface WindowReport {
  /** First and last time of its rows, ISO 8601. */
  readonly from: string;
  readonly to: string;
  readonly comparison: Comparison;
}

export interface TimeReport {
  readonly by: string;
  readonly alpha: number;
  readonly windows: readonly WindowReport[];
  /** Rows of the current without a time. */
  readonly undated: number;
}

/**
 * The error budget is shared by the windows. `compare` holds the reference, without the column of times.
 * @throws VallumError `DRIFT_COLUMN`, `DRIFT_TIME` where the column holds no times, `DRIFT_WINDOW` for more than 120 windows
 */
export async function splitByTime(
  by: string,
  size: WindowSize,
  compare: (current: Sample, options: CompareOptions) => Promise<Comparison>,
  current: Sample,
  options: CompareOptions,
): Promise<TimeReport> {
  const column = columnOf(current, by);
  if (column.kind !== 'time' && column.kind !== 'number')
    throw new VallumError(
      'DRIFT_TIME',
      `${current.name}: the column ${JSON.stringify(by)} holds ${column.kind}, no times`,
      {
        fix: 'name a column of times (ISO 8601), or of milliseconds since 1970',
      },
    );
  const times = column.values;
  const dated: number[] = [];
  times.forEach((time, row) => Number.isFinite(time) && Math.abs(time) <= 8.64e15 && dated.push(row));
  dated.sort((a, b) => (times[a] as number) - (times[b] as number) || a - b);
  const parts = cut(dated, times, size);
  if (parts.length > MOST_WINDOWS)
    throw new VallumError('DRIFT_WINDOW', `that makes more than ${MOST_WINDOWS} windows`, {
      fix: 'make the window larger',
    });
  const without = ({ columns }: Sample): Sample['columns'] => columns.filter(({ name }) => name !== by);
  const windows: WindowReport[] = [];
  for (const rows of parts) {
    const comparison = await compare(pickRows({ ...current, columns: without(current) }, Int32Array.from(rows)), {
      ...options,
      alpha: options.alpha / parts.length,
    });
    windows.push({ from: iso(times[rows[0] as number]), to: iso(times[rows[rows.length - 1] as number]), comparison });
  }
  return { by, alpha: options.alpha, windows, undated: current.rows - dated.length };
}

const iso = (time: number | undefined): string => new Date(time as number).toISOString();

/** Rows by window, in order; windows without rows are left out. Stops one past the largest number of windows. */
function cut(dated: readonly number[], times: Float64Array, size: WindowSize): readonly (readonly number[])[] {
  const keyOf = (row: number, place: number): number => {
    if ('rows' in size) return Math.floor(place / size.rows);
    const time = times[row] as number;
    if ('span' in size) return Math.floor(time / size.span);
    const date = new Date(time);
    return Math.floor((date.getUTCFullYear() * 12 + date.getUTCMonth()) / size.months);
  };
  const parts: number[][] = [];
  let last = NaN;
  for (const [place, row] of dated.entries()) {
    const key = keyOf(row, place);
    if (key !== last) {
      if (parts.length > MOST_WINDOWS) break;
      parts.push([]);
      last = key;
    }
    (parts[parts.length - 1] as number[]).push(row);
  }
  return parts;
}
