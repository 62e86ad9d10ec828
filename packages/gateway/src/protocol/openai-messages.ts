// Messages of a chat: texts, or parts of text, images and sound. Every key in a message is a known one, and every value that is
// not listed among the texts is checked here to be a word of the protocol or a medium.
import type { JsonObject, JsonValue } from '@vallum/core';
import { isJsonObject } from '@vallum/core';
import { unknownKey } from './json-body.js';
import { audioFault, imageFault } from './openai-media.js';
import { quoted } from './parameters.js';
import type { Kinds } from './texts-in.js';

const MAX_MESSAGES = 4_096;
const MAX_WORD = 256;
const ROLES = new Set(['system', 'developer', 'user', 'assistant', 'tool']);
const MESSAGE_KEYS = new Set(['role', 'content', 'name', 'tool_calls', 'tool_call_id', 'refusal', 'reasoning_content']);
const PART_KEYS = new Set(['type', 'text', 'image_url', 'input_audio']);
const PLAIN = ['refusal', 'reasoning_content'] as const;
const WORDS = ['name', 'tool_call_id'] as const;
const CALL_KEYS = new Set(['id', 'type', 'function', 'index']);
const CALLED_KEYS = new Set(['name', 'arguments']);
/** Words of the protocol and media, which are checked wherever they may stand, and identifiers. */
export const MESSAGE_KINDS: Kinds = new Map([
  ['role', 'checked'],
  ['type', 'checked'],
  ['image_url', 'checked'],
  ['input_audio', 'checked'],
  ['id', 'beside'],
  ['tool_call_id', 'beside'],
]);

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
    for (const text of PLAIN) if (!isText(message[text])) return `${text} of a message is no text`;
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

function isText(value: JsonValue | undefined): boolean {
  return value === undefined || value === null || typeof value === 'string';
}

function isShort(word: JsonValue | undefined): boolean {
  return word === undefined || word === null || (typeof word === 'string' && word.length <= MAX_WORD);
}

function areCalls(calls: JsonValue): boolean {
  if (!Array.isArray(calls)) return false;
  return (calls as readonly JsonValue[]).every((call) => {
    if (!isJsonObject(call) || unknownKey(call, CALL_KEYS) !== undefined) return false;
    const { type, id, index = null, function: called = null } = call;
    if (type !== 'function' || !isShort(id) || (index !== null && typeof index !== 'number')) return false;
    if (!isJsonObject(called) || unknownKey(called, CALLED_KEYS) !== undefined) return false;
    return Object.values(called).every((value) => typeof value === 'string');
  });
}

function partFault(part: JsonValue): string | undefined {
  if (!isJsonObject(part) || unknownKey(part, PART_KEYS) !== undefined || Object.keys(part).length !== 2)
    return 'a part of a message has another form than its type and one value';
  const { type, text, image_url: image, input_audio: audio } = part;
  if (type === 'text') return typeof text === 'string' ? undefined : 'a part of text has no text';
  if (type === 'input_audio') return audioFault(audio);
  return type === 'image_url' ? imageFault(image) : 'a part of a message has an unknown type';
}
