// The Kolmogorov distribution for large n as its limit and three correction terms, error of order 1 / n^2
// (W. Pelz and I. J. Good, "Approximating the lower tail-areas of the Kolmogorov-Smirnov one-sample statistic", 1976).

const PI2 = Math.PI ** 2;

/** P(D_n <= d); the error is about 0.05 / n^2 (3e-6 at n = 140), up to 0.4 / n^2 for the smallest d that `tail.ts` asks for. */
export function pelzGood(n: number, d: number): number {
  const root = Math.sqrt(n);
  const z = root * d;
  const z2 = z * z;
  const z4 = z2 * z2;
  const z6 = z4 * z2;
  const sums = [0, 0, 0, 0];
  const add = (order: number, amount: number): void => {
    sums[order] = (sums[order] as number) + amount;
  };
  for (let k = 0; ; k += 1) {
    const a = PI2 * (k + 0.5) ** 2;
    const weight = Math.exp(-a / (2 * z2));
    // k = 0 and -1, 1 and -2 and so on give the same terms.
    add(0, 2 * weight);
    add(1, 2 * weight * (a - z2));
    add(2, 2 * weight * (6 * z6 + 2 * z4 + a * (2 * z4 - 5 * z2) + a * a * (1 - 2 * z2)));
    add(
      3,
      2 *
        weight *
        (-30 * z6 - 90 * z4 * z4 + a * (135 * z4 - 96 * z6) + a * a * (212 * z4 - 60 * z2) + a ** 3 * (5 - 30 * z2)),
    );
    if (weight * a ** 3 < 1e-20) break;
  }
  let whole2 = 0;
  let whole3 = 0;
  for (let k = 1; ; k += 1) {
    const a = PI2 * k * k;
    const weight = Math.exp(-a / (2 * z2));
    whole2 += 2 * weight * a;
    whole3 += 2 * weight * (3 * a * z2 - a * a);
    if (weight * a ** 2 < 1e-20) break;
  }
  const [s0, s1, s2, s3] = sums as [number, number, number, number];
  const terms = [
    s0 / z,
    s1 / (6 * z4),
    s2 / (72 * z6 * z) - whole2 / (36 * z2 * z),
    s3 / (6480 * z6 * z4) + whole3 / (216 * z6),
  ];
  return Math.sqrt(Math.PI / 2) * terms.reduceRight((sum, term) => sum / root + term, 0);
}
