// What Evidently's `DataDriftPreset` (0.7) answers with its defaults, for those who move over and have to compare: its choice of
// test, its thresholds, its share of drifted columns. The numbers are its numbers, with its weaknesses: nothing here is calibrated,
// neither for the sizes of the samples nor for the number of columns (docs/drift.md says what that costs).
//
// How a column is read: whole numbers with at most ten distinct values are categories, texts with more than half of their values
// distinct are free text; the current decides. Missing values and infinities are dropped. Columns of times are left out, and so
// are columns that only one side has; an empty side is an error.
import { VallumError } from '@vallum/core';
import { chiSquareGoodness, jensenShannon, ksTest, twoProportionZ, wasserstein } from '@vallum/stats';
import type { NumberColumn, Sample, SampleColumn, TextColumn } from '../drift/sample.js';
import { checkSample } from '../drift/sample.js';

const SMALL_REFERENCE = 1_000;
const FEW_INTEGERS = 10;
const FEW_VALUES = 5;
const P_THRESHOLD = 0.05;
const DISTANCE_THRESHOLD = 0.1;
const DRIFT_SHARE = 0.5;
const LEAST_DEVIATION = 0.001;

export interface EvidentlyColumn {
  readonly name: string;
  readonly type: 'numerical' | 'categorical' | 'text';
  /** As Evidently names it; null for free text, whose test trains a classifier and is not reproduced. */
  readonly test: EvidentlyTest | null;
  readonly score: number | null;
  readonly threshold: number | null;
  readonly drifted: boolean | null;
  /**
   * How the column counts in the share of drifted columns, where that differs from `drifted`: Evidently drops infinities from
   * the score of a column and keeps them when it counts.
   */
  readonly counted?: boolean;
}

export type EvidentlyTest =
  'K-S p_value' | 'chi-square p_value' | 'Z-test p_value' | 'Wasserstein distance (normed)' | 'Jensen-Shannon distance';

export interface EvidentlyReport {
  readonly schema: 'vallum/drift-evidently/v1';
  readonly outcome: 'drift' | 'no-drift' | 'not-enough-data';
  readonly reference: { readonly name: string; readonly rows: number };
  readonly current: { readonly name: string; readonly rows: number };
  readonly driftedColumns: number;
  /** Of the columns with a score. */
  readonly share: number;
  readonly driftShare: number;
  /** In the order of the current. */
  readonly columns: readonly EvidentlyColumn[];
  /** Columns that were left out, and why. */
  readonly leftOut: readonly { readonly name: string; readonly why: string }[];
}

/** @throws VallumError `DRIFT_SAMPLE`, `DRIFT_EMPTY` for a column without a finite value on one side, as Evidently refuses it */
export function evidentlyDrift(reference: Sample, current: Sample): EvidentlyReport {
  checkSample(reference);
  checkSample(current);
  const before = new Map(reference.columns.map((column) => [column.name, column]));
  const columns: EvidentlyColumn[] = [];
  const leftOut: { name: string; why: string }[] = [];
  for (const column of current.columns) {
    const other = before.get(column.name);
    before.delete(column.name);
    const why = whyNot(other, column);
    if (other === undefined || why !== undefined) leftOut.push({ name: column.name, why: why ?? '' });
    else columns.push(scoreColumn(other, column));
  }
  for (const name of before.keys()) leftOut.push({ name, why: 'the current has no such column' });
  const scored = columns.filter(({ score }) => score !== null);
  const driftedColumns = scored.filter(({ drifted, counted = drifted }) => counted === true).length;
  const share = scored.length === 0 ? 0 : driftedColumns / scored.length;
  return {
    schema: 'vallum/drift-evidently/v1',
    outcome: scored.length === 0 ? 'not-enough-data' : share >= DRIFT_SHARE ? 'drift' : 'no-drift',
    reference: { name: reference.name, rows: reference.rows },
    current: { name: current.name, rows: current.rows },
    driftedColumns,
    share,
    driftShare: DRIFT_SHARE,
    columns,
    leftOut,
  };
}

function whyNot(reference: SampleColumn | undefined, current: SampleColumn): string | undefined {
  if (reference === undefined) return 'the reference has no such column';
  if (reference.kind === 'time' || current.kind === 'time') return 'times are not compared';
  if ((reference.kind === 'text') !== (current.kind === 'text')) return `${reference.kind} there, ${current.kind} here`;
  return undefined;
}

function scoreColumn(reference: SampleColumn, current: SampleColumn): EvidentlyColumn {
  const { name } = current;
  if (reference.kind === 'text' && current.kind === 'text') {
    const type = textType(current);
    if (type === 'text') return { name, type, test: null, score: null, threshold: null, drifted: null };
    return judge(name, type, chooseTest(type, countsOf(reference, current)), countsOf(reference, current));
  }
  const [there, here] = [reference as NumberColumn, current as NumberColumn];
  const type = numberType(here);
  const sides = { reference: finite(there), current: finite(here) };
  for (const [side, values] of Object.entries(sides)) if (values.length === 0) throw empty(name, side);
  const scored = scoreNumbers(name, type, sides.reference, sides.current);
  if (!hasInfinite(there) && !hasInfinite(here)) return scored;
  const counted = scoreNumbers(name, type, present(there), present(here)).drifted;
  return counted === scored.drifted ? scored : { ...scored, counted: counted === true };
}

