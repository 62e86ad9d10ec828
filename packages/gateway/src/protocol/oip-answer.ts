// Answers of the Open Inference Protocol v2 over REST, in JSON or with binary tensors. The upstream is not trusted to keep
// the protocol: an answer whose sizes do not agree is no answer.
import { isJsonObject } from '@vallum/core';
import type { Refusal } from '../door/refusal.js';
import { isRefusal, refuse } from '../door/refusal.js';
import type { Answer } from './answer.js';
import { ANSWER_BOUNDS } from './answer-bounds.js';
import type { BodyHeaders } from './body-settings.js';
import { JSON_HEADERS } from './body-settings.js';
import { readJson } from './json-body.js';
import { binaryHeaders, headerLengthOf, writeMessage } from './oip-binary.js';
import { readTensors } from './oip-tensors.js';

export function readOipAnswer(body: Buffer, { headerLength }: BodyHeaders): Answer | Refusal {
  const isBinary = headerLength !== undefined;
  const length = isBinary ? headerLengthOf(headerLength, body.length) : body.length;
  if (length === undefined) return refuse('bad-upstream', 'the length of the JSON header of the answer is wrong');
  const message = readJson(body.subarray(0, length), ANSWER_BOUNDS, 'bad-upstream');
  if (isRefusal(message)) return message;
  if (!isJsonObject(message) || !Array.isArray(message['outputs']))
    return refuse('bad-upstream', 'the answer has no list of outputs');
  const binary = isBinary ? body.subarray(length) : undefined;
  const read = readTensors(message['outputs'], binary, ANSWER_BOUNDS, 'answer');
  if (typeof read === 'string') return refuse('bad-upstream', `the answer is refused: ${read}`);
  if (isRefusal(read)) return refuse('bad-upstream', `the answer is refused: ${read.reason}`);
  return {
    outputs: read.tensors,
    source: {
      outputs: read.tensors,
      received: { body, headers: isBinary ? binaryHeaders(length) : JSON_HEADERS },
      rewrite: (outputs) =>
        writeMessage(
          message,
          'outputs',
          read,
          outputs.map((output, i) => (output === read.tensors[i] ? undefined : output)),
        ),
    },
  };
}
