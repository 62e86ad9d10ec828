// Distances between block means.

/** Blocks between two looks at whether a row can still be the nearest. */
const STRETCH = 16;

/**
 * Squared distance of `a` to the row of `rows` that begins at `from`; blocks behind the end of `rows` do not count.
 * @param enough once the sum is beyond it, any larger number will do
 */
export function squaredTo(a: Float32Array, rows: Float32Array, from: number, enough = Infinity): number {
  let sum = 0;
  const length = Math.min(a.length, rows.length - from);
  for (let i = 0; i < length;) {
    const end = Math.min(length, i + STRETCH);
    for (; i < end; i += 1) {
      const apart = (a[i] as number) - (rows[from + i] as number);
      sum += apart * apart;
    }
    if (sum > enough) return sum;
  }
  return sum;
}
