// Ascending order of values, with ties in the order that NumPy's portable `argsort` leaves them. Which of several equal
// rows is flagged hangs on it, and cleanlab's answer is NumPy's: median-of-three quicksort (Sedgewick 1978; Musser 1997)
// over an index array, insertion sort for 16 entries and fewer. (On processors where NumPy sorts with SIMD instructions
// ties fall otherwise, and so does cleanlab's answer; this one is the same on every machine.)
const SMALL = 15;

/** Row numbers in ascending order of their value; no NaN. */
export function portableOrder(values: Float64Array): Uint32Array {
  const order = Uint32Array.from(values, (_, i) => i);
  sortPart({ values, order }, 0, order.length - 1, 2 * Math.floor(Math.log2(Math.max(1, order.length))));
  return order;
}

/** The first `count` rows of that order, in no particular order; the slow way only where ties straddle the cut. */
export function lowestRows(values: Float64Array, count: number): Uint32Array {
  if (count <= 0) return new Uint32Array();
  if (count >= values.length) return Uint32Array.from(values, (_, i) => i);
  const sorted = values.slice().sort();
  const last = sorted[count - 1] as number;
  if (last === sorted[count]) return portableOrder(values).subarray(0, count);
  const rows = new Uint32Array(count);
  let found = 0;
  for (let i = 0; i < values.length; i += 1) if ((values[i] as number) <= last) rows[found++] = i;
  return rows;
}

interface Sorted {
  readonly values: Float64Array;
  readonly order: Uint32Array;
}

function sortPart(sorted: Sorted, from: number, to: number, depth: number): void {
  let low = from;
  let high = to;
  let left = depth;
  // Input made to be slow ends here; ties then keep the order they have.
  if (left < 0) {
    sorted.order.subarray(low, high + 1).sort((a, b) => (sorted.values[a] as number) - (sorted.values[b] as number));
    return;
  }
  while (high - low > SMALL) {
    const middle = partition(sorted, low, high);
    left -= 1;
    if (middle - low < high - middle) {
      sortPart(sorted, middle + 1, high, left);
      high = middle - 1;
    } else {
      sortPart(sorted, low, middle - 1, left);
      low = middle + 1;
    }
  }
  insertionSort(sorted, low, high);
}

/** Splits around the median of first, middle and last; gives the place of that median. */
function partition({ values, order }: Sorted, low: number, high: number): number {
  const valueAt = (place: number): number => values[order[place] as number] as number;
  const swap = (a: number, b: number): void => {
    const held = order[a] as number;
    order[a] = order[b] as number;
    order[b] = held;
  };
  const middle = low + ((high - low) >> 1);
  if (valueAt(middle) < valueAt(low)) swap(middle, low);
  if (valueAt(high) < valueAt(middle)) swap(high, middle);
  if (valueAt(middle) < valueAt(low)) swap(middle, low);
  const pivot = valueAt(middle);
  let i = low;
  let j = high - 1;
  swap(middle, j);
  for (;;) {
    do i += 1;
    while (valueAt(i) < pivot);
    do j -= 1;
    while (pivot < valueAt(j));
    if (i >= j) break;
    swap(i, j);
  }
  swap(i, high - 1);
  return i;
}

function insertionSort({ values, order }: Sorted, low: number, high: number): void {
  for (let i = low + 1; i <= high; i += 1) {
    const row = order[i] as number;
    const value = values[row] as number;
    let j = i;
    for (; j > low && value < (values[order[j - 1] as number] as number); j -= 1) order[j] = order[j - 1] as number;
    order[j] = row;
  }
}
