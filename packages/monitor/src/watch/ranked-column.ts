// A column as numbers from 0 to 1: where each value stands among the values of the reference (its mid-rank), so that heavy tails
// and units do not matter and the mean of the reference is exactly one half. Categories are ranked by how frequent they are in
// the reference; one that it does not have stands behind all.
import type { Sample, SampleColumn } from '../drift/sample.js';

/** A column with more distinct texts than this share of its rows has no categories to rank. */
const MOST_DISTINCT = 0.5;

export interface Ranked {
  /** One per row; NaN where the value is missing. */
  readonly rank: (column: SampleColumn, row: number) => number;
}

/** Undefined for free text and for a column without values. */
export function rankedBy(reference: SampleColumn): Ranked | undefined {
  return reference.kind === 'text' ? rankedTexts(reference) : rankedNumbers(reference.values);
}

function rankedNumbers(values: Float64Array): Ranked | undefined {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  if (sorted.length === 0) return undefined;
  const n = sorted.length;
  return {
    rank: (column, row) => {
      if (column.kind === 'text') return NaN;
      const value = column.values[row] as number;
      if (Number.isNaN(value)) return NaN;
      return (firstAtLeast(sorted, value) + firstAbove(sorted, value)) / (2 * n);
    },
  };
}

function rankedTexts({ codes, levels }: Extract<SampleColumn, { kind: 'text' }>): Ranked | undefined {
  const counts = new Float64Array(levels.length);
  let n = 0;
  for (const code of codes)
    if (code >= 0) {
      counts[code] = (counts[code] as number) + 1;
      n += 1;
    }
  if (n === 0 || levels.length > MOST_DISTINCT * n) return undefined;
  const order = levels
    .map((name, code) => ({ name, count: counts[code] as number }))
    .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
  const ranks = new Map<string, number>();
  let before = 0;
  for (const { name, count } of order) {
    ranks.set(name, (before + count / 2) / n);
    before += count;
  }
  return {
    rank: (column, row) => {
      if (column.kind !== 'text') return NaN;
      const code = column.codes[row] as number;
      return code < 0 ? NaN : (ranks.get(column.levels[code] as string) ?? 1);
    },
  };
}

function firstAtLeast(sorted: Float64Array, value: number): number {
  return search(sorted, (each) => each >= value);
}

function firstAbove(sorted: Float64Array, value: number): number {
  return search(sorted, (each) => each > value);
}

function search(sorted: Float64Array, past: (value: number) => boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (past(sorted[middle] as number)) high = middle;
    else low = middle + 1;
  }
  return low;
}

export interface RankFigures {
  readonly rows: number;
  readonly present: number;
  readonly mean: number;
  readonly deviation: number;
}

/** Of the ranks of these rows. */
export function rankFigures({ rank }: Ranked, column: SampleColumn, rows: Iterable<number>): RankFigures {
  let [all, present, sum, squares] = [0, 0, 0, 0];
  for (const row of rows) {
    all += 1;
    const value = rank(column, row);
    if (Number.isNaN(value)) continue;
    present += 1;
    sum += value;
    squares += value * value;
  }
  const mean = present === 0 ? 0.5 : sum / present;
  const variance = present === 0 ? 0 : Math.max(0, squares / present - mean * mean);
  return { rows: all, present, mean, deviation: Math.sqrt(variance) };
}

export function everyRow({ rows }: Sample): Iterable<number> {
  return Array(rows).keys();
}
