// What is kept of an answer of an OpenAI-compatible route beside its choices or data, whole or in a stream: the fields that its
// documents name, each of its type. Everything else is the upstream's own business (paths, hosts, token ids that spell a prompt).
import type { JsonObject, JsonValue } from '@vallum/core';
import { isJsonObject } from '@vallum/core';
import { withFields } from './texts-in.js';

const OBJECTS: ReadonlySet<unknown> = new Set(['chat.completion', 'chat.completion.chunk', 'text_completion', 'list']);
const COUNT_NAME = /^[a-z_]{1,64}$/;
const MAX_TEXT = 1_024;

/** An error told as an answer with status 200: its text says what goes on inside. */
export function isErrorObject(message: JsonObject): boolean {
  return message['object'] === 'error' || (message['error'] ?? null) !== null;
}

/**
 * Undefined for a field that is left out.
 * @param model by which callers know it; the upstream's own name stays behind
 */
export function keptField(key: string, value: JsonValue, model: string | undefined): JsonValue | undefined {
  switch (key) {
    case 'model':
      return model ?? shortText(value);
    case 'object':
      return OBJECTS.has(value) ? value : undefined;
    case 'created':
      return typeof value === 'number' ? value : undefined;
    case 'usage':
      return value === null ? null : counts(value);
    case 'id':
    case 'system_fingerprint':
    case 'service_tier':
      return value === null ? null : shortText(value);
    default:
      return undefined;
  }
}

function shortText(value: JsonValue): string | undefined {
  return typeof value === 'string' && value.length <= MAX_TEXT ? value : undefined;
}

/** Numbers by name, and such objects in it. */
function counts(value: JsonValue): JsonObject | undefined {
  if (!isJsonObject(value)) return undefined;
  return withFields(value, (key, item) => {
    if (!COUNT_NAME.test(key)) return undefined;
    return typeof item === 'number' || item === null ? item : counts(item);
  });
}
