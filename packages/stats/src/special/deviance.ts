// Probabilities of single Poisson, binomial and hypergeometric outcomes with full relative accuracy at any size.
// Differences of log-gammas lose digits with n; Loader's saddle-point form does not.
// Source: C. Loader, "Fast and accurate computation of binomial probabilities", 2000.
import { logGamma } from './log-gamma.js';

const HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI);

/** log(n!) minus Stirling's formula, for real n > 0. */
function stirlingError(n: number): number {
  if (n < 16) return logGamma(n + 1) - (n + 0.5) * Math.log(n) + n - HALF_LOG_TWO_PI;
  const m = n * n;
  return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / (1188 * m)) / m) / m) / m) / n;
}

/** x log(x / mean) + mean - x for x, mean >= 0, without cancellation where x is near the mean; infinite for mean = 0 < x. */
export function deviance(x: number, mean: number): number {
  if (x === 0) return mean;
  if (Math.abs(x - mean) >= 0.1 * (x + mean)) return x * Math.log(x / mean) + mean - x;
  const v = (x - mean) / (x + mean);
  let sum = (x - mean) * v;
  let power = 2 * x * v;
  for (let j = 1; j < 1000; j += 1) {
    power *= v * v;
    const next = sum + power / (2 * j + 1);
    if (next === sum) break;
    sum = next;
  }
  return sum;
}

/** mean^x e^-mean / gamma(x + 1) for real x >= 0 and mean >= 0. */
export function poissonTerm(x: number, mean: number): number {
  if (mean === 0) return x === 0 ? 1 : 0;
  if (x === 0) return Math.exp(-mean);
  return Math.exp(-stirlingError(x) - deviance(x, mean)) / Math.sqrt(2 * Math.PI * x);
}

/** P(K = k) for K of Binomial(n, p), 0 <= k <= n. */
export function binomialTerm(k: number, n: number, p: number): number {
  if (p === 0) return k === 0 ? 1 : 0;
  if (p === 1) return k === n ? 1 : 0;
  if (k === 0) return Math.exp(n * Math.log1p(-p));
  if (k === n) return Math.exp(n * Math.log(p));
  const exponent =
    stirlingError(n) - stirlingError(k) - stirlingError(n - k) - deviance(k, n * p) - deviance(n - k, n * (1 - p));
  return Math.exp(exponent) * Math.sqrt(n / (2 * Math.PI * k * (n - k)));
}

/** P(K = k) of `marked` items among `drawn` of `total`, of which `all` are marked. */
export function hypergeometricTerm(k: number, all: number, drawn: number, total: number): number {
  const p = drawn / total;
  return (binomialTerm(k, all, p) * binomialTerm(drawn - k, total - all, p)) / binomialTerm(drawn, total, p);
}
