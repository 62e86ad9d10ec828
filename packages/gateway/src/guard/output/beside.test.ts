// Secrets in every corner of an answer, and what of it is no business of callers: known fields go out, errors never.
import { describe, expect, it } from 'vitest';
import type { JsonValue } from '@vallum/core';
import { gatewaySchema } from '../../config/schema.js';
import type { BodyForm, Protocol } from '../../door/operation.js';
import { isRefusal } from '../../door/refusal.js';
import { writeAnswer } from '../../protocol/answer.js';
import { readAnswer } from '../../protocol/read-answer.js';
import { json, JSON_HEAD } from '../../protocol/testing/bodies.js';
import { textField } from '../../protocol/proto/wire.js';
import { readResponse, response } from '../../protocol/testing/service.js';
import { corners } from '../testing/corners.js';
import { MAIL, TOKEN } from '../testing/text-samples.js';
import { compileOutputGuard } from './output-guard.js';

const settings = gatewaySchema.shape.routes.element.shape.output.parse({ personalData: 'mask' });
const context = {
  principal: 'alice',
  inputDigest: 'a'.repeat(64),
  secret: Buffer.alloc(32, 7),
  step: 'observe',
} as const;

function shown(form: BodyForm, body: Buffer, protocol: Protocol = 'json', model?: string): Buffer | undefined {
  const answer = readAnswer(form, body, JSON_HEAD, model);
  if (isRefusal(answer)) return undefined;
  const guarded = compileOutputGuard(settings, protocol)(answer, context);
  return isRefusal(guarded) ? undefined : writeAnswer(guarded.answer).body;
}

const choice = {
  index: 0,
  message: {
    id: 'm',
    role: 'assistant',
    content: 'hi',
    reasoning: 'so',
    tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }],
  },
  finish_reason: 'stop',
  stop_reason: 'x',
};
const logprobs = {
  content: [{ token: 'hi', logprob: -1, bytes: [104, 105], top_logprobs: [{ token: 'yo', logprob: -2, bytes: null }] }],
};
const chat = {
  id: 'c1',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  system_fingerprint: 'fp',
  usage: { total_tokens: 2, details: { a: 1 } },
  choices: [choice],
};
const completion = {
  id: 'c1',
  object: 'text_completion',
  choices: [
    {
      index: 0,
      text: 'hi',
      logprobs: { tokens: ['hi'], token_logprobs: [-1], top_logprobs: [{ hi: -1 }], text_offset: [0] },
    },
  ],
};
const ANSWERS: readonly (readonly [BodyForm, JsonValue])[] = [
  ['openai-chat', chat],
  ['openai-chat', { ...chat, choices: [{ ...choice, logprobs }] }],
  ['openai-completion', completion],
  ['openai-embedding', { object: 'list', model: 'm', data: [{ object: 'embedding', index: 0, embedding: [1, 2] }] }],
  [
    'oip',
    {
      model_name: 'm',
      model_version: '1',
      id: 'i',
      parameters: { data: 'np', name: 'a', n: 1 },
      outputs: [{ name: 'y', shape: [1], datatype: 'FP32', parameters: { content_type: 'np' }, data: [1] }],
    },
  ],
  ['mlflow', { predictions: [{ a: 1, b: 'x', c: {} }] }],
  ['json', { a: [{ b: 'x' }], c: {} }],
  ['none', { name: 'm', versions: ['1'], inputs: [{ name: 'x', shape: [2, -1] }] }],
];

