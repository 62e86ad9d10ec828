// An upstream's answer by the form of the request that it answers. What does not have the form is no answer.
import type { JsonValue } from '@vallum/core';
import { isJsonObject } from '@vallum/core';
import type { BodyForm } from '../door/operation.js';
import type { Refusal } from '../door/refusal.js';
import { isRefusal, refuse } from '../door/refusal.js';
import type { Answer, AnswerOutput, WrittenAnswer } from './answer.js';
import { ANSWER_BOUNDS } from './answer-bounds.js';
import type { BodyHeaders } from './body-settings.js';
import { isJsonType, JSON_HEADERS, mediaType } from './body-settings.js';
import { readJson } from './json-body.js';
import { rootOf } from './json-form.js';
import { LeafColumns, LeafWriter, visitBlocks } from './leaves.js';
import { readOipAnswer } from './oip-answer.js';
import { openAiAnswer } from './openai-answer.js';
import { readInferAnswer } from './proto/infer-answer.js';
import { findTexts, inOrder, keysIn, NO_KINDS, nothingFound, withTextsIn } from './texts-in.js';

/** Types of answers that nobody looks into; a page or a script is not among them. */
const PASSED = new Set(['application/json', 'text/plain']);

/**
 * @param form of the request
 * @param model by which callers know it; answers name it in place of the upstream's
 * @returns a Refusal `bad-upstream` when the answer does not have the form
 */
export function readAnswer(form: BodyForm, body: Buffer, headers: BodyHeaders, model?: string): Answer | Refusal {
  switch (form) {
    case 'oip':
      return readOipAnswer(body, headers, model);
    case 'oip-proto':
      return readInferAnswer(body, model);
    case 'oip-proto-small':
      return metadataAnswer(body, {});
    case 'none':
      return metadataAnswer(body, { 'content-type': passedType(headers.contentType) });
    case 'opaque':
      return passed(body, { 'content-type': passedType(headers.contentType) });
    default:
      return readJsonAnswer(form, body, model);
  }
}

function readJsonAnswer(
  form: Exclude<BodyForm, 'oip' | 'oip-proto' | 'oip-proto-small' | 'none' | 'opaque'>,
  body: Buffer,
  model: string | undefined,
): Answer | Refusal {
  const message = readJson(body, ANSWER_BOUNDS, 'bad-upstream');
  if (isRefusal(message)) return message;
  const received = { body, headers: JSON_HEADERS };
  if (form === 'json') return leafAnswer(message, rootOf(message), received, (next) => next);
  if (!isJsonObject(message)) return refuse('bad-upstream', 'the answer is no object');
  if (form !== 'mlflow') return openAiAnswer(form, message, received, model);
  const { predictions } = message;
  if (predictions === undefined) return refuse('bad-upstream', 'the answer has no predictions');
  // What a server says beside them (paths, versions, timings) stays behind.
  const isWhole = Object.keys(message).length === 1;
  return leafAnswer(predictions, 'predictions', isWhole ? received : undefined, (next) => ({ predictions: next }));
}

function leafAnswer(
  value: JsonValue,
  root: string,
  received: WrittenAnswer | undefined,
  within: (value: JsonValue) => JsonValue,
): Answer | Refusal {
  const columns = new LeafColumns();
  let fault: string | undefined;
  visitBlocks(root, value, (name, block) => (fault ??= columns.add(name, block)));
  if (fault !== undefined) return refuse('bad-upstream', `the answer is refused: ${fault}`);
  const outputs: readonly AnswerOutput[] = columns.done().tensors;
  const names = new Set<string>();
  keysIn(value, names);
  const beside = { texts: [], names: [...names] };
  const rewrite = (replaced: readonly AnswerOutput[]): WrittenAnswer => {
    const next = new LeafWriter(outputs, replaced).write(root, value);
    return { body: Buffer.from(JSON.stringify(within(next))), headers: JSON_HEADERS };
  };
  return { outputs, beside, source: { outputs, beside, received, rewrite } };
}

/** Metadata in JSON: every text may be masked. In another form, where nothing can be replaced, all of it is one name. */
function metadataAnswer(body: Buffer, headers: Readonly<Record<string, string>>): Answer {
  const received = { body, headers };
  const value =
    headers['content-type'] === 'application/json' ? readJson(body, ANSWER_BOUNDS, 'bad-upstream') : undefined;
  if (value === undefined || isRefusal(value)) {
    const beside = { texts: [], names: [body.toString('utf8')] };
    return { outputs: [], beside, source: { outputs: [], beside, received, rewrite: () => received } };
  }
  const { beside: texts, names, ...found } = nothingFound();
  findTexts(value, NO_KINDS, { ...found, beside: texts, names }, 'beside');
  const beside = { texts, names: [...names] };
  const rewrite = (_: readonly AnswerOutput[], shown: readonly string[]): WrittenAnswer => {
    const next = inOrder(shown);
    const written = withTextsIn(value, NO_KINDS, { text: next, beside: next }, 'beside');
    return { body: Buffer.from(JSON.stringify(written)), headers };
  };
  return { outputs: [], beside, source: { outputs: [], beside, received, rewrite } };
}

function passed(body: Buffer, headers: Readonly<Record<string, string>>): Answer {
  const received = { body, headers };
  return { outputs: [], source: { outputs: [], received, rewrite: () => received } };
}

function passedType(contentType: string | undefined): string {
  const type = mediaType(contentType);
  if (isJsonType(contentType)) return 'application/json';
  return PASSED.has(type) ? `${type}; charset=utf-8` : 'application/octet-stream';
}
