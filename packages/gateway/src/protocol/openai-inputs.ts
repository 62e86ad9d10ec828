// The texts of a request to a language model: messages and tools of a chat, a prompt, or what is to be embedded. Prompts may
// be lists of token ids, which no filter of texts can read; they are shown as numbers.
import type { JsonObject, JsonValue } from '@vallum/core';
import type { InputTensor } from './inspected.js';
import { checkMessages, NO_TEXT } from './openai-messages.js';
import type { Skipped } from './texts-in.js';
import { textsIn } from './texts-in.js';

export interface Gathered {
  /** Named like the field from which they come. */
  readonly inputs: readonly InputTensor[];
  readonly elements: number;
  /** Bytes of all texts in UTF-8. */
  readonly bytes: number;
  readonly tokenIds: number;
  readonly media: number;
  readonly prompts: number;
}

const NOTHING: Skipped = new Set();

/** Keys that are skipped when the texts of a field are gathered. */
export function skippedIn(field: string): Skipped {
  return field === 'messages' ? NO_TEXT : NOTHING;
}

/** @returns a text: why the request is refused */
export function gatherChat(request: JsonObject): Gathered | string {
  const { messages, tools = null } = request;
  const media = checkMessages(messages);
  if (typeof media === 'string') return media;
  const inputs = [textTensor('messages', textsIn(messages as JsonValue, skippedIn('messages')))];
  if (tools !== null) {
    if (!Array.isArray(tools)) return 'the tools are no list';
    inputs.push(textTensor('tools', textsIn(tools as JsonValue, skippedIn('tools'))));
  }
  return { inputs, ...sizesOf(inputs), tokenIds: 0, media, prompts: 1 };
}

/** @returns a text: why the request is refused */
export function gatherPrompt(request: JsonObject, name: 'input' | 'prompt'): Gathered | string {
  const value = request[name];
  const list = Array.isArray(value) ? (value as readonly JsonValue[]) : [value ?? null];
  if (list.length > 0 && list.every((item) => typeof item === 'string')) {
    const inputs = [textTensor(name, list)];
    if (typeof request['suffix'] === 'string') inputs.push(textTensor('suffix', [request['suffix']]));
    return { inputs, ...sizesOf(inputs), tokenIds: 0, prompts: list.length, media: 0 };
  }
  const isOne = list.every(isTokenId);
  const prompts = isOne ? [list] : list;
  const isTokens = prompts.every(
    (ids) => Array.isArray(ids) && ids.length > 0 && (ids as readonly JsonValue[]).every(isTokenId),
  );
  if (list.length === 0 || !isTokens) return `the ${name} is neither text nor token ids`;
  const ids = Float64Array.from((prompts as readonly number[][]).flat());
  const inputs: InputTensor[] = [{ name, datatype: 'INT64', shape: [ids.length], numbers: ids }];
  return { inputs, elements: ids.length, bytes: 0, tokenIds: ids.length, prompts: prompts.length, media: 0 };
}

function isTokenId(value: JsonValue): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function textTensor(name: string, texts: readonly string[]): InputTensor {
  return { name, datatype: 'BYTES', shape: [texts.length], texts };
}

function sizesOf(inputs: readonly InputTensor[]): Pick<Gathered, 'elements' | 'bytes'> {
  let elements = 0;
  let bytes = 0;
  for (const { texts = [] } of inputs) {
    elements += texts.length;
    for (const text of texts) bytes += Buffer.byteLength(text);
  }
  return { elements, bytes };
}
