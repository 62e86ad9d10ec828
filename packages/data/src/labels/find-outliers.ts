// Rows unlike all others: mean distance to the nearest neighbours, as a score from 0 (far from everything) to 1. Metric,
// score and fence are those of cleanlab 2.9 (Kuan and Mueller, "Back to the basics: revisiting out-of-distribution
// detection baselines", 2022), so a team that moves over sees the same rows.
import { pause, VallumError } from '@vallum/core';
import { nearest, quantile } from '@vallum/stats';
import type { Matrix } from '@vallum/stats';

export interface OutlierOptions {
  /** Default 10, or one less than there are rows. */
  readonly neighbours?: number;
  /** Interquartile ranges above the third quartile; default 1 / 0.37037 - 1, just beyond Tukey's 1.5. */
  readonly fence?: number;
  /** Default euclidean up to three columns, cosine above. */
  readonly metric?: 'euclidean' | 'cosine';
  readonly signal?: AbortSignal;
}

export interface Outliers {
  /** exp(-distance / median distance) for each row. */
  readonly scores: Float64Array;
  /** Rows beyond the fence, the farthest first. */
  readonly rows: readonly number[];
  /** Mean distance to the neighbours from which a row counts as far. */
  readonly limit: number;
  readonly metric: 'euclidean' | 'cosine';
}

/** With more columns than this directions say more than lengths. */
const EUCLIDEAN_COLUMNS = 3;
const DEFAULT_NEIGHBOURS = 10;
const DEFAULT_FENCE = 1 / 0.37037 - 1;
/** Where half the rows are copies of each other the median distance is 0. */
const LEAST_SCALE = 100 * Number.EPSILON;

/**
 * @throws VallumError LABELS_INPUT on fewer than three rows or impossible options
 * @throws VallumError STATS_INPUT on NaN or more rows and columns than the exact search bears
 */
export async function findOutliers(features: Matrix, options: OutlierOptions = {}): Promise<Outliers> {
  const { neighbours = DEFAULT_NEIGHBOURS, fence = DEFAULT_FENCE, signal } = options;
  const { rows } = features;
  const k = Math.min(neighbours, rows - 1);
  if (!(rows >= 3 && Number.isSafeInteger(k) && k >= 1 && fence >= 0))
    throw new VallumError('LABELS_INPUT', 'outliers need at least three rows, a neighbour and a fence from 0', {
      fix: 'give more rows, or leave the options out',
    });
  const metric = options.metric ?? (features.columns > EUCLIDEAN_COLUMNS ? 'cosine' : 'euclidean');
  const [found] = await nearest(features, { k, metric, turn: () => pause(signal) });
  const distances = Array.from({ length: rows }, (_, row) => {
    const of = found?.distance.subarray(row * k, (row + 1) * k) ?? new Float64Array(k);
    return of.reduce((sum, distance) => sum + distance, 0) / k;
  });
  const scale = Math.max(quantile(distances, 0.5), LEAST_SCALE);
  const [first, third] = [quantile(distances, 0.25), quantile(distances, 0.75)];
  const limit = third + fence * (third - first);
  const far = distances.flatMap((distance, row) => (distance > limit ? [row] : []));
  return {
    scores: Float64Array.from(distances, (distance) => Math.exp(-distance / scale)),
    rows: far.sort((a, b) => (distances[b] as number) - (distances[a] as number) || a - b),
    limit,
    metric,
  };
}
