// Messages of a chat: texts, or parts of text, images and sound. Media are counted and not looked at. An image must stand in
// the request as a data URL: one that the model server would fetch lets a caller reach its network (CWE-918; CVE-2025-6242).
import type { JsonObject, JsonValue } from '@vallum/core';
import { isJsonObject } from '@vallum/core';
import { unknownKey } from './json-body.js';
import { quoted } from './parameters.js';

const MAX_MESSAGES = 4_096;
const MAX_WORD = 256;
const ROLES = new Set(['system', 'developer', 'user', 'assistant', 'tool']);
const MESSAGE_KEYS = new Set(['role', 'content', 'name', 'tool_calls', 'tool_call_id', 'refusal', 'reasoning_content']);
const PART_KEYS = new Set(['type', 'text', 'image_url', 'input_audio']);
const WORDS = ['name', 'tool_call_id'] as const;
/** Keys of messages that hold words of the protocol, identifiers and media. */
export const NO_TEXT: ReadonlySet<string> = new Set(['role', 'type', 'id', 'tool_call_id', 'image_url', 'input_audio']);

/** @returns how many media the messages hold, or why they are refused */
export function checkMessages(messages: JsonValue | undefined): number | string {
  if (!Array.isArray(messages) || messages.length === 0 || messages.length > MAX_MESSAGES)
    return 'the messages are no list of usual length';
  let media = 0;
  for (const message of messages as readonly JsonValue[]) {
    if (!isJsonObject(message)) return 'a message is no object';
    const unknown = unknownKey(message, MESSAGE_KEYS);
    if (unknown !== undefined) return `a message has the unknown field ${quoted(unknown)}`;
    const { role, content, tool_calls: calls = null } = message;
    if (typeof role !== 'string' || !ROLES.has(role)) return 'a message has no known role';
    for (const word of WORDS) if (!isShort(message[word])) return `${word} of a message is no short text`;
    if (calls !== null && !areCalls(calls)) return 'the tool calls of a message do not have their form';
    if (Array.isArray(content)) {
      for (const part of content as readonly JsonValue[]) {
        const fault = partFault(part);
        if (fault !== undefined) return fault;
        if ((part as JsonObject)['type'] !== 'text') media += 1;
      }
    } else if (typeof content !== 'string' && content !== null && content !== undefined)
      return 'the content of a message is neither text nor a list of parts';
  }
  return media;
}

function isShort(word: JsonValue | undefined): boolean {
  return word === undefined || word === null || (typeof word === 'string' && word.length <= MAX_WORD);
}

function areCalls(calls: JsonValue): boolean {
  if (!Array.isArray(calls)) return false;
  return (calls as readonly JsonValue[]).every((call) => {
    if (!isJsonObject(call) || call['type'] !== 'function' || !isShort(call['id'])) return false;
    const { function: called } = call;
    return (
      isJsonObject(called ?? null) && Object.values(called as JsonObject).every((value) => typeof value === 'string')
    );
  });
}

function partFault(part: JsonValue): string | undefined {
  if (!isJsonObject(part) || unknownKey(part, PART_KEYS) !== undefined || Object.keys(part).length !== 2)
    return 'a part of a message has another form than its type and one value';
  const { type, text, image_url: image, input_audio: audio } = part;
  if (type === 'text') return typeof text === 'string' ? undefined : 'a part of text has no text';
  if (type === 'input_audio') return isJsonObject(audio ?? null) ? undefined : 'a part of sound has no data';
  if (type !== 'image_url') return 'a part of a message has an unknown type';
  const url = isJsonObject(image ?? null) ? (image as JsonObject)['url'] : undefined;
  return typeof url === 'string' && /^data:image\/[a-z0-9.+-]{1,64};base64,/i.test(url)
    ? undefined
    : 'an image is no data URL: the server would fetch what a caller names';
}
