// How well the model does on one window: estimated without labels (CBPE) at once, and measured when labels have arrived. An alert
// needs a figure that is worse than on the reference by more than the floor, and surely so at the monitor's level.
import { normalQuantile } from '@vallum/stats';
import type { SampleColumn, Sample } from '../drift/sample.js';
import { fitCbpe } from '../performance/estimate.js';
import type { Cbpe } from '../performance/estimate.js';
import type { Figure } from '../performance/realised.js';
import { figuresOf, realisedPerformance } from '../performance/realised.js';
import type { Labelled, Scored } from '../performance/scored.js';
import type { Signal } from './signal.js';
import type { PerformanceFigure } from './state.js';

export interface AnswerColumns {
  readonly prediction?: string;
  /** One for each label, in their order. */
  readonly probabilities?: readonly string[];
  readonly label?: string;
  readonly labels: readonly string[];
}

export interface PerformanceSettings {
  readonly columns: AnswerColumns;
  /** Chance of a false alarm in one window, over all figures and both methods. */
  readonly alpha: number;
  /** Differences below are no alert. */
  readonly floor: number;
  readonly seed: number;
  readonly turn?: () => Promise<void>;
}

export interface WatchedPerformance {
  readonly figures: readonly PerformanceFigure[];
  readonly signals: readonly Signal[];
  /** Why there is no figure. */
  readonly why?: string;
}

const LEVEL = 0.95;
const METRICS = 5;
const METHODS = 2;

/** Answers of the model; undefined where a row has none that can be read, or no columns of answers are there. */
export function scoredIn(sample: Sample, columns: AnswerColumns): Scored | undefined {
  const { labels, probabilities, prediction } = columns;
  const said = prediction === undefined ? undefined : columnNamed(sample, prediction);
  const given = (probabilities ?? []).map((name) => columnNamed(sample, name));
  const { rows } = sample;
  const values = new Float64Array(rows * labels.length);
  const predicted = new Int32Array(rows);
  for (let row = 0; row < rows; row += 1) {
    const own = given.map((column) =>
      column === undefined || column.kind === 'text' ? NaN : (column.values[row] as number),
    );
    const best = own.reduce((at, value, k) => (value > (own[at] as number) ? k : at), 0);
    const answer = said === undefined ? best : labels.indexOf(textAt(said, row) ?? '\0');
    if (answer < 0 || (said === undefined && own.length === 0)) return undefined;
    if (own.length === 0) values[row * labels.length + answer] = 1;
    for (const [k, value] of own.entries()) {
      if (!(value >= 0 && value <= 1)) return undefined;
      values[row * labels.length + k] = value;
    }
    predicted[row] = answer;
  }
  return { probabilities: { rows, columns: labels.length, values }, predicted };
}

/** The rows of the reference that have a label. */
export function labelledIn(sample: Sample, columns: AnswerColumns): Labelled | undefined {
  const scored = scoredIn(sample, columns);
  const column = columns.label === undefined ? undefined : columnNamed(sample, columns.label);
  if (scored === undefined || column === undefined) return undefined;
  const labels = Int32Array.from({ length: sample.rows }, (_, row) =>
    columns.labels.indexOf(textAt(column, row) ?? '\0'),
  );
  return withLabels(scored, labels);
}

/** Without the rows whose label is -1. */
export function withLabels(scored: Scored, labels: Int32Array): Labelled {
  const kept = [...labels.keys()].filter((row) => (labels[row] as number) >= 0);
  const k = scored.probabilities.columns;
  const values = Float64Array.from({ length: kept.length * k }, (_, at) => {
    return scored.probabilities.values[(kept[Math.floor(at / k)] as number) * k + (at % k)] as number;
  });
  return {
    probabilities: { rows: kept.length, columns: k, values },
    predicted: Int32Array.from(kept, (row) => scored.predicted[row] as number),
    labels: Int32Array.from(kept, (row) => labels[row] as number),
  };
}

/** What is learnt once from the labelled rows of a reference. */
export interface LearntReference {
  readonly cbpe: Cbpe;
  readonly figures: readonly Figure[];
}

