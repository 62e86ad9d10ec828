// The regularised incomplete beta function and its inverse (DLMF 8.17.22, evaluated by Lentz's method).
import { refuse } from '../refuse.js';
import { halve } from './halve.js';
import { logGamma } from './log-gamma.js';

const TINY = 1e-300;

/** I_x(a, b) for 0 <= x <= 1 and a, b > 0: the probability that a Beta(a, b) variable is at most x. */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (!(x >= 0 && x <= 1 && a > 0 && b > 0)) throw refuse(`incompleteBeta has no value at (${x}; ${a}, ${b})`);
  if (x === 0 || x === 1) return x;
  // The fraction converges fast only below the mean; above it the mirrored one is used.
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front = logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x);
  return (Math.exp(front) / a) * betaFraction(x, a, b);
}

function betaFraction(x: number, a: number, b: number): number {
  const safe = (value: number): number => (Math.abs(value) < TINY ? TINY : value);
  let c = 1;
  let d = 1 / safe(1 - ((a + b) * x) / (a + 1));
  let result = d;
  const rounds = 200 + Math.ceil(5 * Math.sqrt(Math.max(a, b)));
  for (let m = 1; m <= rounds; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / safe(1 + even * d);
    c = safe(1 + even / c);
    result *= c * d;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / safe(1 + odd * d);
    c = safe(1 + odd / c);
    result *= c * d;
    if (Math.abs(c * d - 1) < 1e-15) break;
  }
  return result;
}

/** The x at which I_x(a, b) = p, by halving: slow, and never wrong about which side it is on. */
export function inverseIncompleteBeta(p: number, a: number, b: number): number {
  if (!(p >= 0 && p <= 1)) throw refuse(`a probability lies between 0 and 1, not ${p}`);
  return halve(0, 1, (x) => incompleteBeta(x, a, b) < p);
}
