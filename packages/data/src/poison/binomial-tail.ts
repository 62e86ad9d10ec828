// P(X >= k) for X ~ Binomial(n, p) as -log10: a trigger shared by sixty rows is far below what a double can hold.
import { logGamma } from '@vallum/stats';

/** -log10 P(X >= k); 0 when k is at or below the mean. Needs 0 < p < 1 and 0 <= k <= n. */
export function tailScore(k: number, n: number, p: number): number {
  if (k <= n * p) return 0;
  const first = logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1) + k * Math.log(p) + (n - k) * Math.log1p(-p);
  // Above the mean the terms fall at least geometrically.
  let sum = 1;
  let term = 1;
  for (let i = k + 1; i <= n && term > sum * 1e-12; i += 1) {
    term *= ((n - i + 1) / i) * (p / (1 - p));
    sum += term;
  }
  return -(first + Math.log(sum)) / Math.LN10;
}