export async function learnReference(
  reference: Labelled,
  { seed, turn }: Pick<PerformanceSettings, 'seed' | 'turn'>,
): Promise<LearntReference> {
  const cbpe = await fitCbpe(reference, { seed, level: LEVEL, ...(turn === undefined ? {} : { turn }) });
  return { cbpe, figures: figuresOf(reference, LEVEL, seed) };
}

/** Without labels: only where the model gives probabilities. */
export async function estimateWindow(
  reference: LearntReference | undefined,
  window: Scored | undefined,
  number: number,
  settings: PerformanceSettings,
): Promise<WatchedPerformance> {
  if (settings.columns.probabilities === undefined)
    return none('without probabilities nothing is known before labels arrive');
  if (reference === undefined) return none('the reference has no answers with labels');
  if (window === undefined) return none('rows of the window have no answer that can be read');
  const estimate = await reference.cbpe.estimate(window);
  if (estimate.kind === 'not-enough-data') return none(estimate.why);
  return judged('cbpe', estimate.figures, reference.figures, number, settings);
}

/** With labels. */
export function measureWindow(
  reference: Labelled | undefined,
  window: Labelled,
  number: number,
  settings: PerformanceSettings,
): WatchedPerformance {
  if (reference === undefined) return none('the reference has no answers with labels');
  const realised = realisedPerformance(reference, window, { seed: settings.seed, level: LEVEL });
  if (realised.kind === 'not-enough-data')
    return none(`${realised.rows} rows have labels, and ${realised.needed} are needed`);
  const before = realised.figures.map(({ reference: figure }) => figure);
  return judged('realised', realised.figures, before, number, settings);
}

const none = (why: string): WatchedPerformance => ({ figures: [], signals: [], why });

function judged(
  method: 'cbpe' | 'realised',
  now: readonly Figure[],
  before: readonly Figure[],
  window: number,
  { alpha, floor, columns }: PerformanceSettings,
): WatchedPerformance {
  // Both intervals are widened from 95 % to the level at hand as those of normal figures are; one side matters.
  const wider = normalQuantile(1 - alpha / METRICS / METHODS) / normalQuantile((1 + LEVEL) / 2);
  const figures: PerformanceFigure[] = [];
  const worse: string[] = [];
  for (const { metric, value, low, high, n } of now) {
    const old = before.find((figure) => figure.metric === metric);
    // Without probabilities a score is only zero or one, and figures about scores say nothing.
    if (old === undefined || (columns.probabilities === undefined && (metric === 'auroc' || metric === 'brier')))
      continue;
    figures.push({ metric, method, value, low, high, n, reference: old.value, window });
    const isLoss = metric === 'brier';
    const loss = isLoss ? value - old.value : old.value - value;
    const [side, other] = isLoss ? [value - low, old.high - old.value] : [high - value, old.value - old.low];
    if (loss > floor && loss > wider * Math.hypot(side, other))
      worse.push(`${metric} ${value.toFixed(3)} against ${old.value.toFixed(3)}`);
  }
  if (worse.length === 0) return { figures, signals: [] };
  const how = method === 'cbpe' ? 'estimated without labels' : 'measured with labels';
  const rule = method === 'cbpe' ? 'VLM-MON-008' : 'VLM-MON-009';
  const rows = now[0]?.n ?? 0;
  const why = `${how} on ${rows} rows: ${worse.join(', ')} on the reference`;
  return { figures, signals: [{ key: JSON.stringify(['performance', method]), rule, columns: [], groups: [], why }] };
}

function columnNamed(sample: Sample, name: string): SampleColumn | undefined {
  return sample.columns.find((column) => column.name === name);
}

/** Labels may be numbers in the file: `0`, `1`. */
function textAt(column: SampleColumn, row: number): string | undefined {
  if (column.kind === 'text') {
    const code = column.codes[row] as number;
    return code < 0 ? undefined : column.levels[code];
  }
  const value = column.values[row] as number;
  if (Number.isNaN(value)) return undefined;
  return column.kind === 'boolean' ? String(value === 1) : String(value);
}
