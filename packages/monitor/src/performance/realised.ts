// Performance of a chunk whose labels have arrived, each figure with its interval, beside the same figure of the
// reference. A chunk has changed in a figure when the interval of the difference leaves out zero (Newcombe's square-and-add,
// Statistics in Medicine 17, 1998); with several chunks and figures give each a stricter level.
import { auc, mulberry32, normalQuantile, quantile, wilson } from '@vallum/stats';
import type { Bounds } from '@vallum/stats';
import { certain, METRICS, metricsOf, prepare } from './metrics.js';
import type { MetricId } from './metrics.js';
import { checkLabelled } from './scored.js';
import type { Labelled } from './scored.js';

export interface Figure extends Bounds {
  readonly metric: MetricId;
  readonly value: number;
  /** Rows that the figure rests on. */
  readonly n: number;
}

export interface RealisedFigure extends Figure {
  readonly reference: Figure;
  /** Interval of chunk minus reference. */
  readonly difference: Bounds;
  readonly change: 'worse' | 'better' | 'none';
}

export type Realised =
  | { readonly kind: 'realised'; readonly rows: number; readonly figures: readonly RealisedFigure[] }
  | { readonly kind: 'not-enough-data'; readonly rows: number; readonly needed: number };

export interface RealisedOptions {
  readonly seed: number;
  /** Default 0.95. */
  readonly level?: number;
  /** Labelled rows below which nothing is said; default 100. */
  readonly minRows?: number;
}

const RESAMPLES = 300;

/** @throws VallumError PERFORMANCE_INPUT on broken input */
export function realisedPerformance(reference: Labelled, chunk: Labelled, options: RealisedOptions): Realised {
  const { seed, level = 0.95, minRows = 100 } = options;
  checkLabelled(reference);
  checkLabelled(chunk);
  const rows = Math.min(chunk.labels.length, reference.labels.length);
  if (rows < minRows) return { kind: 'not-enough-data', rows, needed: minRows };
  const before = figuresOf(reference, level, seed);
  const now = figuresOf(chunk, level, seed);
  const figures = now.flatMap((figure) => {
    const old = before.find(({ metric }) => metric === figure.metric);
    return old === undefined ? [] : [compare(figure, old)];
  });
  return { kind: 'realised', rows: chunk.labels.length, figures };
}

function compare(figure: Figure, reference: Figure): RealisedFigure {
  const value = figure.value - reference.value;
  const difference = {
    low: value - Math.hypot(figure.value - figure.low, reference.high - reference.value),
    high: value + Math.hypot(figure.high - figure.value, reference.value - reference.low),
  };
  const moved = difference.low > 0 ? 1 : difference.high < 0 ? -1 : 0;
  const better = figure.metric === 'brier' ? -moved : moved;
  return { ...figure, reference, difference, change: better > 0 ? 'better' : better < 0 ? 'worse' : 'none' };
}

/** Figures that have a value, with their intervals. */
export function figuresOf(rows: Labelled, level: number, seed: number): readonly Figure[] {
  const { columns, rows: n } = rows.probabilities;
  const values = metricsOf(prepare(rows), certain(rows.labels, columns));
  const intervals = columns === 2 ? twoClasses(rows, level) : resampled(rows, level, seed);
  return METRICS.flatMap((metric) => {
    const of = intervals[metric];
    return Number.isNaN(values[metric]) || of === undefined ? [] : [{ metric, value: values[metric], n, ...of }];
  });
}

type Intervals = Partial<Record<MetricId, Bounds>>;

function twoClasses({ probabilities, predicted, labels }: Labelled, level: number): Intervals {
  const n = labels.length;
  let [right, hits, positives, called] = [0, 0, 0, 0];
  for (let row = 0; row < n; row += 1) {
    if (predicted[row] === labels[row]) right += 1;
    if (labels[row] === 1) positives += 1;
    if (predicted[row] === 1) called += 1;
    if (labels[row] === 1 && predicted[row] === 1) hits += 1;
  }
  // F1 = 2 J / (1 + J), and J is a share: hits among rows that are positive or called so.
  const jaccard = wilson(hits, positives + called - hits, level);
  const scores = Float64Array.from({ length: n }, (_, row) => probabilities.values[2 * row + 1] as number);
  const squares = scores.map((score, row) => (score - (labels[row] as number)) ** 2);
  return {
    accuracy: wilson(right, n, level),
    recall: wilson(hits, positives, level),
    f1: { low: (2 * jaccard.low) / (1 + jaccard.low), high: (2 * jaccard.high) / (1 + jaccard.high) },
    ...(positives > 0 && positives < n ? { auroc: auc(scores, labels, level) } : {}),
    brier: meanInterval(squares, level),
  };
}

/** Of a mean of values between 0 and 1, by its standard error. */
function meanInterval(values: Float64Array, level: number): Bounds {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, n - 1);
  const half = normalQuantile((1 + level) / 2) * Math.sqrt(variance / n);
  return { low: Math.max(0, mean - half), high: Math.min(1, mean + half) };
}

/** Percentile bootstrap over rows: means over classes have no simpler interval. */
function resampled(rows: Labelled, level: number, seed: number): Intervals {
  const n = rows.labels.length;
  const prepared = prepare(rows);
  const truth = certain(rows.labels, rows.probabilities.columns);
  const random = mulberry32(seed);
  const drawn = Array.from({ length: RESAMPLES }, () => {
    const times = new Float64Array(n);
    for (let draw = 0; draw < n; draw += 1) {
      const row = Math.floor(random() * n);
      times[row] = (times[row] as number) + 1;
    }
    return metricsOf(prepared, truth, times);
  });
  return Object.fromEntries(
    METRICS.flatMap((metric) => {
      const of = drawn.map((draw) => draw[metric]).filter((value) => !Number.isNaN(value));
      if (of.length < RESAMPLES / 2) return [];
      return [[metric, { low: quantile(of, (1 - level) / 2), high: quantile(of, (1 + level) / 2) }]];
    }),
  );
}
