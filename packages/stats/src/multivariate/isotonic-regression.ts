// The non-decreasing curve nearest to weighted points, by pooling adjacent violators (Ayer, Brunk, Ewing, Reid and
// Silverman, Annals of Mathematical Statistics 26, 1955). Calibrates scores without assuming a shape.
import { checkFinite, refuseInput } from '../samples.js';

export interface Isotonic {
  /** Ascending corners of the curve. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Linear between corners, constant outside them. */
  readonly at: (x: number) => number;
}

interface Block {
  /** First and last x. */
  from: number;
  to: number;
  sum: number;
  weight: number;
}

/**
 * @param weights of the points, from 0; default all 1. Points of weight 0 are left out
 * @throws VallumError STATS_INPUT on NaN, infinities, different lengths, negative weights, no weight at all
 */
export function isotonicRegression(x: Float64Array, y: Float64Array, weights?: Float64Array): Isotonic {
  checkFinite(x);
  checkFinite(y);
  if (weights !== undefined) checkFinite(weights);
  if (y.length !== x.length || (weights ?? x).length !== x.length)
    throw refuseInput('the points are not of one length');
  const order = Uint32Array.from(x, (_, i) => i).sort((a, b) => (x[a] as number) - (x[b] as number) || a - b);
  const blocks: Block[] = [];
  let previous: number | undefined;
  for (const i of order) {
    const weight = weights === undefined ? 1 : (weights[i] as number);
    if (weight < 0) throw refuseInput('a weight is negative');
    if (weight === 0) continue;
    const [at, sum] = [x[i] as number, (y[i] as number) * weight];
    const last = blocks.at(-1);
    // Points at one x are one point first: the curve has one value there.
    if (last !== undefined && previous === at) {
      last.sum += sum;
      last.weight += weight;
    } else {
      pool(blocks);
      blocks.push({ from: at, to: at, sum, weight });
    }
    previous = at;
  }
  if (blocks.length === 0) throw refuseInput('all weights are 0');
  pool(blocks);
  return curve(blocks);
}

/** Merges the last block backwards while it lies below the one before. */
function pool(blocks: Block[]): void {
  for (;;) {
    const last = blocks.at(-1);
    const before = blocks.at(-2);
    if (last === undefined || before === undefined || before.sum / before.weight < last.sum / last.weight) return;
    before.to = last.to;
    before.sum += last.sum;
    before.weight += last.weight;
    blocks.pop();
  }
}

function curve(blocks: readonly Block[]): Isotonic {
  const corners = blocks.flatMap(({ from, to, sum, weight }) =>
    from === to ? [[from, sum / weight] as const] : [[from, sum / weight] as const, [to, sum / weight] as const],
  );
  const x = Float64Array.from(corners, ([at]) => at);
  const y = Float64Array.from(corners, ([, value]) => value);
  const at = (value: number): number => {
    let low = 0;
    let high = x.length - 1;
    if (!(value > (x[0] as number))) return y[0] as number;
    if (value >= (x[high] as number)) return y[high] as number;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((x[middle] as number) <= value) low = middle;
      else high = middle;
    }
    const share = (value - (x[low] as number)) / ((x[high] as number) - (x[low] as number));
    return (y[low] as number) + share * ((y[high] as number) - (y[low] as number));
  };
  return { x, y, at };
}
