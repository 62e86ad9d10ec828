// Intervals for a rate k out of n. Policy judges a figure on its bound, so these decide verdicts.
import { refuse } from './refuse.js';
import { inverseIncompleteBeta } from './special/beta.js';
import { normalQuantile } from './special/normal.js';

export interface Bounds {
  readonly low: number;
  readonly high: number;
}

/**
 * Exact (conservative) interval: it covers the true rate with at least `level` (Clopper and Pearson 1934).
 * With n = 0 nothing is known: 0 to 1.
 */
export function clopperPearson(k: number, n: number, level = 0.95): Bounds {
  check(k, n, level);
  const tail = (1 - level) / 2;
  return {
    low: k === 0 ? 0 : inverseIncompleteBeta(tail, k, n - k + 1),
    high: k === n ? 1 : inverseIncompleteBeta(1 - tail, k + 1, n - k),
  };
}

/** Score interval (Wilson 1927): covers `level` on average, narrower than the exact one. With n = 0: 0 to 1. */
export function wilson(k: number, n: number, level = 0.95): Bounds {
  check(k, n, level);
  if (n === 0) return { low: 0, high: 1 };
  const z = normalQuantile((1 + level) / 2);
  const p = k / n;
  const centre = p + (z * z) / (2 * n);
  const half = z * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
  const scale = 1 + (z * z) / n;
  return {
    low: k === 0 ? 0 : Math.max(0, (centre - half) / scale),
    high: k === n ? 1 : Math.min(1, (centre + half) / scale),
  };
}

function check(k: number, n: number, level: number): void {
  if (!Number.isSafeInteger(k) || !Number.isSafeInteger(n) || k < 0 || k > n)
    throw refuse(`a rate needs whole numbers with 0 <= k <= n, not ${k} of ${n}`);
  if (!(level > 0 && level <= 0.999999)) throw refuse(`a level lies above 0 and up to 0.999999, not ${level}`);
}
