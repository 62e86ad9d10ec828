// What the gateway understood of an upstream's answer: outputs that an output guard may replace, and the way back to bytes.
// Only known fields of an answer are kept. Where there are no others and nothing was replaced, it keeps its bytes.
import type { Datatype, NumberArray } from './inspected.js';
import type { Beside } from './texts-in.js';

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
  /** Every text that goes out in no output. Another one in its place has as many texts. */
  readonly beside?: Beside;
  readonly source: AnswerSource;
}

/** Where an answer came from. Guards pass it on unread. */
export interface AnswerSource {
  readonly outputs: readonly AnswerOutput[];
  readonly beside?: Beside;
  /** Undefined where something was left out, so that the answer has to be written anew. */
  readonly received: WrittenAnswer | undefined;
  /** All that is kept of the answer and not replaced stays as it was. */
  readonly rewrite: (outputs: readonly AnswerOutput[], beside: readonly string[]) => WrittenAnswer;
}

/** The bytes for the caller: those received when nothing was left out or replaced. */
export function writeAnswer(answer: Answer): WrittenAnswer {
  const { source, outputs, beside } = answer;
  const isUntouched =
    beside === source.beside &&
    (outputs === source.outputs ||
      (outputs.length === source.outputs.length && outputs.every((output, i) => output === source.outputs[i])));
  return (isUntouched ? source.received : undefined) ?? source.rewrite(outputs, beside?.texts ?? []);
}
