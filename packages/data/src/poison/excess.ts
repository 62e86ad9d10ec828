// How much more often the last approved model contradicts the labels of a feed than its own held-out rows lead one to
// expect. Newcombe's score interval for a difference of two independent shares (Statistics in Medicine 17, 1998, method
// 10): sound for small counts, and it widens when few rows were held out.
import { wilson } from '@vallum/stats';

export interface Share {
  readonly k: number;
  readonly n: number;
}

export interface Excess {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Interval for `seen.k / seen.n - expected.k / expected.n`; both n above 0. */
export function excessOf(seen: Share, expected: Share, level: number): Excess {
  const a = { ...wilson(seen.k, seen.n, level), rate: seen.k / seen.n };
  const b = { ...wilson(expected.k, expected.n, level), rate: expected.k / expected.n };
  const value = a.rate - b.rate;
  return {
    value,
    low: value - Math.hypot(a.rate - a.low, b.high - b.rate),
    high: value + Math.hypot(a.high - a.rate, b.rate - b.low),
  };
}
