// ModelInferResponse as an answer that an output guard may change.
import type { Refusal } from '../../door/refusal.js';
import { refuse } from '../../door/refusal.js';
import type { Answer } from '../answer.js';
import { ANSWER_BOUNDS } from '../answer-bounds.js';
import type { InferMessage } from './infer-message.js';
import { readInferMessage, RESPONSE, writeInferMessage } from './infer-message.js';
import { ProtoFault } from './wire.js';

/** @param model by which callers know it; the upstream's own name stays behind */
export function readInferAnswer(body: Buffer, model: string | undefined): Answer | Refusal {
  let message: InferMessage;
  try {
    message = readInferMessage(body, RESPONSE, ANSWER_BOUNDS);
  } catch (error) {
    if (!(error instanceof ProtoFault)) throw error;
    return refuse('bad-upstream', `the answer is refused: ${error.message}`);
  }
  const { tensors, name, version, id, words, isShortened } = message;
  const shown = model ?? name;
  const beside = { texts: [id], names: model === undefined ? [...words, version, name] : [...words, version] };
  return {
    outputs: tensors,
    beside,
    source: {
      outputs: tensors,
      beside,
      received: isShortened || shown !== name ? undefined : { body, headers: {} },
      rewrite: (outputs, [shownId = id]) => ({
        body: writeInferMessage({ ...message, id: shownId }, RESPONSE, shown, outputs),
        headers: {},
      }),
    },
  };
}
