// Whole numbers from estimated counts, keeping the sum. Sums are pairwise (Higham 1993) with the block sizes NumPy
// documents, because a half is rounded to the even side and the last bit decides whether there is a half.
import { portableOrder } from './portable-order.js';

const BLOCK = 128;

/** Sum with a rounding error that grows with log n, in NumPy's order of additions. */
export function pairwiseSum(values: Float64Array, from = 0, n = values.length): number {
  const at = (i: number): number => values[from + i] as number;
  if (n < 8) {
    let sum = 0;
    for (let i = 0; i < n; i += 1) sum += at(i);
    return sum;
  }
  if (n > BLOCK) {
    const half = Math.floor(n / 2);
    const left = half - (half % 8);
    return pairwiseSum(values, from, left) + pairwiseSum(values, from + left, n - left);
  }
  const part = [at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7)] as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  let i = 8;
  for (; i < n - (n % 8); i += 8)
    for (let lane = 0; lane < 8; lane += 1) part[lane] = (part[lane] as number) + at(i + lane);
  let sum = part[0] + part[1] + (part[2] + part[3]) + (part[4] + part[5] + (part[6] + part[7]));
  for (; i < n; i += 1) sum += at(i);
  return sum;
}

/** To the nearest whole number, halves to the even one (IEEE 754 roundTiesToEven). */
export function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return rest < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}

/**
 * Whole numbers near the estimates that sum to the rounded sum. Where rounding each one misses that sum, the entries
 * that were rounded furthest the other way move by one.
 */
export function roundKeepingSum(estimates: Float64Array): Int32Array {
  const whole = Int32Array.from(estimates, roundHalfEven);
  const wanted = roundHalfEven(pairwiseSum(estimates));
  for (;;) {
    const missing = wanted - whole.reduce((sum, value) => sum + value, 0);
    if (missing === 0) return whole;
    const order = portableOrder(Float64Array.from(estimates, (value, i) => value - (whole[i] as number)));
    if (missing > 0) order.reverse();
    for (const i of order.subarray(0, Math.abs(missing))) whole[i] = (whole[i] as number) + Math.sign(missing);
  }
}
