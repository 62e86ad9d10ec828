// Whether numbers lie within bounds, in one pass over the values: 150,000 of them must not cost more than the request itself.
// Callers choose the kind of array. A loop that has seen many kinds of them runs at a twentieth of its speed, so each loop here
// only ever sees one.
import type { NumberArray } from '../../protocol/inspected.js';
import type { Bounds } from '../learn/ranges.js';

/** Bounds for each column of a row, or one for all numbers. */
export interface BoundsRow {
  readonly lows: Float64Array;
  readonly highs: Float64Array;
  /** For single-precision numbers. */
  readonly singleLows: Float64Array;
  readonly singleHighs: Float64Array;
  /** NaN passes, and an infinity where no bound stands against it. */
  readonly allowsNotFinite: boolean;
}

/** @param bounds infinite where there are none */
export function compileBounds(bounds: readonly Bounds[], allowsNotFinite: boolean): BoundsRow {
  const least = allowsNotFinite ? -Infinity : -Number.MAX_VALUE;
  const lows = Float64Array.from(bounds, ({ low }) => Math.max(low, least));
  const highs = Float64Array.from(bounds, ({ high }) => Math.min(high, -least));
  return {
    lows,
    highs,
    // A bound such as 0.1 is no single-precision number: who sends exactly the bound sends the nearest one, which may lie just
    // outside. It passes; the next one does not.
    singleLows: lows.map((low) => (Number.isFinite(Math.fround(low)) ? Math.min(low, Math.fround(low)) : low)),
    singleHighs: highs.map((high) => (Number.isFinite(Math.fround(high)) ? Math.max(high, Math.fround(high)) : high)),
    allowsNotFinite,
  };
}

/** Index of the first number outside; -1 when none is. The first number belongs to the first column. */
export function firstOutside(numbers: NumberArray, row: BoundsRow): number {
  const isSingle = numbers instanceof Float32Array;
  const lows = isSingle ? row.singleLows : row.lows;
  const highs = isSingle ? row.singleHighs : row.highs;
  if (row.allowsNotFinite && !lows.some(Number.isFinite) && !highs.some(Number.isFinite)) return -1;
  if (isSingle && lows.length === 1 && !row.allowsNotFinite) return firstSingle(numbers, lows[0] ?? 0, highs[0] ?? 0);
  return firstByColumn(numbers, { lows, highs, allowsNotFinite: row.allowsNotFinite });
}

function firstSingle(numbers: Float32Array, low: number, high: number): number {
  for (let i = 0; i < numbers.length; i += 1) {
    const value = numbers[i] as number;
    // Written so that NaN does not pass.
    if (!(value >= low && value <= high)) return i;
  }
  return -1;
}

const CHUNK = 4096;
const scratch = new Float64Array(CHUNK);

type Columns = Pick<BoundsRow, 'lows' | 'highs' | 'allowsNotFinite'>;

function firstByColumn(numbers: NumberArray, { lows, highs, allowsNotFinite }: Columns): number {
  const columns = lows.length;
  let column = 0;
  for (let start = 0; start < numbers.length; start += CHUNK) {
    const count = Math.min(CHUNK, numbers.length - start);
    scratch.set(count === numbers.length ? numbers : numbers.subarray(start, start + count));
    for (let i = 0; i < count; i += 1) {
      const value = scratch[i] as number;
      if (!(value >= (lows[column] as number) && value <= (highs[column] as number)))
        if (!allowsNotFinite || !Number.isNaN(value)) return start + i;
      column += 1;
      if (column === columns) column = 0;
    }
  }
  return -1;
}

/** Index of the first number of a column that is not in the list; -1 when all are. */
export function firstStranger(
  numbers: NumberArray,
  only: ReadonlySet<number>,
  { column, columns }: { readonly column: number; readonly columns: number },
): number {
  for (let i = column; i < numbers.length; i += columns) if (!only.has(numbers[i] as number)) return i;
  return -1;
}
