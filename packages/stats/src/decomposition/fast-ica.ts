// Independent components by FastICA, symmetric, with tanh (Hyvarinen and Oja, Neural Networks 13, 2000). Poisoned rows in
// a layer's activations are often a small group far out on one independent axis where no principal axis shows them.
import type { Matrix } from '../matrix.js';
import { mulberry32 } from '../random.js';
import { symmetricEigen } from './symmetric-eigen.js';
import { truncatedSvd } from './truncated-svd.js';

export interface IndependentComponents {
  /** At most what was asked for; directions without variance are left out. */
  readonly count: number;
  /** rows x count, row-major, each component with mean 0 and variance 1. */
  readonly sources: Float64Array;
  readonly converged: boolean;
}

export interface IcaOptions {
  readonly components: number;
  readonly seed: number;
  /** Default 200. */
  readonly iterations?: number;
}

const REST = 1e-6;
/** Directions with less than this share of the largest singular value are noise of rounding. */
const FLAT = 1e-7;

/** @throws VallumError `STATS_INPUT` */
export function fastIca(matrix: Matrix, { components, seed, iterations = 200 }: IcaOptions): IndependentComponents {
  const svd = truncatedSvd(matrix, { rank: components, seed });
  const floor = FLAT * (svd.singular[0] ?? 0);
  const count = svd.singular.filter((value) => value > floor).length;
  if (count === 0) return { count, sources: new Float64Array(), converged: true };
  const white = whiten(svd.scores, svd.singular, matrix.rows, svd.rank, count);
  const random = mulberry32(seed);
  let unmix = decorrelate(
    Float64Array.from({ length: count * count }, () => random() - 0.5),
    count,
  );
  let converged = false;
  for (let i = 0; i < iterations && !converged; i += 1) {
    const next = decorrelate(step(white, matrix.rows, count, unmix), count);
    converged = restsAt(next, unmix, count);
    unmix = next;
  }
  return { count, sources: mix(white, matrix.rows, count, unmix), converged };
}

function whiten(scores: Float64Array, singular: Float64Array, rows: number, rank: number, count: number): Float64Array {
  const white = new Float64Array(rows * count);
  for (let r = 0; r < rows; r += 1)
    for (let d = 0; d < count; d += 1)
      white[r * count + d] = ((scores[r * rank + d] as number) / (singular[d] as number)) * Math.sqrt(rows);
  return white;
}

/** One fixed-point step: w <- E[x g(w.x)] - E[g'(w.x)] w, with g = tanh. */
function step(white: Float64Array, rows: number, count: number, unmix: Float64Array): Float64Array {
  const next = new Float64Array(count * count);
  for (let d = 0; d < count; d += 1) {
    let slope = 0;
    for (let r = 0; r < rows; r += 1) {
      let dot = 0;
      for (let c = 0; c < count; c += 1) dot += (unmix[d * count + c] as number) * (white[r * count + c] as number);
      const g = Math.tanh(dot);
      slope += 1 - g * g;
      for (let c = 0; c < count; c += 1)
        next[d * count + c] = (next[d * count + c] as number) + (g * (white[r * count + c] as number)) / rows;
    }
    for (let c = 0; c < count; c += 1)
      next[d * count + c] = (next[d * count + c] as number) - (slope / rows) * (unmix[d * count + c] as number);
  }
  return next;
}

/** (W W^T)^(-1/2) W: all components are equal partners, none is found first. */
function decorrelate(w: Float64Array, count: number): Float64Array {
  const square = new Float64Array(count * count);
  for (let i = 0; i < count; i += 1)
    for (let j = 0; j < count; j += 1)
      for (let c = 0; c < count; c += 1)
        square[i * count + j] =
          (square[i * count + j] as number) + (w[i * count + c] as number) * (w[j * count + c] as number);
  const { values, vectors } = symmetricEigen(square, count);
  const out = new Float64Array(count * count);
  for (let e = 0; e < count; e += 1) {
    const scale = 1 / Math.sqrt(Math.max(values[e] as number, 1e-300));
    for (let c = 0; c < count; c += 1) {
      let dot = 0;
      for (let i = 0; i < count; i += 1) dot += (vectors[e * count + i] as number) * (w[i * count + c] as number);
      for (let i = 0; i < count; i += 1)
        out[i * count + c] = (out[i * count + c] as number) + scale * (vectors[e * count + i] as number) * dot;
    }
  }
  return out;
}

/** Each direction is the same as before, up to its sign. */
function restsAt(next: Float64Array, before: Float64Array, count: number): boolean {
  for (let d = 0; d < count; d += 1) {
    let dot = 0;
    for (let c = 0; c < count; c += 1) dot += (next[d * count + c] as number) * (before[d * count + c] as number);
    if (Math.abs(Math.abs(dot) - 1) > REST) return false;
  }
  return true;
}

function mix(white: Float64Array, rows: number, count: number, unmix: Float64Array): Float64Array {
  const sources = new Float64Array(rows * count);
  for (let r = 0; r < rows; r += 1)
    for (let d = 0; d < count; d += 1) {
      let dot = 0;
      for (let c = 0; c < count; c += 1) dot += (unmix[d * count + c] as number) * (white[r * count + c] as number);
      sources[r * count + d] = dot;
    }
  return sources;
}
