// The texts of a request to a language model: messages and tools of a chat, a prompt, or what is to be embedded. Prompts may
// be lists of token ids, which no filter of texts can read; they are shown as numbers. The texts of all other fields stand
// beside the inputs.
import type { JsonObject, JsonValue } from '@vallum/core';
import type { InputTensor } from './inspected.js';
import { checkMessages, MESSAGE_KINDS } from './openai-messages.js';
import type { Beside, Found, Kinds } from './texts-in.js';
import { findTexts, NO_KINDS, nothingFound } from './texts-in.js';

export interface Gathered {
  /** Named like the field from which they come. */
  readonly inputs: readonly InputTensor[];
  readonly elements: number;
  /** Bytes of all texts in UTF-8. */
  readonly bytes: number;
  readonly tokenIds: number;
  readonly media: number;
  readonly prompts: number;
  readonly beside: Beside;
}

/** Fields whose texts are inputs. */
const INPUTS = new Set(['messages', 'tools', 'prompt', 'input', 'suffix']);
/** Fields that were checked to be what the route and the protocol allow. */
const CHECKED = new Set(['model', 'reasoning_effort', 'verbosity', 'encoding_format']);

/** What the texts of a field are, by their keys. */
export function kindsIn(field: string): Kinds {
  return field === 'messages' ? MESSAGE_KINDS : NO_KINDS;
}

/** Whether the texts of the field stand beside the inputs. */
export function isBeside(field: string): boolean {
  return !INPUTS.has(field) && !CHECKED.has(field);
}

/** @returns a text: why the request is refused */
export function gatherChat(request: JsonObject): Gathered | string {
  const { messages, tools = null } = request;
  const media = checkMessages(messages);
  if (typeof media === 'string') return media;
  if (tools !== null && !Array.isArray(tools)) return 'the tools are no list';
  const found = findBeside(request);
  const inputs: InputTensor[] = [];
  for (const field of ['messages', 'tools']) {
    const value = request[field] ?? null;
    if (value === null) continue;
    const texts: string[] = [];
    // All keys of messages are known ones; those of tools are the caller's.
    findTexts(value, kindsIn(field), { ...found, texts, ...(field === 'messages' && { names: new Set<string>() }) });
    inputs.push(textTensor(field, texts));
  }
  return { inputs, ...sizesOf(inputs, found), tokenIds: 0, media, prompts: 1, beside: besideOf(found) };
}

/** @returns a text: why the request is refused */
export function gatherPrompt(request: JsonObject, name: 'input' | 'prompt'): Gathered | string {
  const value = request[name];
  const found = findBeside(request);
  const beside = besideOf(found);
  const suffix = typeof request['suffix'] === 'string' ? [textTensor('suffix', [request['suffix']])] : [];
  const list = Array.isArray(value) ? (value as readonly JsonValue[]) : [value ?? null];
  if (list.length > 0 && list.every((item) => typeof item === 'string')) {
    const inputs = [textTensor(name, list), ...suffix];
    return { inputs, ...sizesOf(inputs, found), tokenIds: 0, prompts: list.length, media: 0, beside };
  }
  const isOne = list.every(isTokenId);
  const prompts = isOne ? [list] : list;
  const isTokens = prompts.every(
    (ids) => Array.isArray(ids) && ids.length > 0 && (ids as readonly JsonValue[]).every(isTokenId),
  );
  if (list.length === 0 || !isTokens) return `the ${name} is neither text nor token ids`;
  const ids = Float64Array.from((prompts as readonly number[][]).flat());
  const inputs: InputTensor[] = [{ name, datatype: 'INT64', shape: [ids.length], numbers: ids }, ...suffix];
  const { bytes, elements } = sizesOf(inputs, found);
  return {
    inputs,
    elements: elements + ids.length,
    bytes,
    tokenIds: ids.length,
    prompts: prompts.length,
    media: 0,
    beside,
  };
}

function isTokenId(value: JsonValue): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function textTensor(name: string, texts: readonly string[]): InputTensor {
  return { name, datatype: 'BYTES', shape: [texts.length], texts };
}

function findBeside(request: JsonObject): Found {
  const found = nothingFound();
  for (const field of Object.keys(request))
    if (isBeside(field)) findTexts(request[field] ?? null, NO_KINDS, found, 'beside');
  return found;
}

function besideOf({ beside, names }: Found): Beside {
  return { texts: beside, names: [...names] };
}

/** Bytes beside the inputs count too: a server writes schemas and names of tools into the prompt. */
function sizesOf(inputs: readonly InputTensor[], { beside, names }: Found): Pick<Gathered, 'elements' | 'bytes'> {
  let elements = 0;
  let bytes = 0;
  for (const { texts = [] } of inputs) {
    elements += texts.length;
    for (const text of texts) bytes += Buffer.byteLength(text);
  }
  for (const text of beside) bytes += Buffer.byteLength(text);
  for (const name of names) bytes += Buffer.byteLength(name);
  return { elements, bytes };
}
