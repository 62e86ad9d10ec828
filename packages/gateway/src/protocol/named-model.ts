// The model that a body names, for paths that several routes answer to. Only the name is believed, and only to find the route,
// which then looks at the whole body by its own rules.
import { isJsonObject } from '@vallum/core';
import type { BodyForm } from '../door/operation.js';
import type { Refusal } from '../door/refusal.js';
import { isRefusal, refuse } from '../door/refusal.js';
import { readJson } from './json-body.js';
import { BYTES, readFields, textOf } from './proto/wire.js';

/** Forms whose bodies say which model they are for. */
export function namesModel(form: BodyForm): boolean {
  return form.startsWith('openai-') || form.startsWith('oip-proto');
}

/** @param bounds of JSON, the widest of the routes */
export function namedModel(
  form: BodyForm,
  body: Buffer,
  bounds: { readonly maxDepth: number; readonly maxElements: number },
): string | Refusal {
  const name = form.startsWith('oip-proto') ? protoName(body) : jsonName(body, bounds);
  return name ?? refuse('bad-input', 'the body names no model, and several routes have this path');
}

function jsonName(body: Buffer, bounds: Parameters<typeof namedModel>[2]): string | Refusal | undefined {
  const value = readJson(body, bounds, 'bad-input');
  if (isRefusal(value)) return value;
  const name = isJsonObject(value) ? value['model'] : undefined;
  return typeof name === 'string' ? name : undefined;
}

/** Field 1 of all messages of the service. One that stands twice is left to the route, which refuses it. */
function protoName(body: Buffer): string | Refusal | undefined {
  let name: string | undefined;
  try {
    readFields(body, (field) => {
      if (field.number === 1 && field.wire === BYTES) name ??= textOf(field);
    });
  } catch {
    return refuse('bad-input', 'the message is broken');
  }
  return name;
}
