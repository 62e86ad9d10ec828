// Requests of an OpenAI-compatible route: chat, completions, embeddings. Only the fields in openai-fields.json pass. Left out
// on purpose are fields by which servers run templates, load tensors or import code that a caller names: `chat_template`
// (CVE-2025-61620), `prompt_embeds` (CVE-2025-62164), `logits_processors`, `guided_regex` (CVE-2025-48943).
import type { JsonObject, JsonValue } from '@vallum/core';
import { isJsonObject } from '@vallum/core';
import type { Refusal } from '../door/refusal.js';
import { isRefusal, refuse } from '../door/refusal.js';
import type { BodyHeaders, BodySettings } from './body-settings.js';
import { isJsonType, JSON_HEADERS, refuseType } from './body-settings.js';
import type { Inspected, InputTensor } from './inspected.js';
import { readJson } from './json-body.js';
import { withReplacedTexts } from './oip.js';
import table from './openai-fields.json' with { type: 'json' };
import { gatherChat, gatherPrompt, isBeside, kindsIn } from './openai-inputs.js';
import { quoted } from './parameters.js';
import type { Next } from './texts-in.js';
import { inOrder, NO_KINDS, withTextsIn } from './texts-in.js';

export type OpenAiForm = keyof typeof table;

const FIELDS = new Map<string, ReadonlyMap<string, string>>(
  Object.entries(table).map(([form, fields]) => [form, new Map(Object.entries(fields))]),
);
/**
 * Tokens of the answer that are charged when a request states no maximum, or 0: completions have 16 in the protocol itself; for
 * chat a server decides.
 */
const DEFAULT_MAX_TOKENS: Readonly<Record<OpenAiForm, number>> = {
  'openai-chat': 4_096,
  'openai-completion': 16,
  'openai-embedding': 0,
};
/** What an image or a sound counts as, whatever its size. */
const TOKENS_PER_MEDIUM = 1_024;
const BYTES_PER_TOKEN = 4;
const MAX_CHOICES = 128;
const MAX_TOKENS = 10_000_000;
/** Free texts of this kind are looked at beside the inputs, words are not. */
const MAX_TEXT = 4_096;
const WORD = /^[a-z][a-z0-9_-]{0,31}$/;

export function inspectOpenAi(
  form: OpenAiForm,
  body: Buffer,
  { contentType }: BodyHeaders,
  settings: BodySettings,
): Inspected | Refusal {
  if (!isJsonType(contentType)) return refuseType(contentType);
  const request = readJson(body, settings, 'bad-input');
  if (isRefusal(request)) return request;
  if (!isJsonObject(request)) return refuse('bad-input', 'the body is no object');
  const fault = fieldsFault(form, request);
  if (fault !== undefined) return refuse('bad-input', fault);
  const { model, upstreamModel = model } = settings;
  if (request['model'] !== model) return refuse('bad-input', 'the body names another model than the route has');
  const gathered =
    form === 'openai-chat'
      ? gatherChat(request)
      : gatherPrompt(request, form === 'openai-embedding' ? 'input' : 'prompt');
  if (typeof gathered === 'string') return refuse('bad-input', gathered);
  if (gathered.elements > settings.maxElements)
    return refuse('too-large', `it has more than ${settings.maxElements} texts and tokens`);
  // Servers differ about what the two mean together, and the product is never too few.
  const choices = countOf(request['n'], 1) * countOf(request['best_of'], 1);
  const most = mostTokens(form, request);
  if (most === undefined) return refuse('bad-input', 'max_tokens and max_completion_tokens differ');
  if (choices > MAX_CHOICES || most > MAX_TOKENS) return refuse('bad-input', 'it asks for more than any model answers');
  const prompt = Math.ceil(gathered.bytes / BYTES_PER_TOKEN) + gathered.tokenIds + gathered.media * TOKENS_PER_MEDIUM;
  const inspected: Inspected = {
    model,
    inputs: gathered.inputs,
    elements: gathered.elements,
    rows: gathered.prompts * choices,
    tokens: prompt + gathered.prompts * choices * most,
    stream: request['stream'] === true,
    forward: upstreamModel === model ? body : write(request, upstreamModel),
    headers: JSON_HEADERS,
    beside: gathered.beside,
  };
  const { beside } = gathered;
  return beside.texts.length > 0 || gathered.inputs.some(({ texts }) => texts !== undefined)
    ? {
        ...inspected,
        withTexts: (texts, besideTexts = beside.texts) => {
          const inputs = withReplacedTexts(gathered.inputs, texts);
          const forward = write(replaced(request, inputs, inOrder(besideTexts)), upstreamModel);
          return { ...inspected, inputs, forward, beside: { ...beside, texts: besideTexts } };
        },
      }
    : inspected;
}

function write(request: JsonObject, model: string): Buffer {
  return Buffer.from(JSON.stringify({ ...request, model }));
}

/** The larger of both maximums; undefined where they differ, because one server believes the one and the next the other. */
function mostTokens(form: OpenAiForm, request: JsonObject): number | undefined {
  const { max_tokens: old = null, max_completion_tokens: now = null } = request;
  if (old !== null && now !== null && old !== now) return undefined;
  return countOf(now ?? old, DEFAULT_MAX_TOKENS[form]);
}

/** Each input that holds texts came from the field of its name; the texts beside them come in the order of the fields. */
function replaced(request: JsonObject, inputs: readonly InputTensor[], beside: () => string): JsonObject {
  const written = new Map<string, JsonValue>();
  const next = (text: () => string): Next => ({ text, beside });
  for (const field of Object.keys(request))
    if (isBeside(field)) written.set(field, withTextsIn(request[field] ?? null, NO_KINDS, next(beside), 'beside'));
  for (const { name, texts } of inputs)
    if (texts !== undefined && request[name] !== undefined)
      written.set(name, withTextsIn(request[name], kindsIn(name), next(inOrder(texts))));
  return { ...request, ...Object.fromEntries(written) };
}

function fieldsFault(form: OpenAiForm, request: JsonObject): string | undefined {
  const known = FIELDS.get(form);
  for (const name of Object.keys(request)) {
    const type = known?.get(name);
    const value = request[name];
    if (type === undefined) return `the field ${quoted(name)} is not allowed`;
    if (value !== null && value !== undefined && !isOfType(type, value))
      return `the field ${quoted(name)} is no ${type}`;
  }
  return undefined;
}

function isOfType(type: string, value: JsonValue): boolean {
  switch (type) {
    case 'boolean':
      return typeof value === 'boolean';
    case 'number':
      return typeof value === 'number' && Number.isFinite(value);
    case 'count':
      return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
    case 'text':
      return typeof value === 'string' && value.length <= MAX_TEXT;
    case 'word':
      return typeof value === 'string' && WORD.test(value);
    default:
      return isFiniteValue(value);
  }
}

/** 1e999 is a number in JSON and none that could be written again. */
function isFiniteValue(value: JsonValue): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.values(value).every((item) => isFiniteValue(item));
}

function countOf(value: JsonValue | undefined, otherwise: number): number {
  return typeof value === 'number' && value > 0 ? value : otherwise;
}
