// The regularised incomplete gamma functions (DLMF 8.2.4): series below the mean, continued fraction above it.
// They carry the chi-square, normal and Poisson tails.
import { refuse } from '../refuse.js';
import { poissonTerm } from './deviance.js';

const TINY = 1e-300;

/** P(a, x) for a > 0 and x >= 0: a Gamma(a) variable is at most x. */
export function lowerGamma(a: number, x: number): number {
  check(a, x);
  if (x === 0) return 0;
  if (x === Infinity) return 1;
  return x < a + 1 ? series(a, x) : 1 - fraction(a, x);
}

/** Q(a, x) = 1 - P(a, x), accurate where it is small. */
export function upperGamma(a: number, x: number): number {
  check(a, x);
  if (x === 0) return 1;
  if (x === Infinity) return 0;
  return x < a + 1 ? 1 - series(a, x) : fraction(a, x);
}

/** P(X >= x) for a chi-square variable; no degree of freedom leaves no room for a difference: 1. */
export function chiSquareTail(x: number, degrees: number): number {
  return degrees === 0 ? 1 : upperGamma(degrees / 2, x / 2);
}

function check(a: number, x: number): void {
  if (!(a > 0 && a <= 1e12 && x >= 0)) throw refuse(`the incomplete gamma function has no value at (${a}, ${x})`);
}

// Both need about sqrt(a) rounds where x is near a, and fewer elsewhere.
const rounds = (a: number): number => 500 + 20 * Math.sqrt(a);

function series(a: number, x: number): number {
  let term = 1;
  let sum = 1;
  for (let n = 1; n <= rounds(a) && term > sum * 1e-17; n += 1) {
    term *= x / (a + n);
    sum += term;
  }
  return sum * poissonTerm(a, x);
}

function fraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = 1 / TINY;
  let d = 1 / b;
  let result = d;
  for (let n = 1; n <= rounds(a); n += 1) {
    const numerator = -n * (n - a);
    b += 2;
    d = numerator * d + b;
    if (Math.abs(d) < TINY) d = TINY;
    d = 1 / d;
    c = b + numerator / c;
    if (Math.abs(c) < TINY) c = TINY;
    result *= c * d;
    if (Math.abs(c * d - 1) < 1e-16) break;
  }
  // x^a e^-x / gamma(a) = a times the Poisson term of a.
  return result * a * poissonTerm(a, x);
}
