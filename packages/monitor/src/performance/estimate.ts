// Performance without labels by CBPE (confidence-based performance estimation): calibrated probabilities make an expected
// confusion matrix. Works for two classes and for many. The interval is that of the realised figure: labels are drawn from
// probabilities whose calibration is itself refitted on resampled reference rows, so both the size of the chunk and the
// size of the reference widen it.
import { mulberry32, quantile } from '@vallum/stats';
import { calibrationRows, fitCalibrator } from './calibration.js';
import type { CalibrationRows, Calibrator } from './calibration.js';
import type { MetricValues } from './metrics.js';
import { METRICS, metricsOf, prepare } from './metrics.js';
import type { Figure } from './realised.js';
import { checkLabelled, checkScored, performanceInput } from './scored.js';
import type { Labelled, Scored } from './scored.js';

export const CBPE_CANNOT_SEE =
  'it assumes that a score still means what it meant in the reference: concept drift (the same inputs with other labels) is invisible, and under covariate shift the calibration may be off';

export type Estimate =
  | {
      readonly kind: 'estimate';
      readonly method: 'cbpe' | 'pape';
      readonly rows: number;
      readonly figures: readonly Figure[];
      readonly cannotSee: string;
    }
  | { readonly kind: 'not-enough-data'; readonly method: 'cbpe' | 'pape'; readonly rows: number; readonly why: string };

export interface EstimateOptions {
  readonly seed: number;
  /** Default 0.95. */
  readonly level?: number;
  /** Calibrations refitted, and label sets drawn, for the interval; default 100. */
  readonly resamples?: number;
  /** Rows of a chunk below which nothing is said; default 300. */
  readonly minRows?: number;
  /** Awaited between steps: give the event loop a turn, throw to stop. */
  readonly turn?: () => Promise<void>;
}

/** Labelled rows without which no calibration is learnt, and rows of each class among them. */
export const MIN_REFERENCE_ROWS = 500;
export const MIN_CLASS_ROWS = 20;

/** Calibration learnt once, for many chunks. */
export interface Cbpe {
  readonly estimate: (chunk: Scored) => Promise<Estimate>;
}

/** @throws VallumError PERFORMANCE_INPUT on broken input or options */
export async function fitCbpe(reference: Labelled, options: EstimateOptions): Promise<Cbpe> {
  checkLabelled(reference);
  const thin = tooThin(reference);
  const rows = thin === undefined ? calibrationRows(reference) : undefined;
  const fits =
    rows === undefined
      ? undefined
      : await fitResampled(rows, new Float64Array(reference.labels.length).fill(1), options);
  return {
    estimate: async (chunk) => {
      checkChunk(chunk, reference);
      const { rows: n } = chunk.probabilities;
      const why = thin ?? tooSmall(chunk, options);
      if (why !== undefined || fits === undefined)
        return { kind: 'not-enough-data', method: 'cbpe', rows: n, why: why ?? '' };
      const figures = await expectedFigures(chunk, fits, options);
      return { kind: 'estimate', method: 'cbpe', rows: n, figures, cannotSee: CBPE_CANNOT_SEE };
    },
  };
}

export interface Fits {
  readonly best: Calibrator;
  readonly resampled: readonly Calibrator[];
}

/** One calibration on all rows, and others on rows drawn again with replacement. */
export async function fitResampled(
  rows: CalibrationRows,
  weights: Float64Array,
  options: EstimateOptions,
): Promise<Fits> {
  const { seed, resamples = 100, turn } = options;
  if (!Number.isSafeInteger(resamples) || resamples < 20 || resamples > 10_000)
    throw performanceInput(`${resamples} resamples give no interval`, 'ask for 20 to 10,000');
  const random = mulberry32(seed);
  const resampled: Calibrator[] = [];
  for (let i = 0; i < resamples; i += 1) {
    const drawn = new Float64Array(weights.length);
    for (let draw = 0; draw < weights.length; draw += 1) {
      const row = Math.floor(random() * weights.length);
      drawn[row] = (drawn[row] as number) + (weights[row] as number);
    }
    resampled.push(fitCalibrator(rows, drawn));
    await turn?.();
  }
  return { best: fitCalibrator(rows, weights), resampled };
}

export async function expectedFigures(
  chunk: Scored,
  { best, resampled }: Fits,
  options: EstimateOptions,
): Promise<readonly Figure[]> {
  const { seed, level = 0.95, turn } = options;
  if (!(level > 0 && level < 1))
    throw performanceInput(`a level lies between 0 and 1, not at ${level}`, 'ask for 0.95');
  const { rows, columns } = chunk.probabilities;
  const prepared = prepare(chunk);
  const expected = metricsOf(prepared, best(chunk.probabilities));
  const random = mulberry32(seed ^ 0x9e3779b9);
  const drawn: MetricValues[] = [];
  for (const calibrate of resampled) {
    drawn.push(metricsOf(prepared, drawLabels(calibrate(chunk.probabilities), columns, random)));
    await turn?.();
  }
  return METRICS.flatMap((metric) => {
    const value = expected[metric];
    const of = drawn.map((draw) => draw[metric]).filter((each) => !Number.isNaN(each));
    if (Number.isNaN(value) || of.length < resampled.length / 2) return [];
    const low = Math.min(value, quantile(of, (1 - level) / 2));
    return [{ metric, value, n: rows, low, high: Math.max(value, quantile(of, (1 + level) / 2)) }];
  });
}

/** One label for each row, by its probabilities; as ones and zeros. */
function drawLabels(probabilities: Float64Array, classes: number, random: () => number): Float64Array {
  const truth = new Float64Array(probabilities.length);
  for (let start = 0; start < truth.length; start += classes) {
    let left = random();
    let k = 0;
    for (; k < classes - 1 && left >= (probabilities[start + k] as number); k += 1)
      left -= probabilities[start + k] as number;
    truth[start + k] = 1;
  }
  return truth;
}

/** @throws VallumError PERFORMANCE_INPUT when the chunk is broken or has other classes than the reference */
export function checkChunk(chunk: Scored, reference: Scored): void {
  checkScored(chunk);
  const [now, before] = [chunk.probabilities.columns, reference.probabilities.columns];
  if (now !== before)
    throw performanceInput(`the chunk has ${now} classes and the reference ${before}`, 'compare one model');
}

/** Why the reference is too thin to learn a calibration. */
export function tooThin({ labels, probabilities: { columns } }: Labelled): string | undefined {
  if (labels.length < MIN_REFERENCE_ROWS)
    return `the reference has ${labels.length} labelled rows, and a calibration needs ${MIN_REFERENCE_ROWS}`;
  const counts = new Int32Array(columns);
  for (const label of labels) counts[label] = (counts[label] as number) + 1;
  const thin = counts.findIndex((count) => count < MIN_CLASS_ROWS);
  return thin === -1
    ? undefined
    : `the reference has ${counts[thin] ?? 0} rows of class ${thin}, and a calibration needs ${MIN_CLASS_ROWS}`;
}

/** Why a chunk is too small to be judged. */
export function tooSmall({ probabilities: { rows } }: Scored, { minRows = 300 }: EstimateOptions): string | undefined {
  return rows < minRows ? `the chunk has ${rows} rows, and ${minRows} are needed` : undefined;
}