function scoreNumbers(
  name: string,
  type: 'numerical' | 'categorical',
  reference: Float64Array,
  current: Float64Array,
): EvidentlyColumn {
  const counts = countsOfNumbers(reference, current);
  const test = chooseTest(type, counts);
  if (test === 'K-S p_value') return verdict(name, type, test, ksTest(reference, current).p);
  if (test !== 'Wasserstein distance (normed)') return judge(name, type, test, counts);
  return verdict(name, type, test, distance(reference, current) / Math.max(deviation(reference), LEAST_DEVIATION));
}

/** With infinities as NumPy's arithmetic has it: a difference of two alike is NaN, which is never drift. */
function distance(reference: Float64Array, current: Float64Array): number {
  const many = (value: number): number =>
    [reference, current].reduce((sum, side) => sum + side.reduce((own, one) => own + (one === value ? 1 : 0), 0), 0);
  const [low, high] = [many(-Infinity), many(Infinity)];
  if (low + high === 0) return wasserstein(reference, current);
  return low > 1 || high > 1 ? NaN : Infinity;
}

/** Rows by distinct value of both. */
interface ValueCounts {
  readonly reference: readonly number[];
  readonly current: readonly number[];
}

function chooseTest(type: 'numerical' | 'categorical', { reference, current }: ValueCounts): EvidentlyTest {
  const few = reference.length <= FEW_VALUES;
  if (total(reference) > SMALL_REFERENCE)
    return type === 'numerical' && !few ? 'Wasserstein distance (normed)' : 'Jensen-Shannon distance';
  if (type === 'numerical' && !few) return 'K-S p_value';
  return current.length > 2 ? 'chi-square p_value' : 'Z-test p_value';
}

function judge(
  name: string,
  type: 'numerical' | 'categorical',
  test: EvidentlyTest,
  { reference, current }: ValueCounts,
): EvidentlyColumn {
  const [n, m] = [total(reference), total(current)];
  for (const [side, rows] of [['reference', n] as const, ['current', m] as const])
    if (rows === 0) throw empty(name, side);
  if (test === 'Jensen-Shannon distance') return verdict(name, type, test, jensenShannon(reference, current));
  if (test === 'Z-test p_value')
    return verdict(name, type, test, twoProportionZ(n - (reference[0] as number), n, m - (current[0] as number), m).p);
  const expected = reference.map((rows) => (rows * m) / n);
  return verdict(name, type, test, chiSquareGoodness(current, expected).p);
}

function verdict(name: string, type: EvidentlyColumn['type'], test: EvidentlyTest, score: number): EvidentlyColumn {
  const isP = test.endsWith('p_value');
  const threshold = isP ? P_THRESHOLD : DISTANCE_THRESHOLD;
  return { name, type, test, score, threshold, drifted: isP ? score < threshold : score >= threshold };
}

function empty(name: string, side: string): VallumError {
  return new VallumError('DRIFT_EMPTY', `the column ${JSON.stringify(name)} of the ${side} has no finite value`, {
    fix: 'leave it out with --ignore; Evidently refuses such a column too',
  });
}

function textType({ codes, levels }: TextColumn): 'text' | 'categorical' {
  let present = 0;
  for (const code of codes) if (code >= 0) present += 1;
  return levels.length > present / 2 ? 'text' : 'categorical';
}

/** A column of whole numbers with a gap is one of floats to pandas. */
function numberType({ kind, stored = '', values }: NumberColumn): 'numerical' | 'categorical' {
  if (kind === 'boolean') return 'categorical';
  if (/float|double|half|^[<>=]?f\d/i.test(stored) || !values.every((value) => Number.isInteger(value)))
    return 'numerical';
  return new Set(values).size <= FEW_INTEGERS ? 'categorical' : 'numerical';
}

function hasInfinite({ values }: NumberColumn): boolean {
  return values.some((value) => value === Infinity || value === -Infinity);
}

function present({ values }: NumberColumn): Float64Array {
  return values.filter((value) => !Number.isNaN(value));
}

function finite({ values }: NumberColumn): Float64Array {
  return values.filter((value) => Number.isFinite(value));
}

function countsOf(reference: TextColumn, current: TextColumn): ValueCounts {
  const rows = new Map<string, [number, number]>();
  [reference, current].forEach(({ codes, levels }, side) => {
    for (const code of codes) if (code >= 0) add(rows, levels[code] as string, side as 0 | 1);
  });
  return asCounts(rows);
}

/** Sorted, so that sums add up in one order whatever the order of the rows. */
function countsOfNumbers(reference: Float64Array, current: Float64Array): ValueCounts {
  const rows = new Map<number, [number, number]>();
  for (const value of reference) add(rows, value, 0);
  for (const value of current) add(rows, value, 1);
  return asCounts(rows);
}

function add<Key>(rows: Map<Key, [number, number]>, key: Key, side: 0 | 1): void {
  const known = rows.get(key);
  if (known !== undefined) known[side] += 1;
  else rows.set(key, side === 0 ? [1, 0] : [0, 1]);
}

function asCounts<Key extends string | number>(rows: Map<Key, [number, number]>): ValueCounts {
  const sorted = [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, sides]) => sides);
  return { reference: sorted.map(([there]) => there), current: sorted.map(([, here]) => here) };
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, rows) => sum + rows, 0);
}

/** Of the population, in two passes. */
function deviation(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}
