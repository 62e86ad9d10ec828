// The limiting law of the Cramer-von Mises statistic: a weighted sum of squared normal variables, weights 1 / (j pi)^2.
import { scaledBesselK } from './bessel-k.js';

/** P(W >= w); about 1e-14 absolute below 1, and relative above it. */
export function cramerVonMisesTail(w: number): number {
  // Below it the law has less than 1e-12, and the series is slow.
  if (w < 0.003) return 1;
  return w < 1 ? Math.min(1, 1 - series(w)) : integral(w);
}

/** P(W <= w) as a series in Bessel functions (T. W. Anderson and D. A. Darling 1952, formula 4.35). */
function series(w: number): number {
  let sum = 0;
  // gamma(k + 1/2) / (gamma(k + 1) sqrt(pi)), by its recurrence.
  let weight = 1;
  for (let k = 0; ; k += 1) {
    const y = 4 * k + 1;
    const q = (y * y) / (16 * w);
    const term = weight * Math.sqrt(y) * Math.exp(-2 * q) * scaledBesselK(0.25, q);
    sum += term;
    if (term < 1e-18) return sum / (Math.PI * Math.sqrt(w));
    weight *= (k + 0.5) / (k + 1);
  }
}

/**
 * Smirnov's formula for the tail: 2 / pi times the integral of sqrt(-t / sin t) exp(-w t^2 / 2) / t over (pi, 2 pi); the next of its
 * alternating terms is smaller by exp(-4 pi^2 w). With t = pi + pi / 2 (1 - cos a) the integrand is smooth and periodic in a,
 * so that equal steps converge to the last digit.
 */
function integral(w: number): number {
  // Beyond it exp(-pi^2 w / 2) underflows.
  if (w > 155) return 0;
  const steps = Math.ceil(48 * (1 + Math.sqrt(w)));
  let sum = 0;
  for (let i = 0; i < steps; i += 1) {
    const angle = (Math.PI * (i + 0.5)) / steps;
    const beyond = Math.PI * Math.sin(angle / 2) ** 2;
    const t = Math.PI + beyond;
    sum += (Math.sin(angle) / Math.sqrt(Math.sin(beyond) * t)) * Math.exp((-w * t * t) / 2);
  }
  return (Math.PI / steps) * sum;
}
