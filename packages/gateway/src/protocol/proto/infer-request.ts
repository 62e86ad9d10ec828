// The body of ModelInfer over gRPC, and of the small calls that name a model and nothing else.
import type { Refusal } from '../../door/refusal.js';
import { refuse } from '../../door/refusal.js';
import type { BodySettings } from '../body-settings.js';
import { rowsOf } from '../datatypes.js';
import type { Inspected } from '../inspected.js';
import { withReplacedTexts } from '../oip.js';
import { readInferMessage, REQUEST, writeInferMessage } from './infer-message.js';
import { ProtoFault, readFields, textField, textOf } from './wire.js';

export function inspectInferRequest(body: Buffer, settings: BodySettings): Inspected | Refusal {
  const message = orRefusal(() => readInferMessage(body, REQUEST, settings));
  if ('refused' in message) return message;
  const fault = nameFault(message.name, message.version, settings);
  if (fault !== undefined) return refuse('bad-input', fault);
  const { tensors, elements, name, version } = message;
  if (tensors.length === 0) return refuse('bad-input', 'the request has no inputs');
  const upstreamName = settings.upstreamModel ?? name;
  const inspected: Inspected = {
    model: name,
    ...(version !== '' && { version }),
    inputs: tensors,
    elements,
    rows: tensors.reduce((rows, { shape }) => Math.max(rows, rowsOf(shape)), 1),
    stream: false,
    forward: upstreamName === name ? body : writeInferMessage(message, REQUEST, upstreamName, tensors),
    headers: {},
    beside: { texts: [], names: message.id === '' ? message.words : [...message.words, message.id] },
  };
  if (!tensors.some(({ texts }) => texts !== undefined)) return inspected;
  return {
    ...inspected,
    withTexts: (texts) => {
      const inputs = withReplacedTexts(tensors, texts);
      return { ...inspected, inputs, forward: writeInferMessage(message, REQUEST, upstreamName, inputs) };
    },
  };
}

/** ModelReadyRequest and ModelMetadataRequest: name 1, version 2. ServerMetadataRequest is empty. */
export function inspectSmall(body: Buffer, settings: BodySettings): Inspected | Refusal {
  const names = new Map<number, string>();
  const fault = orRefusal(() => {
    readFields(body, (field) => {
      if (field.number > 2 || names.has(field.number)) throw new ProtoFault('it has an unknown or a repeated field');
      names.set(field.number, textOf(field));
    });
    return {};
  });
  if ('refused' in fault) return fault;
  const plain: Inspected = { inputs: [], elements: 0, rows: 1, stream: false, forward: body, headers: {} };
  if (body.length === 0) return plain;
  const [name = '', version = ''] = [names.get(1), names.get(2)];
  const wrongName = nameFault(name, version, settings);
  if (wrongName !== undefined) return refuse('bad-input', wrongName);
  const forward = Buffer.concat([textField(1, settings.upstreamModel ?? name), textField(2, version)]);
  return { ...plain, model: name, ...(version !== '' && { version }), forward };
}

function nameFault(name: string, version: string, { model, versions = [] }: BodySettings): string | undefined {
  if (name !== model) return 'the message names another model than the route has';
  return version === '' || versions.includes(version)
    ? undefined
    : 'the message names a version that the route has not';
}

function orRefusal<T>(read: () => T): T | Refusal {
  try {
    return read();
  } catch (error) {
    if (error instanceof ProtoFault) return refuse('bad-input', `the message is refused: ${error.message}`);
    throw error;
  }
}
