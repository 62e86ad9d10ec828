// How strict each look is, from one budget: the expected time between two false alarms of the whole monitor. Half of it goes to
// the judge of single windows, a quarter to the streams that sum up slow movement, a quarter to performance.
import { normalQuantile } from '@vallum/stats';

const JUDGE = 0.5;
export const STREAMS = 0.25;
export const PERFORMANCE = 0.25;
/** A window that comes once in a month would otherwise be judged at a level of 1. */
const LOOSEST = 0.05;
/** Deals of the rows in a second look; a level below two deals of them cannot be reached. */
const MOST_PERMUTATIONS = 50_000;
/** A rate that was seen for less than a day is taken for a day's. */
const DAY = 86_400_000;

export interface Level {
  /** Windows that are expected between two false alarms. */
  readonly windows: number;
  /** Chance of a false alarm that the judge has in one window, over all of its parts. */
  readonly judge: number;
  readonly permutations: number;
  /** False where windows come faster than the deals can tell chance from change at this budget. */
  readonly reached: boolean;
}

export interface Rate {
  /** Windows so far, with the one at hand. */
  readonly windows: number;
  /** Milliseconds that they took by the clock of the monitor. */
  readonly elapsed: number;
  /**
   * Milliseconds between the first and the last time that rows claim. Whoever sends rows chooses it, so it can only make the
   * monitor look closer: the longer of both counts.
   */
  readonly claimed: number;
}

/** @param falseAlarm milliseconds @param parts that share the judge's level */
export function levelOf(falseAlarm: number, { windows, elapsed, claimed }: Rate, parts: number): Level {
  const between = Math.max(DAY, elapsed, claimed) / Math.max(1, windows);
  const budget = Math.max(1, falseAlarm / between);
  const wanted = Math.min(LOOSEST, JUDGE / budget);
  const least = (2 * parts) / MOST_PERMUTATIONS;
  const judge = Math.max(wanted, least);
  const permutations = Math.min(MOST_PERMUTATIONS, Math.max(999, Math.ceil((4 * parts) / judge)));
  return { windows: budget, judge, permutations, reached: wanted >= least };
}

/**
 * Threshold of a two-sided CUSUM on standard normal values whose mean is off by at most `offset`, for an expected run to the first
 * false alarm; by Siegmund's approximation (Sequential Analysis, 1985): the run length of one side is
 * (exp(2 d b) - 1 - 2 d b) / (2 d^2) with d = slack - offset and b = threshold + 1.166. Both sides are given the worse offset.
 */
export function cusumThreshold(slack: number, offset: number, run: number): number {
  const d = slack - offset;
  const length = (threshold: number): number => {
    const x = 2 * d * (threshold + 1.166);
    return (Math.exp(x) - 1 - x) / (2 * d * d);
  };
  let [low, high] = [0, 1];
  while (length(high) < 2 * run) high *= 2;
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (length(middle) < 2 * run) low = middle;
    else high = middle;
  }
  return high;
}

/**
 * How far a mean of the reference can be from the truth, in standard errors of a window: with 95 % chance for all streams together.
 * A CUSUM sums this error up like a shift, so its slack has to be larger.
 */
export function referenceOffset(streams: number, windowRows: number, referenceRows: number): number {
  return normalQuantile(1 - 0.025 / Math.max(1, streams)) * Math.sqrt(windowRows / referenceRows);
}
