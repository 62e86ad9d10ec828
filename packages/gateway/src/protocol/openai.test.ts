// Requests of an OpenAI-compatible route as its documents show them, what is counted, and fields that must not pass.
import { describe, expect, it } from 'vitest';
import type { BodyForm } from '../door/operation.js';
import { inspectBody } from './inspect-body.js';
import type { Inspected } from './inspected.js';
import { accepted, json, JSON_HEAD, refusal, SETTINGS } from './testing/bodies.js';

const inspect = (form: BodyForm, value: object, settings = SETTINGS): Inspected =>
  accepted(inspectBody(form, json({ model: 'mymodel', ...value }), JSON_HEAD, settings));
const refused = (form: BodyForm, value: object): string =>
  refusal(inspectBody(form, json({ model: 'mymodel', ...value }), JSON_HEAD, SETTINGS));
const user = (content: unknown): object => ({ messages: [{ role: 'user', content }] });

describe('chat', () => {
  it('reads messages, a stream, and counts tokens', () => {
    const inspected = inspect('openai-chat', {
      messages: [
        { role: 'system', content: 'You help.' },
        { role: 'user', content: 'Hello' },
      ],
      max_tokens: 100,
      stream: true,
    });
    expect(inspected).toMatchObject({
      model: 'mymodel',
      stream: true,
      rows: 1,
      elements: 2,
      tokens: Math.ceil(14 / 4) + 100,
    });
    expect(inspected.inputs).toEqual([
      { name: 'messages', datatype: 'BYTES', shape: [2], texts: ['You help.', 'Hello'] },
    ]);
  });

  it('multiplies by n, counts a default where no maximum is stated', () => {
    expect(inspect('openai-chat', { ...user('abcd'), n: 3, max_tokens: 10 })).toMatchObject({ tokens: 31, rows: 3 });
    expect(inspect('openai-chat', user('abcd')).tokens).toBe(1 + 4_096);
    expect(inspect('openai-chat', { ...user('abcd'), max_tokens: null, max_completion_tokens: 2 }).tokens).toBe(3);
    expect(inspect('openai-chat', { ...user('abcd'), max_tokens: 2, max_completion_tokens: null }).tokens).toBe(3);
    expect(inspect('openai-chat', { ...user('abcd'), max_tokens: 7, max_completion_tokens: 7 }).tokens).toBe(8);
  });

  it('counts what stands beside the messages, because servers write it into the prompt', () => {
    const schema = { type: 'json_schema', json_schema: { name: 'n', description: 'd'.repeat(4_000) } };
    const tools = [
      { type: 'function', function: { name: 'f', parameters: { properties: { ['p'.repeat(200)]: {} } } } },
    ];
    const tokens = (more: object): number =>
      inspect('openai-chat', { ...user('x'), max_tokens: 1, ...more }).tokens ?? 0;
    expect(tokens({ response_format: schema })).toBeGreaterThan(1_000);
    expect(tokens({ tools })).toBeGreaterThan(50);
  });

  it.each([
    [{ max_tokens: 4_096, max_completion_tokens: 1 }],
    [{ max_tokens: 1, max_completion_tokens: 4_096 }],
    [{ max_tokens: 5, max_completion_tokens: 0 }],
  ])('refuses two maximums that differ: %j', (more) => {
    expect(refused('openai-chat', { ...user('x'), ...more })).toContain('differ');
  });

  it.each([
    ['fetched sound', { type: 'input_audio', input_audio: { url: 'http://169.254.169.254/' } }],
    ['sound with one field more', { type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav', url: 'x' } }],
    ['sound that is text', { type: 'input_audio', input_audio: { data: 'my secret!', format: 'wav' } }],
    ['sound of no known format', { type: 'input_audio', input_audio: { data: 'AAAA', format: 'my key' } }],
    ['an image that is text', { type: 'image_url', image_url: { url: 'data:image/png;base64,my secret!' } }],
    ['an image that ends in text', { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA;my secret' } }],
    ['an image of text', { type: 'image_url', image_url: { url: 'data:image/svg+xml;base64,AAAA' } }],
    [
      'an image with one field more',
      { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA', uuid: 'x' } },
    ],
    [
      'an image of a detail in own words',
      { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA', detail: 'my key' } },
    ],
  ])('refuses %s', (_name, part) => {
    expect(refused('openai-chat', user([part]))).toMatch(/^bad-input: (an image|a sound|the (data|detail|format) of)/);
  });

  it('takes an image with its detail and a sound with its format, of megabytes', () => {
    const data = Buffer.alloc(2 ** 21, 7).toString('base64');
    const image = { type: 'image_url', image_url: { url: `data:image/jpeg;base64,${data}`, detail: 'low' } };
    const sound = { type: 'input_audio', input_audio: { data, format: 'wav' } };
    expect(inspect('openai-chat', { ...user([image, sound]), max_tokens: 1 }).tokens).toBe(2 * 1_024 + 1);
  });

  it.each([
    ['a word that is a text', { ...user('x'), reasoning_effort: 'my secret' }],
    [
      'a call with a field of its own',
      {
        messages: [
          {
            role: 'assistant',
            tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '' }, role: 'my secret' }],
          },
        ],
      },
    ],
    [
      'a call of a function with a field of its own',
      {
        messages: [
          {
            role: 'assistant',
            tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '', type: 'my secret' } }],
          },
        ],
      },
    ],
    ['a refusal that is no text', { messages: [{ role: 'assistant', refusal: { type: 'my secret' } }] }],
  ])('refuses %s, which no guard would see', (_name, value) => {
    expect(refused('openai-chat', value)).toMatch(/^bad-input/);
  });

  it('multiplies by n and best_of for each prompt', () => {
    const value = { prompt: ['a', 'b'], n: 2, best_of: 3, max_tokens: 5 };
    expect(inspect('openai-completion', value)).toMatchObject({ rows: 12, tokens: 1 + 60 });
    const suffixed = inspect('openai-completion', { prompt: [1, 2], suffix: 'after' });
    expect(suffixed.inputs.map(({ name, texts }) => [name, texts])).toEqual([
      ['prompt', undefined],
      ['suffix', ['after']],
    ]);
  });

  it('counts images and does not look at them', () => {
    const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } };
    const inspected = inspect('openai-chat', { ...user([{ type: 'text', text: 'what?' }, image]), max_tokens: 1 });
    expect(inspected.inputs[0]?.texts).toEqual(['what?']);
    expect(inspected.tokens).toBe(2 + 1_024 + 1);
  });

  it('shows the texts of tools and of calls', () => {
    const inspected = inspect('openai-chat', {
      messages: [
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{"q":1}' } }],
        },
        { role: 'tool', tool_call_id: 'c1', content: 'result' },
      ],
      tools: [{ type: 'function', function: { name: 'f', description: 'finds' } }],
    });
    expect(inspected.inputs.map(({ name, texts }) => [name, texts])).toEqual([
      ['messages', ['f', '{"q":1}', 'result']],
      ['tools', ['function', 'f', 'finds']],
    ]);
  });

  it('names the model of the upstream, and only there', () => {
    const inspected = inspect('openai-chat', user('hi'), { ...SETTINGS, upstreamModel: 'org/real' });
    expect(JSON.parse(inspected.forward.toString())).toEqual({ model: 'org/real', ...user('hi') });
    expect(inspected.model).toBe('mymodel');
  });

  it('writes masked texts in their places', () => {
    const parts = [
      { type: 'text', text: 'b' },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
    ];
    const messages = [
      { role: 'system', content: 'a' },
      { role: 'user', content: parts },
    ];
    const inspected = inspect('openai-chat', { messages, temperature: 0 });
    const masked = inspected.withTexts?.([['a', '***']]) as Inspected;
    expect(JSON.parse(masked.forward.toString())).toEqual(
      JSON.parse(JSON.stringify({ model: 'mymodel', messages, temperature: 0 }).replace('"b"', '"***"')),
    );
  });

  it.each([
    ['another model', { ...user('x'), model: 'other' }, 'another model'],
    ['a template', { ...user('x'), chat_template: '{{ cycler }}' }, 'chat_template'],
    ['tensors to load', { ...user('x'), prompt_embeds: 'AAAA' }, 'prompt_embeds'],
    ['code to import', { ...user('x'), logits_processors: ['os.system'] }, 'logits_processors'],
    ['a field under another case', { ...user('x'), Model: 'other' }, '"Model"'],
    [
      'an image that the server would fetch',
      user([{ type: 'image_url', image_url: { url: 'http://169.254.169.254/' } }]),
      'data URL',
    ],
    ['a file as image', user([{ type: 'image_url', image_url: { url: 'file:///etc/passwd' } }]), 'data URL'],
    ['a part with two values', user([{ type: 'text', text: 'x', image_url: { url: 'http://a/' } }]), 'another form'],
    ['an unknown part', user([{ type: 'video_url', text: 'x' }]), 'unknown type'],
    ['an unknown role', { messages: [{ role: 'root', content: 'x' }] }, 'role'],
    ['no messages', { messages: [] }, 'messages'],
    ['a stream that is no boolean', { ...user('x'), stream: 'true' }, '"stream"'],
    ['a negative maximum', { ...user('x'), max_tokens: -1 }, '"max_tokens"'],
    ['a huge maximum', { ...user('x'), max_tokens: 1e15 }, 'more than any model'],
    ['a huge n', { ...user('x'), n: 1e6 }, 'more than any model'],
    ['content that is a number', user(5), 'content'],
  ])('refuses %s', (_name, value, reason) => {
    expect(refused('openai-chat', value)).toContain(reason);
  });
});

