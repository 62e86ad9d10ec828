// The distribution of the two-sided Kolmogorov statistic of n values against a continuous law, for every n.
// Which method is good where: R. Simard and P. L'Ecuyer, "Computing the two-sided Kolmogorov-Smirnov distribution",
// Journal of Statistical Software 39(11), 2011.
import { refuse } from '../../refuse.js';
import { durbinMatrix } from './durbin-matrix.js';
import { oneSidedTail } from './one-sided-tail.js';
import { pelzGood } from './pelz-good.js';

/** P(D_n >= d) for whole n >= 1. */
export function kolmogorovTail(n: number, d: number): number {
  if (!(Number.isSafeInteger(n) && n >= 1) || Number.isNaN(d)) throw refuse(`no Kolmogorov tail at n = ${n}, d = ${d}`);
  return Math.min(1, Math.max(0, tail(n, d)));
}

function tail(n: number, d: number): number {
  const scaled = n * d;
  if (scaled <= 0.5) return 1;
  if (d >= 1) return 0;
  if (scaled <= 1) return 1 - aroundEveryStep(n, scaled);
  if (d >= 0.5) return 2 * oneSidedTail(n, d);
  const square = scaled * d;
  if (n <= 140) return square <= 4 ? 1 - durbinMatrix(n, d) : 2 * oneSidedTail(n, d);
  if (square >= 370) return 0;
  // From here both sides being exceeded at once is too rare to count.
  if (square >= 2.2) return 2 * oneSidedTail(n, d);
  return 1 - (n <= 100_000 && n * d ** 1.5 <= 1.4 ? durbinMatrix(n, d) : pelzGood(n, d));
}

/** n! (2d - 1/n)^n: each value has to lie within d of its own step (Ruben and Gambino 1982). */
function aroundEveryStep(n: number, scaled: number): number {
  const width = 2 * scaled - 1;
  let product = 1;
  for (let i = 1; i <= n && product > 0; i += 1) product *= (i / n) * width;
  return product;
}
