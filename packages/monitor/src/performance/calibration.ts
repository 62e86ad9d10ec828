// From what a model says to how often it is right: one curve for each class, learnt on labelled reference rows (isotonic;
// Zadrozny and Elkan, KDD 2002), with the weight that each row deserves. Classes are brought to sum to 1 again.
import { isotonicRegression } from '@vallum/stats';
import type { Matrix } from '@vallum/stats';
import { certain } from './metrics.js';
import type { Labelled } from './scored.js';

/** rows x classes: probability of each class given what the model said. */
export type Calibrator = (probabilities: Matrix) => Float64Array;

/** Reference rows in ascending order of one class's score: sorted once, fitted often. */
export interface CalibrationRows {
  readonly classes: number;
  readonly perClass: readonly {
    readonly class: number;
    readonly order: Uint32Array;
    readonly x: Float64Array;
    readonly y: Float64Array;
  }[];
}

export function calibrationRows({ probabilities: { rows, columns, values }, labels }: Labelled): CalibrationRows {
  const truth = certain(labels, columns);
  // Of two classes the second curve is the mirror of the first.
  const fitted = columns === 2 ? [1] : [...Array(columns).keys()];
  return {
    classes: columns,
    perClass: fitted.map((k) => {
      const order = Uint32Array.from({ length: rows }, (_, row) => row).sort(
        (a, b) => (values[a * columns + k] as number) - (values[b * columns + k] as number),
      );
      const take = (of: Float64Array | Float32Array): Float64Array =>
        Float64Array.from(order, (row) => of[row * columns + k] as number);
      return { class: k, order, x: take(values), y: take(truth) };
    }),
  };
}

/** @param weights of the reference rows, from 0, in their own order */
export function fitCalibrator({ classes, perClass }: CalibrationRows, weights: Float64Array): Calibrator {
  const curves = perClass.map(({ class: k, order, x, y }) => ({
    class: k,
    at: isotonicRegression(
      x,
      y,
      Float64Array.from(order, (row) => weights[row] as number),
    ).at,
  }));
  return ({ rows, columns, values }) => {
    const out = new Float64Array(rows * classes);
    for (let start = 0; start < out.length; start += columns) {
      let sum = 0;
      for (const { class: k, at } of curves) {
        const p = at(values[start + k] as number);
        out[start + k] = p;
        sum += p;
      }
      if (classes === 2) out[start] = 1 - (out[start + 1] as number);
      else
        for (let k = 0; k < classes; k += 1) out[start + k] = sum > 0 ? (out[start + k] as number) / sum : 1 / classes;
    }
    return out;
  };
}
