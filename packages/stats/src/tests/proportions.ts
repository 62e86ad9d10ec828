// Two-proportion z test with pooled variance, two-sided.
import type { TestResult } from '../result.js';
import { refuseInput } from '../samples.js';
import { normalTail } from '../special/normal.js';

/**
 * `k1` of `n1` against `k2` of `n2`; z is positive when the first share is larger. Two shares of 0, or two of 1: z = 0, p = 1.
 * @throws VallumError STATS_INPUT unless whole numbers with 0 <= k <= n and n >= 1
 */
export function twoProportionZ(k1: number, n1: number, k2: number, n2: number): TestResult {
  for (const [k, n] of [
    [k1, n1],
    [k2, n2],
  ] as const)
    if (!(Number.isSafeInteger(k) && Number.isSafeInteger(n) && k >= 0 && k <= n && n >= 1))
      throw refuseInput(`a proportion needs whole numbers with 0 <= k <= n and n >= 1, not ${k} of ${n}`);
  const pooled = (k1 + k2) / (n1 + n2);
  const spread = Math.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2));
  // Over a common denominator: nearly equal shares would cancel.
  const z = spread === 0 ? 0 : (k1 * n2 - k2 * n1) / (n1 * n2) / spread;
  return { statistic: z, p: Math.min(1, 2 * normalTail(Math.abs(z))) };
}
