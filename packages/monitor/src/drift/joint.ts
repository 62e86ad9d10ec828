// All columns at once: what no single column shows, such as two columns that no longer move together. Three views, each with a third
// of the budget: a classifier that tries to tell the samples apart, principal components of the reference, and the discrepancy of
// kernel means. Columns enter as normal scores over both samples, so that units and wild values do not decide; a missing value
// counts as a middle one; categories enter as shares of the largest seven.
import { pause } from '@vallum/core';
import { domainClassifier, mmd, mulberry32, pcaReconstruction } from '@vallum/stats';
import type { Matrix } from '@vallum/stats';
import type { CompareOptions } from './options.js';
import { questionsOf } from './questions.js';
import type { ColumnQuestion } from './questions.js';
import { normalScores } from './rank-statistics.js';
import type { DriftOutcome } from './report.js';
import type { Sample } from './sample.js';
import { pickRows } from './sample.js';

const MOST_ROWS = 2_000;
const MOST_FEATURES = 200;
const CATEGORIES = 7;
/** Fewer on a side, and the principal components cannot be judged. */
const LEAST_ROWS = 60;

export interface JointAnswer {
  readonly method: 'classifier' | 'principal components' | 'kernel means';
  readonly p: number;
  readonly sure: boolean;
  readonly message: string;
}

export interface JointReport {
  readonly outcome: DriftOutcome;
  readonly alpha: number;
  /** Rows of each side that were looked at, drawn by lot where there are more. */
  readonly rows: { readonly reference: number; readonly current: number };
  readonly features: number;
  readonly answers: readonly JointAnswer[];
}

export async function compareJointly(
  reference: Sample,
  current: Sample,
  { alpha, seed, signal }: CompareOptions,
): Promise<JointReport> {
  const random = mulberry32(seed ^ 0x9e3779b9);
  const [first, second] = [draw(reference, random), draw(current, random)];
  const columns = features(first, second);
  const rows = { reference: first.rows, current: second.rows };
  if (Math.min(first.rows, second.rows) < LEAST_ROWS || columns.length === 0)
    return { outcome: 'not-enough-data', alpha, rows, features: columns.length, answers: [] };
  const sides = [matrixOf(columns, 0, first.rows), matrixOf(columns, first.rows, second.rows)] as const;
  const answers: JointAnswer[] = [];
  const add = async (method: JointAnswer['method'], p: number, message: string): Promise<void> => {
    answers.push({ method, p, sure: p <= alpha / 3, message });
    await pause(signal);
  };
  const told = domainClassifier(...sides, { seed });
  await add(
    'classifier',
    told.p,
    `tells rows apart with an area under the curve of ${told.auc.toFixed(3)} (0.5 is chance)`,
  );
  const parts = pcaReconstruction(...sides, { seed });
  await add(
    'principal components',
    parts.p,
    `reconstruction error ${parts.referenceError.toFixed(3)} before, ${parts.currentError.toFixed(3)} now`,
  );
  // Its permutations cannot reach a small level with the 199 that it takes by default.
  const kernel = mmd(...sides, { seed, permutations: Math.min(1_999, Math.max(199, Math.ceil(15 / alpha))) });
  await add('kernel means', kernel.p, `squared discrepancy ${kernel.statistic.toPrecision(3)}`);
  const outcome = answers.some(({ sure }) => sure) ? 'drift' : 'no-drift';
  return { outcome, alpha, rows, features: columns.length, answers };
}

function draw(sample: Sample, random: () => number): Sample {
  if (sample.rows <= MOST_ROWS) return sample;
  const rows = Int32Array.from({ length: sample.rows }, (_, row) => row);
  for (let at = 0; at < MOST_ROWS; at += 1) {
    const other = at + Math.floor(random() * (rows.length - at));
    [rows[at], rows[other]] = [rows[other] as number, rows[at] as number];
  }
  return pickRows(sample, rows.subarray(0, MOST_ROWS));
}

/** One array for each feature, the rows of the reference first. */
function features(reference: Sample, current: Sample): readonly Float64Array[] {
  const now = new Map(current.columns.map((column) => [column.name, column]));
  const all: Float64Array[] = [];
  for (const column of reference.columns) {
    const other = now.get(column.name);
    if (other === undefined || (other.kind === 'text') !== (column.kind === 'text')) continue;
    for (const question of questionsOf(column, other).questions) all.push(...featuresOf(question));
    if (all.length > MOST_FEATURES) break;
  }
  return all.slice(0, MOST_FEATURES);
}

function featuresOf({ codes, bins, order }: ColumnQuestion): Float64Array[] {
  if (order === 'nominal')
    return Array.from({ length: bins === 2 ? 1 : Math.min(bins, CATEGORIES) }, (_, level) =>
      Float64Array.from(codes, (code) => (code === level + 1 ? 1 : 0)),
    );
  const pooled = new Float64Array(bins + 1);
  for (const code of codes) pooled[code] = (pooled[code] as number) + 1;
  const { shift } = normalScores(pooled);
  return [Float64Array.from(codes, (code) => (code === 0 ? 0 : (shift[code] as number)))];
}

function matrixOf(columns: readonly Float64Array[], from: number, rows: number): Matrix {
  const values = new Float64Array(rows * columns.length);
  columns.forEach((column, at) => {
    for (let row = 0; row < rows; row += 1) values[row * columns.length + at] = column[from + row] as number;
  });
  return { rows, columns: columns.length, values };
}
