// Exact two-sample Kolmogorov-Smirnov probability: the share of lattice paths that leave the band around the diagonal
// (J. L. Hodges, "The significance probability of the Smirnov two-sample test", 1958; Drion 1952 for equal sizes).
import { gcd } from './gcd.js';

/** Beyond this many lattice points the exact answer is refused: these take up to two seconds, twice what `auto` asks at most. */
const LARGEST_LATTICE = 2e8;
const LARGEST_LCM = 2 ** 31;

/** Whether `ksExactTail` is affordable for these sizes. */
export function isExactPossible(n: number, m: number): boolean {
  if (n === m) return n < LARGEST_LCM;
  return n * m <= LARGEST_LATTICE && (n / gcd(n, m)) * m < LARGEST_LCM;
}

/** P(D >= h / lcm(n, m)) when all orders of the n + m values are equally likely. */
export function ksExactTail(n: number, m: number, h: number): number {
  if (h <= 0) return 1;
  const p = n === m ? equalSizes(n, h) : leavesBand(Math.max(n, m), Math.min(n, m), h);
  return Math.min(1, Math.max(0, p));
}

/** Reflection principle: 2 sum of (-1)^(i-1) C(2n, n - ih) / C(2n, n), nested so that no binomial is formed. */
function equalSizes(n: number, h: number): number {
  let p = 0;
  for (let i = Math.floor(n / h); i >= 1; i -= 1) {
    // Ratio of C(2n, n - ih) to C(2n, n - (i - 1)h).
    let ratio = 1;
    for (let j = 0; j < h; j += 1) ratio *= (n - (i - 1) * h - j) / (n + (i - 1) * h + j + 1);
    p = ratio * (1 - p);
  }
  return 2 * p;
}

/**
 * Among paths from the origin to (i, j), the share that has touched |i m - j n| >= h gcd: one on or past the band, else the
 * mean of its two predecessors weighted by i and j. All terms are positive, so small probabilities keep their digits.
 */
function leavesBand(n: number, m: number, h: number): number {
  const g = gcd(n, m);
  const [across, up] = [m / g, n / g];
  const share = new Float64Array(m + 1);
  for (let j = 0; j <= m; j += 1) share[j] = j * up >= h ? 1 : 0;
  // Below `low` the path lies outside on one side; above `high` on the other, where every share is 1.
  let last = Math.min(m, Math.ceil(h / up));
  for (let i = 1; i <= n; i += 1) {
    const diagonal = i * across;
    const low = Math.max(0, Math.floor((diagonal - h) / up) + 1);
    const high = Math.min(m, Math.ceil((diagonal + h) / up) - 1);
    for (let j = last + 1; j <= high; j += 1) share[j] = 1;
    if (low > 0) share[low - 1] = 1;
    for (let j = low; j <= high; j += 1) {
      const fromBelow = j === 0 ? 0 : (share[j - 1] as number);
      share[j] = (i * (share[j] as number) + j * fromBelow) / (i + j);
    }
    last = high;
    if (high < m) share[high + 1] = 1;
  }
  return share[m] as number;
}
