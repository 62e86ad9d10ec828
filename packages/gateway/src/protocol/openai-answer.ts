// Answers of an OpenAI-compatible route. All texts of the choices are one output, so that a filter sees every one of them;
// embeddings are numbers, as lists or in base64. When a text is replaced, log-probabilities go, because they spell it out.
import type { JsonObject, JsonValue } from '@vallum/core';
import { isJsonObject } from '@vallum/core';
import type { Refusal } from '../door/refusal.js';
import { refuse } from '../door/refusal.js';
import type { Answer, AnswerOutput, WrittenAnswer } from './answer.js';
import { isBase64 } from './base64.js';
import { readRaw, writeRaw } from './binary.js';
import { JSON_HEADERS } from './body-settings.js';
import type { OpenAiForm } from './openai.js';
import { isErrorObject, keptField } from './openai-envelope.js';
import { spelledBy } from './openai-logprobs.js';
import type { Beside, Kinds } from './texts-in.js';
import { findTexts, inOrder, nothingFound, withFields, withTextsIn } from './texts-in.js';

/** Words of the protocol and identifiers: no text of the model, and looked at all the same. */
const KINDS: Kinds = new Map([
  ['role', 'beside'],
  ['type', 'beside'],
  ['id', 'beside'],
  ['tool_call_id', 'beside'],
  ['finish_reason', 'beside'],
  ['stop_reason', 'beside'],
]);
const CHOICE_KEYS = new Set(['index', 'message', 'text', 'finish_reason', 'stop_reason', 'logprobs']);
const EMBEDDING_KEYS = new Set(['object', 'index', 'embedding']);
const SINGLE = 4;

/** @param model by which callers know it */
export function openAiAnswer(
  form: OpenAiForm,
  message: JsonObject,
  received: WrittenAnswer,
  model: string | undefined,
): Answer | Refusal {
  if (isErrorObject(message)) return refuse('bad-upstream', 'the upstream reports an error');
  const field = form === 'openai-embedding' ? 'data' : 'choices';
  const list = message[field];
  if (!Array.isArray(list) || list.length === 0) return refuse('bad-upstream', `the answer has no ${field}`);
  if (!list.every(isJsonObject)) return refuse('bad-upstream', `one of the ${field} is no object`);
  const envelope = withFields(message, (key, value) => (key === field ? value : keptField(key, value, model)));
  const read = { message, envelope, received };
  return field === 'choices' ? textAnswer(read, list) : embeddingAnswer(read, list);
}

interface Read {
  readonly message: JsonObject;
  /** The message with known fields only. */
  readonly envelope: JsonObject;
  readonly received: WrittenAnswer;
}

function textAnswer({ message, envelope, received }: Read, list: readonly JsonObject[]): Answer {
  const outer = without(envelope, 'choices');
  const found = nothingFound();
  const spelled: string[] = [];
  const choices = list.map((choice) => withFields(choice, (key, value) => keptOfChoice(key, value, spelled)));
  // `usage` has numbers only, and its keys were checked.
  findTexts(outer, KINDS, { ...found, names: new Set() }, 'beside');
  for (const choice of choices) findTexts(without(choice, 'logprobs'), KINDS, found);
  const texts = found.texts;
  const outputs: AnswerOutput[] = [{ name: 'choices', datatype: 'BYTES', shape: [texts.length], texts }];
  const beside: Beside = { texts: [...found.beside, ...spelled], names: [...found.names] };
  const isWhole = envelope === message && choices.every((choice, i) => choice === list[i]);
  return {
    outputs,
    beside,
    source: {
      outputs,
      beside,
      received: isWhole ? received : undefined,
      rewrite: ([output], besideTexts) => {
        const isReplaced = output !== outputs[0] || besideTexts.some((text, i) => text !== beside.texts[i]);
        const next = { text: inOrder(output?.texts ?? texts), beside: inOrder(besideTexts) };
        const shown = withTextsIn(outer, KINDS, next, 'beside') as JsonObject;
        const written = choices.map((choice): JsonObject => {
          const kept = withTextsIn(without(choice, 'logprobs'), KINDS, next) as JsonObject;
          const { logprobs } = choice;
          return logprobs === undefined ? kept : { ...kept, logprobs: isReplaced ? null : logprobs };
        });
        return writtenJson({ ...shown, choices: written });
      },
    },
  };
}

/** @param spelled what log-probabilities spell is added */
function keptOfChoice(key: string, value: JsonValue, spelled: string[]): JsonValue | undefined {
  if (!CHOICE_KEYS.has(key)) return undefined;
  if (key === 'index') return typeof value === 'number' ? value : undefined;
  if (key !== 'logprobs' || value === null) return value;
  const texts = isJsonObject(value) ? spelledBy(value) : undefined;
  if (texts === undefined) return null;
  spelled.push(...texts);
  return value;
}

function without(object: JsonObject, name: string): JsonObject {
  return withFields(object, (key, value) => (key === name ? undefined : value));
}

function embeddingAnswer({ message, envelope, received }: Read, list: readonly JsonObject[]): Answer | Refusal {
  const outputs: AnswerOutput[] = [];
  const data = list.map((item) => withFields(item, keptOfEmbedding));
  for (const [i, { embedding }] of data.entries()) {
    const numbers = embeddingOf(embedding);
    if (numbers === undefined) return refuse('bad-upstream', 'an embedding is neither numbers nor base64 of singles');
    outputs.push({ name: `embedding.${i}`, datatype: 'FP32', shape: [numbers.length], numbers });
  }
  const outer = without(envelope, 'data');
  const found = nothingFound();
  findTexts(outer, KINDS, { ...found, names: new Set() }, 'beside');
  const beside: Beside = { texts: found.beside, names: [] };
  return {
    outputs,
    beside,
    source: {
      outputs,
      beside,
      received: envelope === message && data.every((item, i) => item === list[i]) ? received : undefined,
      rewrite: (replaced, besideTexts) => {
        const next = inOrder(besideTexts);
        const shown = withTextsIn(outer, KINDS, { text: next, beside: next }, 'beside') as JsonObject;
        const written = data.map((item, i): JsonObject => {
          const { numbers = new Float32Array(0) } = replaced[i] ?? {};
          if (replaced[i] === outputs[i]) return item;
          const isText = typeof item['embedding'] === 'string';
          return { ...item, embedding: isText ? writeRaw({ numbers }, 'FP32').toString('base64') : [...numbers] };
        });
        return writtenJson({ ...shown, data: written });
      },
    },
  };
}

function keptOfEmbedding(key: string, value: JsonValue): JsonValue | undefined {
  if (!EMBEDDING_KEYS.has(key)) return undefined;
  if (key === 'object') return value === 'embedding' ? value : undefined;
  return key === 'index' && typeof value !== 'number' ? undefined : value;
}

function embeddingOf(value: JsonValue | undefined): Float32Array | Float64Array | undefined {
  if (typeof value === 'string') {
    if (!isBase64(value)) return undefined;
    const bytes = Buffer.from(value, 'base64');
    if (bytes.length % SINGLE !== 0) return undefined;
    return readRaw(bytes, 'FP32', bytes.length / SINGLE, SINGLE)?.numbers as Float32Array;
  }
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'number')) return undefined;
  return Float64Array.from(value);
}

function writtenJson(message: JsonObject): WrittenAnswer {
  return { body: Buffer.from(JSON.stringify(message)), headers: JSON_HEADERS };
}
