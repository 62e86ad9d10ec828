// Poorer answers: the label alone, the k largest, fewer digits. All work on a copy, and keep shape and length.
import type { NumberArray } from '../../protocol/inspected.js';
import { argmax } from './rows.js';

/** 1 for the largest of each row, the first of equal ones, and 0 for the others. A row of one number becomes 0 or 1 at 0.5. */
export function keepLabel(numbers: NumberArray, classes: number): void {
  if (classes === 1) {
    for (let i = 0; i < numbers.length; i += 1) numbers[i] = (numbers[i] as number) >= 0.5 ? 1 : 0;
    return;
  }
  for (let start = 0; start < numbers.length; start += classes) {
    const best = argmax(numbers, start, classes);
    numbers.fill(0, start, start + classes);
    numbers[best] = 1;
  }
}

/**
 * Leaves exactly k of each row, of equal ones the first. The others become 0; where what is left reaches below 0, as scores
 * that are no probabilities may, they become one less than the smallest that is left, so that none of them comes out on top.
 */
export function keepLargest(numbers: NumberArray, classes: number, k: number): void {
  if (k >= classes) return;
  const order = Array.from({ length: classes }, (_, i) => i);
  for (let start = 0; start < numbers.length; start += classes) {
    const at = (i: number): number => withoutNan(numbers[start + i] as number);
    const ranked = order.toSorted((a, b) => (at(a) === at(b) ? a - b : at(b) - at(a)));
    const least = at(ranked[k - 1] as number);
    const filler = least < 0 ? least - 1 : 0;
    for (const i of ranked.slice(k)) numbers[start + i] = filler;
  }
}

function withoutNan(value: number): number {
  return Number.isNaN(value) ? -Infinity : value;
}

/** To so many digits behind the point. Numbers too large to have any keep theirs. */
export function roundAll(numbers: NumberArray, digits: number): void {
  const scale = 10 ** digits;
  for (let i = 0; i < numbers.length; i += 1) {
    const scaled = (numbers[i] as number) * scale;
    // One sign of zero.
    if (Math.abs(scaled) < Number.MAX_SAFE_INTEGER) numbers[i] = Math.round(scaled) / scale + 0;
  }
}
