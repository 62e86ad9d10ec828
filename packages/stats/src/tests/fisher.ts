// Fisher's exact test of a 2 x 2 table, two-sided: all tables with the same margins that are at most as likely as this one.
import type { TestResult } from '../result.js';
import { refuseInput } from '../samples.js';
import { hypergeometricTerm } from '../special/deviance.js';

/** Equally likely tables are equal up to rounding; different ones practically never come this near. */
const TIE = 1 + 1e-10;

export type TwoByTwo = readonly [readonly [number, number], readonly [number, number]];

/**
 * The statistic is the sample odds ratio a d / (b c): infinite when b c = 0, and NaN (with p = 1) when a margin is empty, since
 * such a table says nothing.
 * @throws VallumError STATS_INPUT unless all four are whole numbers from 0 with a total below 2^31
 */
export function fisherExact([[a, b], [c, d]]: TwoByTwo): TestResult {
  const total = a + b + c + d;
  if ([a, b, c, d].some((count) => !Number.isSafeInteger(count) || count < 0) || total >= 2 ** 31)
    throw refuseInput('the exact test needs four whole numbers from 0');
  const [row, column] = [a + b, a + c];
  if (row === 0 || column === 0 || row === total || column === total) return { statistic: NaN, p: 1 };
  const lowest = Math.max(0, column - (total - row));
  const highest = Math.min(row, column);
  const likelihood = (k: number): number => hypergeometricTerm(k, row, column, total);
  const mode = Math.min(highest, Math.max(lowest, Math.floor(((row + 1) * (column + 1)) / (total + 2))));
  const limit = likelihood(a) * TIE;
  const statistic = (a * d) / (b * c);
  if (likelihood(mode) <= limit) return { statistic, p: 1 };
  // Likelihood falls away from the mode on both sides; the last rare table before the mode and the first one after it.
  const left = lastWhere(lowest - 1, mode, (k) => likelihood(k) <= limit);
  const right = lastWhere(mode, highest + 1, (k) => likelihood(k) > limit) + 1;
  const p = tail(left, lowest, -1, likelihood) + tail(right, highest, 1, likelihood);
  return { statistic, p: Math.min(1, p) };
}

/** The last k in [from, to) for which `holds` is true, given that it is true up to some point; `from` is taken as true. */
function lastWhere(from: number, to: number, holds: (k: number) => boolean): number {
  let [low, high] = [from, to];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return low;
}

function tail(from: number, to: number, step: 1 | -1, likelihood: (k: number) => number): number {
  let sum = 0;
  for (let k = from; step * (to - k) >= 0; k += step) {
    const term = likelihood(k);
    sum += term;
    // Terms fall faster than geometrically from here on.
    if (term < sum * 1e-20) break;
  }
  return sum;
}