describe('completions and embeddings', () => {
  it('reads prompts as texts or token ids', () => {
    expect(inspect('openai-completion', { prompt: 'abcd' })).toMatchObject({ tokens: 17, rows: 1 });
    expect(inspect('openai-completion', { prompt: ['a', 'b'], max_tokens: 5, best_of: 2 })).toMatchObject({
      rows: 4,
      tokens: 21,
    });
    expect(inspect('openai-completion', { prompt: [[1, 2], [3]], max_tokens: 1 })).toMatchObject({
      rows: 2,
      tokens: 5,
      inputs: [{ name: 'prompt', datatype: 'INT64', shape: [3] }],
    });
  });

  it('embeds texts and counts each', () => {
    const inspected = inspect('openai-embedding', { input: ['abcd', 'efgh'], encoding_format: 'base64' });
    expect(inspected).toMatchObject({ rows: 2, tokens: 2, stream: false });
    const masked = inspected.withTexts?.([['abcd', '*']]) as Inspected;
    expect(JSON.parse(masked.forward.toString())).toMatchObject({ input: ['abcd', '*'] });
  });

  it.each([
    { input: [] },
    { input: ['a', 1] },
    { input: [[1], 'a'] },
    { input: [-1] },
    { input: [[]] },
    { input: {} },
    {},
    { input: 'a', stream: true },
  ])('refuses %j', (value) => {
    expect(refused('openai-embedding', value)).toMatch(/^bad-input/);
  });
});
