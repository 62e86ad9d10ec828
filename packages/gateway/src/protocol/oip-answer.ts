// Answers of the Open Inference Protocol v2 over REST, in JSON or with binary tensors. The upstream is not trusted to keep
// the protocol: an answer whose sizes do not agree is no answer, and fields that the protocol does not have stay behind.
import type { JsonObject, JsonValue } from '@vallum/core';
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
import type { Beside } from './texts-in.js';
import { inOrder, keysIn, withFields } from './texts-in.js';

const TENSOR_KEYS = new Set(['name', 'shape', 'datatype', 'parameters', 'data']);
const MAX_TEXT = 4_096;

/** @param model by which callers know it; the upstream's own name stays behind */
export function readOipAnswer(body: Buffer, { headerLength }: BodyHeaders, model?: string): Answer | Refusal {
  const isBinary = headerLength !== undefined;
  const length = isBinary ? headerLengthOf(headerLength, body.length) : body.length;
  if (length === undefined) return refuse('bad-upstream', 'the length of the JSON header of the answer is wrong');
  const message = readJson(body.subarray(0, length), ANSWER_BOUNDS, 'bad-upstream');
  if (isRefusal(message)) return message;
  if (!isJsonObject(message) || !Array.isArray(message['outputs']))
    return refuse('bad-upstream', 'the answer has no list of outputs');
  if ((message['error'] ?? null) !== null) return refuse('bad-upstream', 'the upstream reports an error');
  const binary = isBinary ? body.subarray(length) : undefined;
  const read = readTensors(message['outputs'], binary, ANSWER_BOUNDS, 'answer');
  if (typeof read === 'string') return refuse('bad-upstream', `the answer is refused: ${read}`);
  if (isRefusal(read)) return refuse('bad-upstream', `the answer is refused: ${read.reason}`);
  const kept = withFields(message, (key, value) => keptField(key, value, model));
  const beside = besideOf(kept, read.tensors);
  return {
    outputs: read.tensors,
    beside,
    source: {
      outputs: read.tensors,
      beside,
      received: kept === message ? { body, headers: isBinary ? binaryHeaders(length) : JSON_HEADERS } : undefined,
      rewrite: (outputs, shown) =>
        writeMessage(
          withTexts(kept, inOrder(shown)),
          'outputs',
          read,
          outputs.map((output, i) => (output === read.tensors[i] ? undefined : output)),
        ),
    },
  };
}

function keptField(key: string, value: JsonValue, model: string | undefined): JsonValue | undefined {
  switch (key) {
    case 'model_name':
      return model ?? (typeof value === 'string' ? keptText(value) : undefined);
    case 'model_version':
    case 'id':
      return typeof value === 'string' ? keptText(value) : undefined;
    case 'parameters':
      return keptParameters(value);
    case 'outputs': {
      const list = value as readonly JsonObject[];
      const kept = list.map((tensor) => withFields(tensor, keptOfTensor));
      return kept.every((tensor, i) => tensor === list[i]) ? value : kept;
    }
    default:
      return undefined;
  }
}

function keptOfTensor(key: string, value: JsonValue): JsonValue | undefined {
  if (key === 'parameters') return keptParameters(value);
  return TENSOR_KEYS.has(key) ? value : undefined;
}

/** Plain values by short names; whatever else a parameter may be is left out. */
function keptParameters(value: JsonValue): JsonValue | undefined {
  if (!isJsonObject(value)) return undefined;
  return withFields(value, (_, item) => (typeof item === 'object' ? undefined : keptText(item)));
}

function keptText(value: JsonValue): JsonValue | undefined {
  return typeof value === 'string' && value.length > MAX_TEXT ? undefined : value;
}

/** Texts in the order in which `withTexts` comes to them. Keys of the message and its tensors are known ones. */
function besideOf(message: JsonObject, tensors: readonly { readonly name: string }[]): Beside {
  const texts: string[] = [];
  const names = new Set(tensors.map(({ name }) => name));
  withTexts(message, (text) => {
    texts.push(text);
    return text;
  });
  for (const { parameters } of [message, ...(message['outputs'] as readonly JsonObject[])])
    keysIn(parameters ?? null, names);
  return { texts, names: [...names] };
}

/** The message with other texts beside its tensors: id, version and parameters. */
function withTexts(message: JsonObject, shown: (text: string) => string): JsonObject {
  const within = (value: JsonValue): JsonValue =>
    typeof value === 'string'
      ? shown(value)
      : isJsonObject(value)
        ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, within(item)]))
        : value;
  const ofTensor = (tensor: JsonObject): JsonObject =>
    tensor['parameters'] === undefined ? tensor : { ...tensor, parameters: within(tensor['parameters']) };
  return Object.fromEntries(
    Object.entries(message).map(([key, value]) => [
      key,
      key === 'outputs' ? (value as readonly JsonObject[]).map(ofTensor) : within(value),
    ]),
  );
}
