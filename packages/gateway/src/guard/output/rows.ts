// Rows of class scores in an output: which outputs are taken for them, and where a row ends.
import type { AnswerOutput } from '../../protocol/answer.js';
import type { Datatype, NumberArray } from '../../protocol/inspected.js';

/** Rows of `classes` numbers each; with one class, each number is a probability of its own. */
export interface ScoreRows {
  readonly numbers: NumberArray;
  readonly classes: number;
  /** All lie in [0, 1], within what rounding leaves. */
  readonly areProbabilities: boolean;
}

/**
 * Why an output is taken for scores: the route names it; or the route asks for labels or the largest of every tensor; or only
 * if its values say so.
 */
export type Taken = 'named' | 'assumed' | 'by-values';

const FLOATS: ReadonlySet<Datatype> = new Set(['FP16', 'BF16', 'FP32', 'FP64']);
/** Half-precision probabilities of a thousand classes sum to 1 within this. */
const TOLERANCE = 1e-3;

export function isFloat({ datatype, numbers }: AnswerOutput): boolean {
  return numbers !== undefined && FLOATS.has(datatype);
}

/**
 * The score rows of an output, or undefined where it holds something else. By its values, an output counts only where each row
 * has two of them or more, in [0, 1], that sum to 1: a regression is left alone. Without a second dimension, an output is one
 * row where it sums to 1, and otherwise a batch of single numbers.
 */
export function scoreRows({ numbers, shape, ...output }: AnswerOutput, taken: Taken): ScoreRows | undefined {
  if (numbers === undefined || numbers.length === 0 || !FLOATS.has(output.datatype)) return undefined;
  const last = shape.at(-1) ?? 1;
  const classes = shape.length > 1 || sumsToOne(numbers, numbers.length) ? last : 1;
  if (sumsToOne(numbers, classes)) return { numbers, classes, areProbabilities: true };
  if (taken === 'by-values' || (taken === 'assumed' && classes < 2)) return undefined;
  return { numbers, classes, areProbabilities: numbers.every(isProbability) };
}

function isProbability(value: number): boolean {
  return value >= -TOLERANCE && value <= 1 + TOLERANCE;
}

function sumsToOne(numbers: NumberArray, classes: number): boolean {
  if (classes < 2) return false;
  for (let start = 0; start < numbers.length; start += classes) {
    let sum = 0;
    for (let i = start; i < start + classes; i += 1) {
      const value = numbers[i] as number;
      if (!isProbability(value)) return false;
      sum += value;
    }
    if (Math.abs(sum - 1) > TOLERANCE) return false;
  }
  return true;
}

/** Index of the largest value in a row, the first of equal ones; NaN is never it. */
export function argmax(numbers: NumberArray, start: number, classes: number): number {
  let best = start;
  for (let i = start + 1; i < start + classes; i += 1)
    if ((numbers[i] as number) > (numbers[best] as number) || Number.isNaN(numbers[best])) best = i;
  return best;
}
