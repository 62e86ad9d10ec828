// Secrets in every corner of a body: whatever is forwarded was looked at. The corners are made by putting the secret in the place of
// each text and each key of bodies that have all fields.
import { describe, expect, it } from 'vitest';
import type { JsonValue } from '@vallum/core';
import type { BodyForm } from '../../door/operation.js';
import { isRefusal } from '../../door/refusal.js';
import { inspectBody } from '../../protocol/inspect-body.js';
import { JSON_HEAD, json, SETTINGS } from '../../protocol/testing/bodies.js';
import { request as proto } from '../../protocol/testing/service.js';
import { corners } from '../testing/corners.js';
import { settings } from '../testing/requests.js';
import { MAIL, TOKEN } from '../testing/text-samples.js';
import { compileInputGuard } from './input-guard.js';

const call = { id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } };
const parts = [
  { type: 'text', text: 'hi' },
  { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA', detail: 'low' } },
  { type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } },
];
const BODIES: readonly (readonly [BodyForm, JsonValue])[] = [
  [
    'openai-chat',
    {
      model: 'mymodel',
      messages: [
        { role: 'user', name: 'me', content: parts },
        { role: 'assistant', content: 'x', refusal: 'no', reasoning_content: 'so', tool_calls: [call] },
        { role: 'tool', tool_call_id: 'c1', content: 'result' },
      ],
      tools: [{ type: 'function', function: { name: 'f', parameters: { properties: { p: { enum: ['a'] } } } } }],
      tool_choice: { type: 'function', function: { name: 'f' } },
      stop: ['end'],
      response_format: { type: 'json_schema', json_schema: { name: 's', description: 'd', schema: { k: 1 } } },
      metadata: { trace: 'x' },
      stream_options: { include_usage: true },
      logit_bias: { '17': 1 },
      user: 'u',
      safety_identifier: 's',
      prompt_cache_key: 'k',
      reasoning_effort: 'low',
      verbosity: 'low',
    },
  ],
  ['openai-completion', { model: 'mymodel', prompt: ['a', 'b'], suffix: 's', stop: 'end', user: 'u' }],
  ['openai-completion', { model: 'mymodel', prompt: [1, 2], suffix: 's', logit_bias: { '1': 1 } }],
  ['openai-embedding', { model: 'mymodel', input: ['a'], encoding_format: 'float', user: 'u' }],
  [
    'mlflow',
    { dataframe_split: { columns: ['a', 'b'], index: ['r'], data: [['x', { k: 'v' }]] }, params: { p: 'v', q: ['w'] } },
  ],
  ['mlflow', { dataframe_split: { columns: ['a'], data: [] }, params: { p: 'v' } }],
  ['mlflow', { dataframe_records: [{ a: 'x', b: {} }], params: { p: 1 } }],
  ['mlflow', { inputs: { a: ['x'], b: { c: [] } } }],
  ['json', { data: { names: ['a'], ndarray: [[1]], empty: {} }, meta: [{ k: true }] }],
  [
    'oip',
    {
      id: 'i',
      model_name: 'mymodel',
      parameters: { content_type: 'np', sequence_id: 's' },
      inputs: [{ name: 'x', shape: [1], datatype: 'BYTES', data: ['t'], parameters: { content_type: 'str' } }],
      outputs: [{ name: 'y', parameters: { content_type: 'np' } }],
    },
  ],
];

function forwarded(form: BodyForm, body: Buffer, mode: 'mask' | 'refuse' = 'mask'): string | undefined {
  const inspected = inspectBody(form, body, JSON_HEAD, SETTINGS);
  if (isRefusal(inspected)) return undefined;
  const answer = compileInputGuard(settings({ secrets: mode, personalData: mode }))(inspected);
  return isRefusal(answer) ? undefined : answer.inspected.forward.toString();
}

describe('every text that is forwarded', () => {
  it.each(BODIES)('%s: the body itself passes as it is %#', (form, value) => {
    expect(forwarded(form, json(value))).toBe(json(value).toString());
  });

  it.each(BODIES)('%s: a secret in any place of it is masked or refused %#', (form, value) => {
    let masked = 0;
    for (const secret of [TOKEN, `a ${MAIL} b`])
      for (const [place, changed] of corners(value, secret)) {
        const passed = forwarded(form, json(changed));
        expect(passed ?? '', place).not.toContain(secret === TOKEN ? TOKEN : MAIL);
        if (passed !== undefined) masked += 1;
        expect(forwarded(form, json(changed), 'refuse'), place).toBeUndefined();
      }
    if (form !== 'json' && JSON.stringify(value).includes('"user"')) expect(masked).toBeGreaterThan(0);
  });

  it('masks beside the inputs and leaves all else as it was', () => {
    const [form, value] = BODIES[0] as (typeof BODIES)[number];
    const changed = { ...(value as object), user: MAIL, metadata: { trace: `by ${MAIL}` }, tool_choice: 'auto' };
    const shown = JSON.stringify(changed).replaceAll(MAIL, 'm***@m***.org');
    expect(JSON.parse(forwarded(form, json(changed)) ?? '')).toEqual(JSON.parse(shown));
  });

  it('is bounded in length, keys too', () => {
    const guard = compileInputGuard(settings({ maxTextLength: 100 }));
    const outcome = (form: BodyForm, value: object): string => {
      const inspected = inspectBody(form, json(value), JSON_HEAD, SETTINGS);
      const answer = isRefusal(inspected) ? inspected : guard(inspected);
      return isRefusal(answer) ? answer.reason : 'passes';
    };
    const chat = { model: 'mymodel', messages: [{ role: 'user', content: 'x' }] };
    expect(outcome('openai-chat', { ...chat, metadata: { a: 'x'.repeat(101) } })).toContain('longer than 100');
    expect(outcome('openai-chat', { ...chat, metadata: { ['k'.repeat(257)]: 'x' } })).toContain('longer than 256');
    expect(outcome('mlflow', { instances: [1], params: { a: 'x'.repeat(101) } })).toContain('longer than 100');
    expect(outcome('json', { x: { ['k'.repeat(257)]: {} } })).toContain('longer than 256');
    expect(outcome('openai-chat', { ...chat, metadata: { a: 'x'.repeat(100) } })).toBe('passes');
  });

  it('CSV and gRPC: names of columns and tensors, ids', () => {
    const csv = { ...SETTINGS, contentTypes: ['text/csv'] };
    const inspected = inspectBody('mlflow', Buffer.from(`a,${TOKEN}\n1,2\n`), { contentType: 'text/csv' }, csv);
    if (isRefusal(inspected)) throw new Error(inspected.reason);
    expect(compileInputGuard(settings({ secrets: 'mask' }))(inspected)).toMatchObject({ code: 'bad-input' });
    const infer = {
      model_name: 'mymodel',
      inputs: [{ name: 'x', datatype: 'BYTES', shape: [1], contents: { bytes_contents: [Buffer.from('t')] } }],
    };
    const plain = { ...infer, id: 'i', outputs: [{ name: 'y' }], parameters: { sequence_id: { string_param: 's' } } };
    expect(forwarded('oip-proto', proto('ModelInfer', plain))).toBeDefined();
    for (const more of [
      { id: TOKEN },
      { outputs: [{ name: TOKEN }] },
      { parameters: { sequence_id: { string_param: TOKEN } } },
      { inputs: infer.inputs.map((input) => ({ ...input, name: TOKEN })) },
    ])
      expect(forwarded('oip-proto', proto('ModelInfer', { ...plain, ...more })), JSON.stringify(more)).toBeUndefined();
  });
});
