// How often rows given label i look like label j: the confident joint (Northcutt, Jiang and Chuang, "Confident Learning",
// JAIR 70, 2021, section 3.1). A row counts only where the model is as sure of a class as it is on average on rows that
// were given that class, so an over- or under-confident model does not matter.
import type { Labelled } from './labelled.js';
import { pairwiseSum, roundKeepingSum } from './rounding.js';

/** Probabilities this close below a threshold still reach it. */
const SLACK = 1e-6;

export interface ConfidentJoint {
  readonly classes: number;
  /** Row-major: given label x likely label; rows sum to the rows given that label. */
  readonly counts: Int32Array;
  /** Mean probability of its own class over the rows of each class; above any probability where a class has no rows. */
  readonly thresholds: Float64Array;
  /** Rows that are confidently of another class than given. */
  readonly offDiagonal: Uint32Array;
}

export function confidentJoint(data: Labelled): ConfidentJoint {
  const { classes, rows, labels } = data;
  const thresholds = confidentThresholds(data);
  const raw = new Float64Array(classes * classes);
  const offDiagonal: number[] = [];
  for (let row = 0; row < rows; row += 1) {
    const likely = confidentClass(data, thresholds, row);
    if (likely < 0) continue;
    const given = labels[row] as number;
    const cell = given * classes + likely;
    raw[cell] = (raw[cell] as number) + 1;
    if (likely !== given) offDiagonal.push(row);
  }
  return { classes, counts: calibrate(raw, data), thresholds, offDiagonal: Uint32Array.from(offDiagonal) };
}

function confidentThresholds({ classes, rows, labels, values, counts }: Labelled): Float64Array {
  const own = Array.from(counts, (count) => new Float64Array(count));
  const filled = new Int32Array(classes);
  for (let row = 0; row < rows; row += 1) {
    const label = labels[row] as number;
    (own[label] as Float64Array)[filled[label] as number] = values[row * classes + label] as number;
    filled[label] = (filled[label] as number) + 1;
  }
  return Float64Array.from(own, (of) =>
    of.length === 0 ? Number.POSITIVE_INFINITY : Math.max(2 * SLACK, pairwiseSum(of) / of.length),
  );
}

/** The class that the row reaches the threshold of, the likeliest one of several; -1 for none. */
function confidentClass({ classes, values }: Labelled, thresholds: Float64Array, row: number): number {
  const start = row * classes;
  let first = -1;
  let reached = 0;
  let likeliest = 0;
  for (let k = 0; k < classes; k += 1) {
    const value = values[start + k] as number;
    if (value > (values[start + likeliest] as number)) likeliest = k;
    if (value < (thresholds[k] as number) - SLACK) continue;
    if (reached === 0) first = k;
    reached += 1;
  }
  return reached > 1 ? likeliest : first;
}

/** Scales each row of the joint to the number of rows given that label, in whole numbers. */
function calibrate(raw: Float64Array, { classes, counts, rows }: Labelled): Int32Array {
  // Likely x given: the order in which the cells are added decides the last bit of the total, and so every half.
  const scaled = new Float64Array(raw.length);
  for (let given = 0; given < classes; given += 1) {
    const line = raw.subarray(given * classes, (given + 1) * classes);
    // At least one row of each class is taken to be right.
    line[given] = Math.max(1, line[given] as number);
    const sum = line.reduce((total, value) => total + value, 0);
    for (let k = 0; k < classes; k += 1)
      scaled[k * classes + given] = ((line[k] as number) / sum) * (counts[given] as number);
  }
  const total = pairwiseSum(scaled);
  for (let i = 0; i < scaled.length; i += 1) scaled[i] = ((scaled[i] as number) / total) * rows;
  const whole = new Int32Array(raw.length);
  for (let given = 0; given < classes; given += 1)
    whole.set(
      roundKeepingSum(
        raw.subarray(given * classes, (given + 1) * classes).map((_, k) => scaled[k * classes + given] as number),
      ),
      given * classes,
    );
  return whole;
}
