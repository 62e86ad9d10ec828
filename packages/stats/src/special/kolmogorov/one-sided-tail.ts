// The one-sided Kolmogorov statistic: an exact sum of positive terms (Smirnov 1944; Birnbaum and Tingey 1951), and for very
// large n Lauwerier's expansion of it (1963), whose next term is of relative order (n d^2)^3 / n^2.
import { binomialTerm } from '../deviance.js';

const LARGEST_SUM = 100_000;

/** P(D+_n >= d) for 0 < d < 1. */
export function oneSidedTail(n: number, d: number): number {
  if (n > LARGEST_SUM) return expansion(n, d);
  let sum = (1 - d) ** n;
  for (let j = 1; j <= n; j += 1) {
    const share = d + j / n;
    if (share >= 1) break;
    sum += (d * binomialTerm(j, n, share)) / share;
  }
  return sum;
}

function expansion(n: number, d: number): number {
  const root = Math.sqrt(n);
  const z = d * root;
  const square = z * z;
  const first = (-2 / 3) * z;
  const second = (4 / 9) * square * (1 - square);
  const third = (4 / 45) * z - (88 / 405) * z * square;
  return Math.exp(-2 * square + (first + (second + third / root) / root) / root);
}
