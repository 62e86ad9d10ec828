// The order of doubles. A bin from `below(v)` to `v` holds the value v and nothing else, so an atom (a value that stands in
// many rows) has an exact place in a distribution function.

const double = new Float64Array(1);
const words = new Int32Array(double.buffer);

/** Where the upper half of a double lies among two 32-bit words of this machine. */
export const HIGH = new Int32Array(Float64Array.of(-2).buffer)[1] === 0 ? 0 : 1;
const LOW = 1 - HIGH;

/** The largest double below a finite v; -Infinity below the smallest one. Zero has one sign here. */
export function below(v: number): number {
  if (v === 0) return -Number.MIN_VALUE;
  double[0] = v;
  const low = words[LOW] as number;
  // Towards zero for positive values, away from it for negative ones: one less or one more among the bit patterns.
  const step = v > 0 ? -1 : 1;
  words[LOW] = low + step;
  if (low === (v > 0 ? 0 : -1)) words[HIGH] = (words[HIGH] as number) + step;
  return double[0] + 0;
}

/** The smallest double above a finite v. */
export function above(v: number): number {
  return -below(-v) + 0;
}

/** An integer that rises with the value: the upper half of its bits, put in order. */
export function orderKey(v: number): number {
  double[0] = v;
  return inOrder(words[HIGH] as number);
}

/** Negative doubles have their bits in the opposite order. */
export function inOrder(highWord: number): number {
  return highWord ^ ((highWord >> 31) & 0x7fffffff);
}
