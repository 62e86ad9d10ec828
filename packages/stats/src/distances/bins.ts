// Equal-width bins by the rules of Sturges (1926) and Doane (1976), edge for edge as NumPy puts them, and counting into bins.
import { checkFinite, checkSample, refuseInput } from '../samples.js';

/**
 * Bin edges over the range of the values, log2(n) + 1 bins.
 * @throws VallumError STATS_INPUT on NaN, infinities or an empty sample
 */
export function sturgesEdges(values: Float64Array): Float64Array {
  checkFinite(values);
  return edges(values, Math.log2(values.length) + 1);
}

/**
 * As Sturges, with more bins for skewed values; a single bin for fewer than three values or a constant.
 * @throws VallumError STATS_INPUT on NaN, infinities or an empty sample
 */
export function doaneEdges(values: Float64Array): Float64Array {
  checkFinite(values);
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n);
  if (n < 3 || !(spread > 0)) return edges(values, 1);
  const skewness = values.reduce((sum, value) => sum + ((value - mean) / spread) ** 3, 0) / n;
  const error = Math.sqrt((6 * (n - 2)) / ((n + 1) * (n + 3)));
  return edges(values, 1 + Math.log2(n) + Math.log2(1 + Math.abs(skewness) / error));
}

function edges(values: Float64Array, ideal: number): Float64Array {
  let low = values.reduce((least, value) => Math.min(least, value), Infinity);
  let high = values.reduce((most, value) => Math.max(most, value), -Infinity);
  const range = high - low;
  if (!(range < Infinity)) throw refuseInput('the range of the values overflows', 'Scale the values down first.');
  // Through the width and back, since the rounding of both divisions decides about one bin more or less.
  const width = range / ideal;
  const bins = width > 0 ? Math.ceil(range / width) : 1;
  if (range === 0) [low, high] = [low - 0.5, high + 0.5];
  const step = (high - low) / bins;
  return Float64Array.from({ length: bins + 1 }, (_, i) => (i === bins ? high : low + i * step));
}

export interface Histogram {
  /** Values in each half-open bin [edge, next edge); the last bin includes its upper edge. */
  readonly counts: Float64Array;
  /** Values outside all bins: dropping them unseen would hide the strongest drift of all. */
  readonly below: number;
  readonly above: number;
}

/**
 * @param edges ascending, at least two
 * @throws VallumError STATS_INPUT on NaN, an empty sample or edges that do not ascend
 */
export function histogram(values: Float64Array, edges: Float64Array): Histogram {
  checkSample(values);
  const bins = edges.length - 1;
  for (let i = 0; i < bins; i += 1)
    if (!((edges[i] as number) < (edges[i + 1] as number))) throw refuseInput('bin edges have to ascend');
  if (bins < 1) throw refuseInput('a histogram needs at least two edges');
  const counts = new Float64Array(bins);
  let [below, above] = [0, 0];
  const [lowest, highest] = [edges[0] as number, edges[bins] as number];
  for (const value of values) {
    if (value < lowest) below += 1;
    else if (value > highest) above += 1;
    else {
      const bin = binOf(value, edges, bins);
      counts[bin] = (counts[bin] as number) + 1;
    }
  }
  return { counts, below, above };
}

function binOf(value: number, edges: Float64Array, bins: number): number {
  let [low, high] = [0, bins];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((edges[middle] as number) <= value) low = middle;
    else high = middle;
  }
  return low;
}
