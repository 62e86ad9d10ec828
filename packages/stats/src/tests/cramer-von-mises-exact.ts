// Exact law of the two-sample Cramer-von Mises statistic for small samples: every order of the pooled values is a lattice path,
// and paths are counted by the sum of squares they have gathered (Y. Xiao, A. Gordon and A. Yakovlev, "A C++ program for the
// Cramer-von Mises two-sample test", Journal of Statistical Software 17(8), 2006).
import { gcd } from './gcd.js';

/**
 * P(U >= u) for u = n sum (r_i - i)^2 + m sum (s_j - j)^2. Between two values of the law, which ties can reach, the lower one is
 * taken: p is then an upper bound.
 */
export function cramerVonMisesExactTail(n: number, m: number, u: number): number {
  const lcm = (n / gcd(n, m)) * m;
  const [across, up] = [lcm / n, lcm / m];
  const product = n * m;
  const reached = Math.floor((lcm * lcm * (n + m) * (6 * u - product * (4 * product - 1))) / (6 * product * product));
  const square = (i: number, j: number): number => (across * i - up * j) ** 2;
  const { most, ways } = ahead(n, m, square);
  const at = (i: number, j: number): number => i * (m + 1) + j;
  // For each height of the path: number of paths by gathered sum, as long as the rest of the path can still decide.
  let beyond = 0;
  let column: Map<number, number>[] = [];
  for (let i = 0; i <= n; i += 1) {
    const next: Map<number, number>[] = [];
    for (let j = 0; j <= m; j += 1) {
      const here = new Map<number, number>();
      const gather = (sum: number, paths: number): void => {
        if (sum >= reached) beyond += paths * (ways[at(i, j)] as number);
        else if (sum + (most[at(i, j)] as number) >= reached) here.set(sum, (here.get(sum) ?? 0) + paths);
      };
      if (i === 0 && j === 0) gather(0, 1);
      for (const source of [column[j], next[j - 1]])
        for (const [sum, paths] of source ?? []) gather(sum + square(i, j), paths);
      next.push(here);
    }
    column = next;
  }
  return beyond / (ways[0] as number);
}

/** For each point of the lattice: the largest sum that can follow it, and the number of paths from it to the end. */
function ahead(n: number, m: number, square: (i: number, j: number) => number) {
  const size = (n + 1) * (m + 1);
  const [most, ways] = [new Float64Array(size), new Float64Array(size)];
  for (let i = n; i >= 0; i -= 1)
    for (let j = m; j >= 0; j -= 1) {
      const [here, right, above] = [i * (m + 1) + j, (i + 1) * (m + 1) + j, i * (m + 1) + j + 1];
      if (i === n && j === m) ways[here] = 1;
      if (i < n) {
        ways[here] = (ways[here] as number) + (ways[right] as number);
        most[here] = Math.max(most[here] as number, (most[right] as number) + square(i + 1, j));
      }
      if (j < m) {
        ways[here] = (ways[here] as number) + (ways[above] as number);
        most[here] = Math.max(most[here] as number, (most[above] as number) + square(i, j + 1));
      }
    }
  return { most, ways };
}
