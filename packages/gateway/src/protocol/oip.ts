// Requests of the Open Inference Protocol v2 over REST: JSON, or a JSON header with binary tensors behind it (the binary
// tensor data extension). Source: kserve/open-inference-protocol, inference_rest.md; Triton, extension_binary_data.md.
// A caller controls every size and says most of them twice; they must agree.
import type { JsonObject, JsonValue } from '@vallum/core';
import { isJsonObject } from '@vallum/core';
import type { Refusal } from '../door/refusal.js';
import { isRefusal, refuse } from '../door/refusal.js';
import type { BodyHeaders, BodySettings } from './body-settings.js';
import { isJsonType, JSON_HEADERS, mediaType, refuseType } from './body-settings.js';
import { rowsOf } from './datatypes.js';
import type { Inspected, InputTensor } from './inspected.js';
import { readJson, unknownKey } from './json-body.js';
import type { Replaced } from './oip-binary.js';
import { binaryHeaders, headerLengthOf, writeMessage } from './oip-binary.js';
import type { ReadTensors } from './oip-tensors.js';
import { MAX_NAME, MAX_TENSORS, readTensors } from './oip-tensors.js';
import { parametersFault, quoted } from './parameters.js';
import type { Kinds } from './texts-in.js';
import { findTexts, nothingFound } from './texts-in.js';

/** `model_name` is no field of the protocol over REST, but clients of KServe send it. */
const REQUEST_KEYS = new Set(['id', 'model_name', 'parameters', 'inputs', 'outputs']);
/** Values of tensors are inputs, and the others were checked to be words of the protocol. All keys are known ones. */
const CHECKED: Kinds = new Map([
  ['data', 'checked'],
  ['datatype', 'checked'],
  ['model_name', 'checked'],
]);
const OUTPUT_KEYS = new Set(['name', 'parameters']);

export function inspectOip(body: Buffer, headers: BodyHeaders, settings: BodySettings): Inspected | Refusal {
  const { headerLength, contentType } = headers;
  const isBinary = headerLength !== undefined;
  // Clients of Triton name no type at all. The header says which form it is, and the upstream gets a type of ours.
  const isTypeRead = contentType === undefined || (isBinary && mediaType(contentType) === 'application/octet-stream');
  if (!isTypeRead && !isJsonType(contentType)) return refuseType(contentType);
  const length = isBinary ? headerLengthOf(headerLength, body.length) : body.length;
  if (length === undefined) return refuse('bad-input', 'inference-header-content-length is no length within the body');
  const request = readJson(body.subarray(0, length), settings, 'bad-input');
  if (isRefusal(request)) return request;
  if (!isJsonObject(request)) return refuse('bad-input', 'the body is no object');
  const fault = envelopeFault(request) ?? nameFault(request, settings);
  if (fault !== undefined) return refuse('bad-input', fault);
  const binary = isBinary ? body.subarray(length) : undefined;
  const read = readTensors(request['inputs'] as readonly JsonValue[], binary, settings, 'request');
  if (typeof read === 'string') return refuse('bad-input', read);
  if (isRefusal(read)) return read;
  const envelope = withUpstreamName(request, settings);
  const written = envelope === request ? undefined : writeMessage(envelope, 'inputs', read, []);
  const inspected: Inspected = {
    inputs: read.tensors,
    elements: read.elements,
    rows: read.tensors.reduce((rows, { shape }) => Math.max(rows, rowsOf(shape)), 1),
    stream: false,
    forward: written?.body ?? body,
    headers: written?.headers ?? (isBinary ? binaryHeaders(length) : JSON_HEADERS),
    beside: { texts: [], names: namesIn(request) },
  };
  if (!read.tensors.some(({ texts }) => texts !== undefined)) return inspected;
  return { ...inspected, withTexts: (texts) => replaceTexts(inspected, envelope, read, texts) };
}

/** Names of tensors, the id, and words of parameters: the answer names them too, so that they cannot be replaced. */
function namesIn(request: JsonObject): readonly string[] {
  const found = nothingFound();
  findTexts(request, CHECKED, found);
  return found.texts;
}

/** An upstream may go by the name in the body, so it has to be the one that was decided about. */
function nameFault({ model_name: name }: JsonObject, { model }: BodySettings): string | undefined {
  return name === undefined || name === model ? undefined : 'the body names another model than the route has';
}

function withUpstreamName(request: JsonObject, { model, upstreamModel = model }: BodySettings): JsonObject {
  return request['model_name'] === undefined || upstreamModel === model
    ? request
    : { ...request, model_name: upstreamModel };
}

function replaceTexts(
  inspected: Inspected,
  request: JsonObject,
  read: ReadTensors,
  texts: readonly (readonly string[] | undefined)[],
): Inspected {
  const inputs = withReplacedTexts(read.tensors, texts);
  const replaced = inputs.map((input, i): Replaced | undefined => (input === read.tensors[i] ? undefined : input));
  const { body, headers } = writeMessage(request, 'inputs', read, replaced);
  return { ...inspected, inputs, forward: body, headers };
}

/** Tensors with other texts in their places. */
export function withReplacedTexts(
  tensors: readonly InputTensor[],
  texts: readonly (readonly string[] | undefined)[],
): readonly InputTensor[] {
  return tensors.map((tensor, i) => {
    const next = texts[i];
    return next === undefined || tensor.texts === undefined ? tensor : { ...tensor, texts: next };
  });
}

function envelopeFault(request: JsonObject): string | undefined {
  const unknown = unknownKey(request, REQUEST_KEYS);
  if (unknown !== undefined) return `the request has the unknown field ${quoted(unknown)}`;
  const { id, inputs, outputs, parameters } = request;
  if (id !== undefined && (typeof id !== 'string' || id.length > MAX_NAME))
    return 'the id of the request is no short text';
  if (!Array.isArray(inputs) || inputs.length === 0) return 'the request has no list of inputs';
  return parametersFault('request', parameters) ?? outputsFault(outputs);
}

function outputsFault(outputs: JsonValue | undefined): string | undefined {
  if (outputs === undefined) return undefined;
  if (!Array.isArray(outputs) || outputs.length > MAX_TENSORS) return 'the outputs asked for are no short list';
  const names = new Set<string>();
  for (const output of outputs as readonly JsonValue[]) {
    if (!isJsonObject(output)) return 'an output asked for is no object';
    const { name, parameters } = output;
    if (typeof name !== 'string' || name.length > MAX_NAME) return 'an output asked for has no short name';
    if (unknownKey(output, OUTPUT_KEYS) !== undefined) return 'an output asked for has an unknown field';
    if (names.has(name)) return `the output ${quoted(name)} is asked for twice`;
    names.add(name);
    const fault = parametersFault('output', parameters);
    if (fault !== undefined) return fault;
  }
  return undefined;
}
