// ModelInferResponse as an answer that an output guard may change.
import type { Refusal } from '../../door/refusal.js';
import { refuse } from '../../door/refusal.js';
import type { Answer } from '../answer.js';
import { ANSWER_BOUNDS } from '../answer-bounds.js';
import type { InferMessage } from './infer-message.js';
import { readInferMessage, RESPONSE, writeInferMessage } from './infer-message.js';
import { ProtoFault } from './wire.js';

export function readInferAnswer(body: Buffer): Answer | Refusal {
  let message: InferMessage;
  try {
    message = readInferMessage(body, RESPONSE, ANSWER_BOUNDS);
  } catch (error) {
    if (!(error instanceof ProtoFault)) throw error;
    return refuse('bad-upstream', `the answer is refused: ${error.message}`);
  }
  const { tensors } = message;
  return {
    outputs: tensors,
    source: {
      outputs: tensors,
      received: { body, headers: {} },
      rewrite: (outputs) => ({ body: writeInferMessage(message, RESPONSE, message.name, outputs), headers: {} }),
    },
  };
}
