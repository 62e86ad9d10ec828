// Mean and central moments that add up without losing digits: Pebay 2008 (SAND2008-6212), equations for two sets.
// Sums of powers would cancel: for times around 1.7e12 they have no correct digit left in the variance.

/** Sums over values of (x - mean)^2, ^3, ^4. As JSON. */
export interface CentralSums {
  readonly n: number;
  readonly mean: number;
  readonly m2: number;
  readonly m3: number;
  readonly m4: number;
}

export const NO_VALUES: CentralSums = { n: 0, mean: 0, m2: 0, m3: 0, m4: 0 };

/** Of the first `n` values, whose sum is known. */
export function centralSums(values: Float64Array, n: number, sum: number): CentralSums {
  if (n === 0) return NO_VALUES;
  const mean = sum / n;
  let m1 = 0;
  let m2 = 0;
  let m3 = 0;
  let m4 = 0;
  for (let i = 0; i < n; i += 1) {
    const d = (values[i] as number) - mean;
    const square = d * d;
    m1 += d;
    m2 += square;
    m3 += square * d;
    m4 += square * square;
  }
  // What rounding left in the mean; its effect on the higher sums is of second order for m2 and of first for m3.
  const shift = m1 / n;
  const even = (sum: number): number => Math.max(0, sum);
  return { n, mean: mean + shift, m2: even(m2 - m1 * shift), m3: m3 - 3 * shift * m2, m4: even(m4 - 4 * shift * m3) };
}

export function mergeSums(a: CentralSums, b: CentralSums): CentralSums {
  if (a.n === 0) return b;
  if (b.n === 0) return a;
  const n = a.n + b.n;
  const d = b.mean - a.mean;
  const p = a.n / n;
  const q = b.n / n;
  const m2 = a.m2 + b.m2 + d * d * a.n * q;
  const m3 = a.m3 + b.m3 + d ** 3 * a.n * q * (p - q) + 3 * d * (p * b.m2 - q * a.m2);
  const m4 =
    a.m4 +
    b.m4 +
    d ** 4 * a.n * q * (p * p - p * q + q * q) +
    6 * d * d * (p * p * b.m2 + q * q * a.m2) +
    4 * d * (p * b.m3 - q * a.m3);
  return { n, mean: a.mean + d * q, m2, m3, m4 };
}

export interface Moments {
  readonly mean: number;
  /** With n - 1; NaN for one value. */
  readonly variance: number;
  /** m3 / m2^1.5 over n, as scipy's default; NaN when all values are equal. */
  readonly skewness: number;
  /** Excess over the normal distribution's, as scipy's default; NaN when all values are equal. */
  readonly kurtosis: number;
}

export function momentsOf({ n, mean, m2, m3, m4 }: CentralSums): Moments {
  return {
    mean: n === 0 ? Number.NaN : mean,
    variance: n < 2 ? Number.NaN : m2 / (n - 1),
    skewness: m3 / n / (m2 / n) ** 1.5,
    kurtosis: m4 / n / (m2 / n) ** 2 - 3,
  };
}
