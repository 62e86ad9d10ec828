// Reads class and confidence of each row from an answer, before a guard makes it poorer: boundaries show in what the model said.
import type { AnswerOutput } from '../../protocol/answer.js';
import type { RowAnswer } from '../sketch.js';

const SUM_WITHIN = 0.02;

/** @returns `{}` where the answer has neither probabilities nor one whole number a row */
export function rowAnswer(outputs: readonly AnswerOutput[], rows: number, row: number): RowAnswer {
  for (const { numbers } of outputs) {
    if (numbers === undefined || rows < 1 || numbers.length % rows !== 0) continue;
    const width = numbers.length / rows;
    if (width < 2) continue;
    let [label, best, sum] = [0, -Infinity, 0];
    for (let i = 0; i < width; i += 1) {
      const value = numbers[row * width + i] as number;
      sum += value >= 0 ? value : NaN;
      if (value > best) [label, best] = [i, value];
    }
    if (Math.abs(sum - 1) <= SUM_WITHIN) return { label, confidence: best };
  }
  for (const { numbers } of outputs) {
    const value = numbers?.length === rows ? numbers[row] : undefined;
    if (value === undefined) continue;
    if (Number.isInteger(value)) return { label: value };
    // One probability a row: the other class has the rest.
    if (value > 0 && value < 1) return { label: value >= 0.5 ? 1 : 0, confidence: Math.max(value, 1 - value) };
  }
  return {};
}
