// What the gateway understood of an upstream's answer: outputs that an output guard may replace, and the way back to bytes.
// Nothing of an answer is written again unless something was replaced, so that an untouched answer keeps its bytes.
import type { Datatype, NumberArray } from './inspected.js';

/** One named output, as in `InputTensor`. Replace it, never write into its arrays: they may be views of the received bytes. */
export interface AnswerOutput {
  readonly name: string;
  readonly datatype: Datatype;
  /** Non-negative integers; their product is the number of elements. A replaced output has as many elements as before. */
  readonly shape: readonly number[];
  /** Row-major. A replacement may use another kind of array: it is brought to the datatype when it is written. */
  readonly numbers?: NumberArray;
  readonly texts?: readonly string[];
}

export interface WrittenAnswer {
  readonly body: Buffer;
  /** Lower case: content-type, and inference-header-content-length where there are binary tensors. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface Answer {
  /** In a fixed order; a guard hands back as many, each in its place: `{ ...answer, outputs }`. */
  readonly outputs: readonly AnswerOutput[];
  readonly source: AnswerSource;
}

/** Where an answer came from. Guards pass it on unread. */
export interface AnswerSource {
  readonly outputs: readonly AnswerOutput[];
  readonly received: WrittenAnswer;
  /** Everything else of the answer stays as it was. */
  readonly rewrite: (outputs: readonly AnswerOutput[]) => WrittenAnswer;
}

/** The bytes for the caller: those received when no output was replaced. */
export function writeAnswer(answer: Answer): WrittenAnswer {
  const { source, outputs } = answer;
  const isUntouched =
    outputs === source.outputs ||
    (outputs.length === source.outputs.length && outputs.every((output, i) => output === source.outputs[i]));
  return isUntouched ? source.received : source.rewrite(outputs);
}
