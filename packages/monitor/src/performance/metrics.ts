// Accuracy, recall, F1, AUROC and Brier score of a chunk, for labels that are known or only probable. With probabilities
// of labels the figures are those of the expected confusion matrix; known labels are the case of ones and zeros. Of two
// classes class 1 is the positive one; with more classes recall, F1 and AUROC are means over the classes.
import type { Scored } from './scored.js';

export const METRICS = ['accuracy', 'recall', 'f1', 'auroc', 'brier'] as const;
export type MetricId = (typeof METRICS)[number];
/** NaN where a figure has no value: no row of the class, say. */
export type MetricValues = Readonly<Record<MetricId, number>>;

interface Ranked {
  readonly class: number;
  /** Rows in ascending order of their score for the class. */
  readonly order: Uint32Array;
}

export interface Prepared {
  readonly scored: Scored;
  readonly ranked: readonly Ranked[];
}

/** The part that does not depend on labels, done once for a chunk. */
export function prepare(scored: Scored): Prepared {
  const { rows, columns, values } = scored.probabilities;
  const judged = columns === 2 ? [1] : [...Array(columns).keys()];
  const ranked = judged.map((k) => ({
    class: k,
    order: Uint32Array.from({ length: rows }, (_, row) => row).sort(
      (a, b) => (values[a * columns + k] as number) - (values[b * columns + k] as number),
    ),
  }));
  return { scored, ranked };
}

/**
 * @param truth rows x classes: the probability that the row is of the class
 * @param times how often each row counts; default once. (A bootstrap draws these, and nothing is sorted again.)
 */
export function metricsOf({ scored, ranked }: Prepared, truth: Float64Array, times?: Float64Array): MetricValues {
  const { rows, columns, values } = scored.probabilities;
  let [right, squared, total] = [0, 0, 0];
  for (let row = 0; row < rows; row += 1) {
    const count = times === undefined ? 1 : (times[row] as number);
    total += count;
    right += count * (truth[row * columns + (scored.predicted[row] as number)] as number);
    for (const { class: k } of ranked) {
      const [score, p] = [values[row * columns + k] as number, truth[row * columns + k] as number];
      squared += count * (p * (1 - score) ** 2 + (1 - p) * score * score);
    }
  }
  const perClass = ranked.map((of) => ({
    ...counts(scored, of.class, truth, times),
    auroc: auroc(scored, of, truth, times),
  }));
  return {
    accuracy: right / total,
    recall: mean(perClass.map(({ hits, mass }) => hits / mass)),
    f1: mean(perClass.map(({ hits, mass, predicted }) => (2 * hits) / (mass + predicted))),
    auroc: mean(perClass.map((of) => of.auroc)),
    brier: squared / total,
  };
}

function counts(
  { probabilities: { rows, columns }, predicted: of }: Scored,
  k: number,
  truth: Float64Array,
  times?: Float64Array,
) {
  let [hits, mass, predicted] = [0, 0, 0];
  for (let row = 0; row < rows; row += 1) {
    const count = times === undefined ? 1 : (times[row] as number);
    const p = count * (truth[row * columns + k] as number);
    mass += p;
    if (of[row] !== k) continue;
    predicted += count;
    hits += p;
  }
  return { hits, mass, predicted };
}

/** Expected pairs in the right order over expected pairs; a row makes no pair with itself. */
function auroc(
  { probabilities: { columns, values } }: Scored,
  { class: k, order }: Ranked,
  truth: Float64Array,
  times?: Float64Array,
): number {
  let [wins, below, positives, alone] = [0, 0, 0, 0];
  for (let i = 0; i < order.length;) {
    const score = values[(order[i] as number) * columns + k] as number;
    let [p, n, self] = [0, 0, 0];
    for (; i < order.length && values[(order[i] as number) * columns + k] === score; i += 1) {
      const row = order[i] as number;
      const count = times === undefined ? 1 : (times[row] as number);
      const share = truth[row * columns + k] as number;
      p += count * share;
      n += count * (1 - share);
      self += count * share * (1 - share);
    }
    wins += p * below + (p * n - self) / 2;
    below += n;
    positives += p;
    alone += self;
  }
  const pairs = positives * below - alone;
  return pairs > 1e-9 ? wins / pairs : Number.NaN;
}

/** Over the classes that have a value. */
function mean(values: readonly number[]): number {
  const known = values.filter((value) => !Number.isNaN(value));
  return known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** Ones and zeros for known labels. */
export function certain(labels: Int32Array, classes: number): Float64Array {
  const truth = new Float64Array(labels.length * classes);
  for (const [row, label] of labels.entries()) truth[row * classes + label] = 1;
  return truth;
}
