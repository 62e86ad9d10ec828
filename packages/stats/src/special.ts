// Special functions behind the intervals: log-gamma, the regularised incomplete beta function, the normal quantile.
// Sources: Lanczos 1964 (g = 7, nine terms), DLMF 8.17.22 evaluated by Lentz's method, DLMF 7.6.2 for erf.
import { refuse } from './refuse.js';

const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const;
const TINY = 1e-300;
const HALVINGS = 200;

/** Natural logarithm of the gamma function for x > 0; about 1e-14 relative. */
export function logGamma(x: number): number {
  if (!(x > 0)) throw refuse(`logGamma needs a number above 0, not ${x}`);
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const shifted = x - 1;
  const t = shifted + 7.5;
  const series = LANCZOS.reduce(
    (sum, coefficient, i) => sum + (i === 0 ? coefficient : coefficient / (shifted + i)),
    0,
  );
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(t) - t + Math.log(series);
}

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

/** The z below which a standard normal variable falls with probability p, for 1e-9 <= p <= 1 - 1e-9. */
export function normalQuantile(p: number): number {
  if (!(p >= 1e-9 && p <= 1 - 1e-9)) throw refuse(`the normal quantile is given from 1e-9 to 1 - 1e-9, not at ${p}`);
  if (p < 0.5) return -normalQuantile(1 - p);
  return halve(0, 7, (z) => 0.5 + 0.5 * erf(z / Math.SQRT2) < p);
}

function erf(x: number): number {
  let term = x;
  let sum = x;
  // All terms are positive, so nothing cancels.
  for (let n = 1; term > sum * 1e-17; n += 1) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

function halve(from: number, to: number, below: (x: number) => boolean): number {
  let low = from;
  let high = to;
  for (let i = 0; i < HALVINGS; i += 1) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (below(middle)) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