describe('every text that goes out', () => {
  it.each(ANSWERS)('%s: the answer itself keeps its bytes %#', (form, value) => {
    const body = Buffer.from(JSON.stringify(value, null, 1));
    expect(shown(form, body)).toBe(body);
  });

  it.each(ANSWERS)('%s: a secret in any place is masked, left out, or nothing goes out %#', (form, value) => {
    let passed = 0;
    for (const secret of [TOKEN, `a ${MAIL} b`])
      for (const [place, changed] of corners(value, secret, true)) {
        const body = shown(form, json(changed));
        expect(body?.toString() ?? '', place).not.toContain(secret === TOKEN ? TOKEN : MAIL);
        if (body !== undefined) passed += 1;
      }
    expect(passed).toBeGreaterThan(0);
  });

  it('log-probabilities go where their tokens, bytes or alternatives spell a secret', () => {
    const half = TOKEN.slice(0, 20);
    const tokens = (...texts: string[]): object => ({ content: texts.map((token) => ({ token, logprob: -1 })) });
    const bytes = { content: [{ token: 'x', logprob: -1, bytes: [...Buffer.from(TOKEN)] }] };
    for (const spelled of [
      tokens(half, TOKEN.slice(20)),
      bytes,
      { content: [{ ...logprobs.content[0], top_logprobs: [{ token: TOKEN, logprob: -1 }] }] },
      { other: 'x' },
    ]) {
      const body = shown('openai-chat', json({ ...chat, choices: [{ ...choice, logprobs: spelled }] }));
      expect(JSON.parse(body?.toString() ?? '')).toMatchObject({ choices: [{ ...choice, logprobs: null }] });
    }
  });

  it.each<[BodyForm, object]>([
    ['openai-embedding', { object: 'error', message: '/srv/models is gone', data: [] }],
    ['openai-chat', { object: 'error', message: '/srv/models is gone', data: [] }],
    ['openai-chat', { ...chat, object: 'error' }],
    ['openai-chat', { ...chat, error: { message: '/srv' } }],
    ['openai-chat', { choices: [] }],
    ['openai-chat', { data: [{ embedding: [1] }] }],
    ['openai-embedding', { data: [] }],
    ['openai-embedding', chat],
    ['oip', { error: '/srv/models is gone', outputs: [] }],
  ])('refuses a %s answer of %j', (form, value) => {
    expect(readAnswer(form, json(value), JSON_HEAD)).toMatchObject({ refused: true, code: 'bad-upstream' });
  });

  it('leaves out what the protocol does not have, and names the model by which callers know it', () => {
    const more = { message: '/srv/models', prompt_token_ids: [1, 2], usage: { total_tokens: 2, host: 'gpu-17' } };
    const body = shown(
      'openai-chat',
      json({ ...chat, ...more, choices: [{ ...choice, token_ids: [3] }] }),
      'openai',
      'bird',
    );
    expect(JSON.parse(body?.toString() ?? '')).toEqual({
      ...chat,
      model: 'bird',
      usage: { total_tokens: 2 },
      choices: [choice],
    });
    const output = { name: 'y', shape: [1], datatype: 'FP32', data: [1] };
    const oip = shown(
      'oip',
      json({
        model_name: 'org/real',
        host: 'gpu-17',
        parameters: { a: { b: 1 } },
        outputs: [{ ...output, path: '/srv' }],
      }),
      'oip',
      'bird',
    );
    expect(JSON.parse(oip?.toString() ?? '')).toEqual({ model_name: 'bird', parameters: {}, outputs: [output] });
  });

  it('gRPC: ids are masked, names and parameters refused, unknown parameters left out', () => {
    const plain = {
      model_name: 'org/real',
      id: 'i',
      parameters: { a: { string_param: 's' } },
      outputs: [{ name: 'y', datatype: 'FP32', shape: [1], contents: { fp32_contents: [1] } }],
    };
    const go = (more: object): object | undefined => {
      const body = shown('oip-proto', response('ModelInfer', { ...plain, ...more }), 'oip-grpc', 'bird');
      return body === undefined ? undefined : readResponse('ModelInfer', body);
    };
    expect(go({})).toMatchObject({ model_name: 'bird', id: 'i', parameters: { a: { string_param: 's' } } });
    expect(go({ id: `by ${MAIL}` })).toMatchObject({ id: 'by m***@m***.org' });
    expect(go({ parameters: { a: { string_param: TOKEN } } })).toBeUndefined();
    expect(go({ parameters: { [TOKEN]: { bool_param: true } } })).toBeUndefined();
    expect(go({ model_version: TOKEN })).toBeUndefined();
    expect(go({ outputs: plain.outputs.map((output) => ({ ...output, name: TOKEN })) })).toBeUndefined();
    const long = go({ parameters: { a: { string_param: 'x'.repeat(5_000) } } }) as { parameters: object };
    expect(long.parameters).toEqual({});
  });

  it('metadata that is no JSON is refused where it holds a secret', () => {
    const text = (body: string): boolean => {
      const answer = readAnswer('none', Buffer.from(body), { contentType: 'text/plain' });
      return !isRefusal(answer) && !isRefusal(compileOutputGuard(settings, 'oip')(answer, context));
    };
    expect([text('2.1.0\n'), text(`key ${TOKEN}`)]).toEqual([true, false]);
    const small = Buffer.concat([textField(1, 'triton'), textField(2, TOKEN)]);
    expect(shown('oip-proto-small', small)).toBeUndefined();
  });
});
