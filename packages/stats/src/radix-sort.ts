// Sorting 64-bit floats by their bits. Three passes over the upper 32 bits order most data almost completely, and an insertion
// pass finishes it. Whoever chooses values that agree in their upper half gains nothing: insertion has a budget, after which
// six full passes do the work, so the cost is linear for every input.
import { refuseInput } from './samples.js';

const RADIX_BITS = 11;
const BUCKETS = 1 << RADIX_BITS;
const MASK = BUCKETS - 1;
/** Below this the tables of counts cost more than a comparison sort. */
const SMALL = 1024;
/** Moves of the insertion pass, per value. */
const BUDGET = 4;
const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
const HIGH = LITTLE_ENDIAN ? 1 : 0;

/**
 * A sorted copy, ascending; infinities are in order, -0 and 0 count as equal.
 * @throws VallumError STATS_INPUT on NaN
 */
export function radixSort(values: Float64Array): Float64Array {
  if (isSorted(values)) return Float64Array.from(values);
  for (let i = 0; i < values.length; i += 1) if (Number.isNaN(values[i])) throw refuseInput('a sample contains NaN');
  if (values.length < SMALL) return Float64Array.from(values).sort();
  let from = Float64Array.from(values);
  let to = new Float64Array(values.length);
  const pass = (word: number, shift: number): void => {
    if (scatter(from, to, word, shift)) [from, to] = [to, from];
  };
  const sortByHigh = (): void => [0, RADIX_BITS, 2 * RADIX_BITS].forEach((shift) => pass(HIGH, shift));
  sortByHigh();
  if (insert(from)) return from;
  [0, RADIX_BITS, 2 * RADIX_BITS].forEach((shift) => pass(1 - HIGH, shift));
  sortByHigh();
  return from;
}

/** False on NaN, since no comparison with it holds. */
function isSorted(values: Float64Array): boolean {
  if (values.length === 1) return !Number.isNaN(values[0]);
  for (let i = 1; i < values.length; i += 1) if (!((values[i - 1] as number) <= (values[i] as number))) return false;
  return true;
}

/**
 * One stable counting pass over 11 bits of one half of every value.
 * @returns false, with nothing written, if all values share these bits
 */
function scatter(from: Float64Array, to: Float64Array, word: number, shift: number): boolean {
  const words = new Uint32Array(from.buffer);
  const offsets = new Uint32Array(BUCKETS);
  const n = from.length;
  // A negative float orders by its inverted bits, a positive one above all negative ones: `flip` makes both unsigned order.
  const top = word === HIGH ? 0x80000000 : 0;
  for (let i = 0; i < n; i += 1) {
    const sign = (words[2 * i + HIGH] as number) >> 31;
    const digit = (((words[2 * i + word] as number) ^ (sign | top)) >>> shift) & MASK;
    offsets[digit] = (offsets[digit] as number) + 1;
  }
  let start = 0;
  for (let digit = 0; digit < BUCKETS; digit += 1) {
    const count = offsets[digit] as number;
    if (count === n) return false;
    offsets[digit] = start;
    start += count;
  }
  for (let i = 0; i < n; i += 1) {
    const sign = (words[2 * i + HIGH] as number) >> 31;
    const digit = (((words[2 * i + word] as number) ^ (sign | top)) >>> shift) & MASK;
    const at = offsets[digit] as number;
    offsets[digit] = at + 1;
    to[at] = from[i] as number;
  }
  return true;
}

/** Insertion sort in place; false when the budget ran out, with the values still complete. */
function insert(values: Float64Array): boolean {
  let budget = BUDGET * values.length;
  for (let i = 1; i < values.length; i += 1) {
    const value = values[i] as number;
    let j = i;
    while (j > 0 && (values[j - 1] as number) > value) {
      values[j] = values[j - 1] as number;
      j -= 1;
    }
    values[j] = value;
    budget -= i - j;
    if (budget < 0) return false;
  }
  return true;
}
