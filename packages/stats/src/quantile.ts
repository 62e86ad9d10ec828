// Sample quantiles, linear between order statistics (Hyndman and Fan 1996, type 7: the default of R and NumPy).
import { refuse } from './refuse.js';

/** @param p between 0 (the minimum) and 1 (the maximum) */
export function quantile(values: readonly number[], p: number): number {
  if (values.length === 0 || values.some(Number.isNaN)) throw refuse('a quantile needs at least one value and no NaN');
  if (!(p >= 0 && p <= 1)) throw refuse(`a quantile lies between 0 and 1, not at ${p}`);
  const sorted = Float64Array.from(values).sort();
  const position = p * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below] as number;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] as number;
  // Equal neighbours first: infinities would give NaN in the difference.
  return low === high ? low : low + (position - below) * (high - low);
}
