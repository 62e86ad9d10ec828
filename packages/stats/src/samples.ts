// One gate for samples and counts: a test never sees NaN, an empty sample or a negative count, so it never returns a number
// that stands for nothing.
import { VallumError } from '@vallum/core';

export type Counts = readonly number[] | Float64Array;

/** The error for numbers that a caller took from a user's data or parameters. */
export function refuseInput(
  message: string,
  fix = 'Drop missing values first, and give at least as many rows as asked.',
) {
  return new VallumError('STATS_INPUT', message, { fix });
}

/** @throws VallumError STATS_INPUT on NaN or fewer than `least` values */
export function checkSample(values: Float64Array, least = 1): void {
  if (values.length < least) throw refuseInput(`a sample of ${values.length} values; at least ${least} are needed`);
  for (const value of values) if (Number.isNaN(value)) throw refuseInput('a sample contains NaN');
}

/**
 * For statistics that add values up: an infinity makes them infinite or undefined.
 * @throws VallumError STATS_INPUT on NaN, infinities or fewer than `least` values
 */
export function checkFinite(values: Float64Array, least = 1): void {
  checkSample(values, least);
  for (const value of values)
    if (!Number.isFinite(value))
      throw refuseInput('a sample contains an infinity', 'Drop or clip infinite values first.');
}

/**
 * Counts or shares; returns their sum.
 * @throws VallumError STATS_INPUT on an empty list, a negative or non-finite entry, or a sum of 0
 */
export function checkCounts(counts: Counts): number {
  let sum = 0;
  for (const count of counts) {
    if (!(count >= 0 && count < Infinity)) throw refuseInput(`a count is a finite number from 0, not ${count}`);
    sum += count;
  }
  if (!(sum > 0 && sum < Infinity)) throw refuseInput('counts need a finite sum above 0');
  return sum;
}

/** @throws VallumError STATS_INPUT when two lists over the same bins differ in length */
export function checkSameBins(a: Counts, b: Counts): void {
  if (a.length !== b.length)
    throw refuseInput(`${a.length} bins against ${b.length}`, 'Count both sides over the same bins.');
}
