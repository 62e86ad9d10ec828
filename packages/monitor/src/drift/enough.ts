// Silence says something only if there were rows enough to speak: the smallest shift that the sizes at hand show four times in
// five, and the rows that a given shift needs. Both are those of the shift test on normal data at the level of one column among
// all (Bonferroni), which the calibrated judge meets within a few per cent; spread and bumps need more.
import { normalQuantile } from '@vallum/stats';

const POWER = 0.8;
/** Of the error budget, what the shift test has left beside the others on normal data. */
const SHIFT_SHARE = 0.8;

function separation(alpha: number, questions: number): number {
  const level = Math.max(2e-9, (alpha * SHIFT_SHARE) / Math.max(1, questions));
  return normalQuantile(1 - level / 2) + normalQuantile(POWER);
}

/** Smallest shift, in standard deviations, that is seen with a probability of 0.8. Infinite where a side has no rows. */
export function smallestSeen(reference: number, current: number, alpha: number, questions: number): number {
  if (reference < 1 || current < 1) return Infinity;
  return separation(alpha, questions) * Math.sqrt(1 / reference + 1 / current);
}

export interface RowsNeeded {
  readonly reference: number;
  readonly current: number;
}

/**
 * Rows with which a shift of `detect` standard deviations is seen with a probability of 0.8: of the current alone where the
 * reference suffices, else of both, equally many.
 */
export function rowsNeeded(detect: number, reference: number, alpha: number, questions: number): RowsNeeded {
  const each = (separation(alpha, questions) / detect) ** 2;
  const left = 1 / each - 1 / reference;
  // A reference that is barely enough would ask for a current of any size; beyond tenfold it is the reference that is small.
  if (left > 0 && 1 / left <= 10 * reference) return { reference, current: Math.ceil(1 / left) };
  return { reference: Math.ceil(2 * each), current: Math.ceil(2 * each) };
}
