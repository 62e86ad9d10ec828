// Answers of an OpenAI-compatible route. All texts of the choices are one output, so that a filter sees every one of them;
// embeddings are numbers, as lists or in base64. When a text is replaced, log-probabilities go, because they spell it out.
import type { JsonObject, JsonValue } from '@vallum/core';
import { isJsonObject } from '@vallum/core';
import type { Refusal } from '../door/refusal.js';
import { refuse } from '../door/refusal.js';
import type { Answer, AnswerOutput, WrittenAnswer } from './answer.js';
import { readRaw, writeRaw } from './binary.js';
import { JSON_HEADERS } from './body-settings.js';
import type { Skipped } from './texts-in.js';
import { inOrder, textsIn, withTextsIn } from './texts-in.js';

/** Words of the protocol, identifiers, and what spells a text out. */
const NO_TEXT: Skipped = new Set(['role', 'type', 'id', 'index', 'finish_reason', 'stop_reason', 'logprobs']);
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const SINGLE = 4;

export function openAiAnswer(message: JsonObject, received: WrittenAnswer): Answer | Refusal {
  const { choices, data } = message;
  if (Array.isArray(choices)) return textAnswer(message, choices as readonly JsonValue[], received);
  if (Array.isArray(data)) return embeddingAnswer(message, data as readonly JsonValue[], received);
  return refuse('bad-upstream', 'the answer has neither choices nor data');
}

function textAnswer(message: JsonObject, choices: readonly JsonValue[], received: WrittenAnswer): Answer | Refusal {
  if (!choices.every(isJsonObject)) return refuse('bad-upstream', 'a choice is no object');
  const texts = textsIn(choices, NO_TEXT);
  const outputs: AnswerOutput[] = [{ name: 'choices', datatype: 'BYTES', shape: [texts.length], texts }];
  return {
    outputs,
    source: {
      outputs,
      received,
      rewrite: ([output]) => {
        const next = inOrder(output?.texts ?? texts);
        const written = choices.map((choice) => {
          const { logprobs, ...kept } = withTextsIn(choice, NO_TEXT, next) as JsonObject;
          return logprobs === undefined ? kept : { ...kept, logprobs: null };
        });
        return writtenJson({ ...message, choices: written });
      },
    },
  };
}

function embeddingAnswer(message: JsonObject, data: readonly JsonValue[], received: WrittenAnswer): Answer | Refusal {
  const outputs: AnswerOutput[] = [];
  for (const [i, item] of data.entries()) {
    const numbers = isJsonObject(item) ? embeddingOf(item['embedding']) : undefined;
    if (numbers === undefined) return refuse('bad-upstream', 'an embedding is neither numbers nor base64 of singles');
    outputs.push({ name: `embedding.${i}`, datatype: 'FP32', shape: [numbers.length], numbers });
  }
  return {
    outputs,
    source: {
      outputs,
      received,
      rewrite: (replaced) => {
        const written = data.map((item, i): JsonValue => {
          const { embedding } = item as JsonObject;
          const { numbers = new Float32Array(0) } = replaced[i] ?? {};
          if (replaced[i] === outputs[i]) return item;
          const next = typeof embedding === 'string' ? writeRaw({ numbers }, 'FP32').toString('base64') : [...numbers];
          return { ...(item as JsonObject), embedding: next };
        });
        return writtenJson({ ...message, data: written });
      },
    },
  };
}

function embeddingOf(value: JsonValue | undefined): Float32Array | Float64Array | undefined {
  if (typeof value === 'string') {
    if (!BASE64.test(value)) return undefined;
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
