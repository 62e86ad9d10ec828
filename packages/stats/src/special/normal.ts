// The normal distribution and the error function. Both tails come from the regularised gamma function (DLMF 7.11.1),
// so that a tail of 1e-200 keeps its digits.
import { refuse } from '../refuse.js';
import { lowerGamma, upperGamma } from './gamma.js';
import { halve } from './halve.js';

export function erf(x: number): number {
  return x < 0 ? -erf(-x) : lowerGamma(0.5, x * x);
}

export function erfc(x: number): number {
  return x < 0 ? 1 + lowerGamma(0.5, x * x) : upperGamma(0.5, x * x);
}

/** P(Z <= z) of a standard normal variable. */
export function normalCdf(z: number): number {
  return 0.5 * erfc(-z / Math.SQRT2);
}

/** P(Z >= z): what `1 - normalCdf(z)` would lose to cancellation. */
export function normalTail(z: number): number {
  return normalCdf(-z);
}

/** The z below which a standard normal variable falls with probability p, for 1e-9 <= p <= 1 - 1e-9. */
export function normalQuantile(p: number): number {
  if (!(p >= 1e-9 && p <= 1 - 1e-9)) throw refuse(`the normal quantile is given from 1e-9 to 1 - 1e-9, not at ${p}`);
  if (p < 0.5) return -normalQuantile(1 - p);
  return halve(0, 7, (z) => normalCdf(z) < p);
}
