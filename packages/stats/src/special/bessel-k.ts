// The modified Bessel function of the second kind, scaled, by the trapezoid rule on its integral (DLMF 10.32.9).
// The integrand is analytic and falls doubly exponentially, so equal steps converge to the last digit.
import { refuse } from '../refuse.js';

/** e^x K_order(x) for x > 0 and 0 <= order <= 1; about 1e-14 relative. */
export function scaledBesselK(order: number, x: number): number {
  if (!(x > 0 && x < Infinity && order >= 0 && order <= 1)) throw refuse(`no Bessel K of order ${order} at ${x}`);
  // For large x the peak is a Gaussian of width 1 / sqrt(x), and the step has to follow it.
  const step = Math.min(0.2, 0.6 / Math.sqrt(x));
  let sum = 0.5;
  for (let i = 1; ; i += 1) {
    const t = i * step;
    const half = Math.sinh(t / 2);
    const exponent = 2 * x * half * half;
    if (exponent > 745) break;
    sum += Math.exp(-exponent) * Math.cosh(order * t);
  }
  return sum * step;
}
