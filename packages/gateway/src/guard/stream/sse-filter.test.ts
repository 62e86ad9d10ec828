// Streams of chat chunks: cut anywhere, with secrets spread over events, broken, hostile.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRefusal } from '../../door/refusal.js';
import type { Refusal } from '../../door/refusal.js';
import { KEY_LINE, MAIL, PRIVATE_KEY, TOKEN } from '../testing/text-samples.js';
import { compileTextGuard } from '../text/text-guard.js';
import { SseFilter } from './sse-filter.js';
import { LONGEST_EVENT } from './sse-reader.js';

const guard = compileTextGuard({ personalData: 'mask', secrets: 'mask' })!;

interface Chunk {
  readonly model?: string;
  readonly choices: readonly {
    readonly index: number;
    readonly delta: { readonly content?: string; readonly tool_calls?: readonly object[] };
    readonly finish_reason: string | null;
    readonly logprobs?: object | null;
  }[];
}

const head = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1760000000, model: 'small' };
const delta = (content: string, more: object = {}): object => ({
  ...head,
  choices: [{ index: 0, delta: { content }, finish_reason: null, ...more }],
});
const stop = { ...head, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] };
const sse = (...chunks: readonly object[]): string =>
  `${chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('')}data: [DONE]\n\n`;

function run(pieces: readonly Uint8Array[], texts: typeof guard | 'off' = guard, withoutLogprobs = false) {
  const filter = new SseFilter({ texts: texts === 'off' ? undefined : texts, withoutLogprobs });
  const parts: Buffer[] = [];
  for (const piece of [...pieces, undefined]) {
    const part = piece === undefined ? filter.finish() : filter.push(piece);
    if (isRefusal(part)) return { text: Buffer.concat(parts).toString(), ended: part, filter };
    parts.push(part);
  }
  return { text: Buffer.concat(parts).toString(), ended: undefined as Refusal | undefined, filter };
}

const chunksOf = (text: string): Chunk[] =>
  text
    .split('\n\n')
    .filter((event) => event.startsWith('data: {'))
    .map((event) => JSON.parse(event.slice(6)) as Chunk);
const contentOf = (text: string, index = 0): string =>
  chunksOf(text)
    .flatMap(({ choices }) => choices.filter((choice) => choice.index === index))
    .map((choice) => choice.delta.content ?? '')
    .join('');

const answer = `Sure. The token is ${TOKEN} and the key is\n${PRIVATE_KEY}\nWrite to ${MAIL}. ${'All the best. '.repeat(40)}`;
const tokens = answer.match(/.{1,5}/gs) ?? [];
const expected = (guard.mask([answer]) as { texts: readonly string[] }).texts[0]!;

describe('SseFilter', () => {
  it('masks what is spread over events, and ends as the stream ended', () => {
    const { text, filter } = run([Buffer.from(sse(...tokens.map((token) => delta(token)), stop))]);
    expect(contentOf(text)).toBe(expected);
    expect(text).not.toContain(KEY_LINE);
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
    expect(chunksOf(text).at(-1)?.choices[0]?.finish_reason).toBe('stop');
    expect(filter.masked).toEqual({ 'github.token': 1, private_key: 1, email: 1 });
    for (const chunk of chunksOf(text)) expect(chunk).toMatchObject(head);
  });

  it('gives out what was held back where the last event has a text of its own, and where the end is not told', () => {
    const last = { ...head, choices: [{ index: 0, delta: { content: ' Bye.' }, finish_reason: 'stop' }] };
    expect(contentOf(run([Buffer.from(sse(delta('Hello.'), last))]).text)).toBe('Hello. Bye.');
    expect(contentOf(run([Buffer.from(sse(delta('Hello.')))]).text)).toBe('Hello.');
    expect(contentOf(run([Buffer.from(`data: ${JSON.stringify(delta('Hello.'))}\n\n`)]).text)).toBe('Hello.');
  });

  it('keeps choices and the arguments of tools apart', () => {
    const call = (index: number, text: string): object => ({
      ...head,
      choices: [{ index: 1, delta: { tool_calls: [{ index, function: { arguments: text } }] }, finish_reason: null }],
    });
    const chunks = [delta('write to mary.jo'), call(0, '{"to":"mary.jo'), call(1, '{"a":1}'), delta(`nes@mailbox.org`)];
    const { text } = run([Buffer.from(sse(...chunks, call(0, 'nes@mailbox.org"}'), stop))]);
    expect(contentOf(text)).toBe('write to m***@m***.org');
    const calls = chunksOf(text)
      .flatMap(({ choices }) => choices.flatMap((choice) => choice.delta.tool_calls ?? []))
      .map((one) => one as { index: number; function: { arguments: string } });
    const spoken = (index: number): string =>
      calls
        .filter((one) => one.index === index)
        .map((one) => one.function.arguments)
        .join('');
    expect(spoken(0)).toBe('{"to":"m***@m***.org"}');
    expect(spoken(1)).toBe('{"a":1}');
  });

  it('leaves out the probabilities of tokens where they would spell a masked text', () => {
    const logprobs = { content: [{ token: MAIL, logprob: -0.1, bytes: [1] }] };
    const body = [Buffer.from(sse(delta('x', { logprobs }), stop))];
    expect(run(body).text).not.toContain(MAIL);
    expect(chunksOf(run(body, 'off').text)[0]?.choices[0]?.logprobs).toEqual(logprobs);
    expect(chunksOf(run(body, 'off', true).text)[0]?.choices[0]?.logprobs).toBeNull();
  });

  it('masks texts outside of choices that belong there, and leaves out all others', () => {
    const more = {
      id: `by ${MAIL}`,
      usage: { total_tokens: 3, note: MAIL },
      citations: [`by ${MAIL}`],
      message: '/srv',
    };
    const { text } = run([Buffer.from(sse({ ...delta('x'), ...more }, stop))]);
    const [first] = chunksOf(text);
    expect(text).not.toContain(MAIL);
    expect(text).not.toContain('/srv');
    expect(first).toMatchObject({ id: 'by m***@m***.org', usage: { total_tokens: 3 } });
    expect(Object.keys(first ?? {})).toEqual(['id', 'object', 'created', 'model', 'choices', 'usage']);
  });

  it('names the model by which callers know it', () => {
    const filter = new SseFilter({ texts: guard, withoutLogprobs: false, model: 'bird' });
    const pieces = [filter.push(Buffer.from(sse(delta('hello'), stop))), filter.finish()];
    const chunks = chunksOf(pieces.map(String).join(''));
    expect(chunks.length).toBeGreaterThan(1);
    for (const { model } of chunks) expect(model).toBe('bird');
  });

  const half = TOKEN.slice(0, 20);
  const other = TOKEN.slice(20);
  const choice = (value: object, finish: string | null = null): object => ({
    ...head,
    choices: [{ index: 0, delta: value, finish_reason: finish }],
  });
  const named = (name: string): object =>
    choice({ tool_calls: [{ index: 0, id: 'c', function: { name, arguments: '' } }] });

  it.each([
    ['in a key', [choice({ [TOKEN]: 'x' })]],
    ['in a key deep within', [choice({ a: { b: [{ [TOKEN]: 1 }] } })]],
    ['over two names of one call', [named(half), named(other)]],
    ['over two ids', [choice({ id: half }), choice({ id: other })]],
    ['around the end of a choice', [choice({ content: half }, 'stop'), choice({ content: other }, 'stop')]],
    [
      'behind an end that is no word',
      [{ ...head, choices: [{ index: 0, delta: { content: half }, finish_reason: 1 }] }],
    ],
  ])('ends where a secret is cut %s', (_, chunks) => {
    const { text, ended } = run([Buffer.from(sse(...chunks))]);
    expect(ended).toMatchObject({ code: 'bad-upstream' });
    expect(text).not.toContain(other);
  });

  it.each([
    [
      'the elements of a list',
      [
        choice({
          content: [
            { type: 'text', text: half },
            { type: 'text', text: other },
          ],
        }),
        stop,
      ],
    ],
    [
      'elements with numbers of their own',
      [
        choice({
          content: [
            { index: 0, text: half },
            { index: 1, text: other },
          ],
        }),
        stop,
      ],
    ],
    [
      'the elements of two lists',
      [choice({ content: [{ text: half }] }), choice({ content: [{}, { text: other }] }), stop],
    ],
    [
      'the elements of the last list',
      [choice({ content: [{ text: half }] }), choice({ content: [{ text: 'x' }, { text: other }] }, 'stop')],
    ],
    ['plain elements', [choice({ content: [half, other] }), stop]],
  ])('masks what is cut over %s', (_, chunks) => {
    const { text, ended } = run([Buffer.from(sse(...chunks))]);
    const parts = [...text.matchAll(/"text":"([^"]*)"|\["([^\]]*)\]/g)].map(
      ([, a, b]) => a ?? b?.replaceAll(/[",]/g, '') ?? '',
    );
    expect(ended).toBeUndefined();
    expect(parts.join('')).not.toContain(half + other);
    expect(parts.join('')).toContain(chunks.length === 2 && parts.join('').includes('x') ? half.slice(0, 4) : 'ghp_…');
  });

  it('keeps the order of what comes in the last list', () => {
    const { text } = run([
      Buffer.from(
        sse(
          choice({ content: [{ text: 'one ' }] }),
          choice({ content: [{ text: 'two ' }, { text: 'three' }] }, 'stop'),
        ),
      ),
    ]);
    expect([...text.matchAll(/"text":"([^"]*)"/g)].map(([, part]) => part).join('')).toBe('one two three');
  });

  it('takes names and ids that are repeated in every event', () => {
    const { text, ended } = run([Buffer.from(sse(named('find'), named('find'), named(''), stop))]);
    expect(ended).toBeUndefined();
    expect(text).toContain('"name":"find"');
  });

  it('passes on a sign of life, and not what it says', () => {
    const { text } = run([Buffer.from(`: host-17 is busy\n\nevent: x\nid: 4\nretry: 10\n${sse(delta('a'), stop)}`)]);
    expect(text.startsWith(':\n\ndata: ')).toBe(true);
    expect(text).not.toContain('host-17');
    expect(text).not.toContain('retry');
  });

  it('passes on nothing behind the end', () => {
    const { text, ended } = run([Buffer.from(`${sse(delta('a'), stop)}data: {"more":1}\n\n`)]);
    expect(ended).toBeUndefined();
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
  });

  it.each([
    ['an event that is no JSON', 'data: {"choices":[\n\n'],
    ['a key that stands twice', 'data: {"choices":[],"choices":[]}\n\n'],
    ['no choices', 'data: {"object":"x"}\n\n'],
    ['a list', 'data: []\n\n'],
    ['a choice without an index', 'data: {"choices":[{"delta":{"content":"x"}}]}\n\n'],
    ['a choice with an absurd index', 'data: {"choices":[{"index":1e9,"delta":{}}]}\n\n'],
    ['an error as an object', 'data: {"object":"error","message":"/srv/secret","choices":[]}\n\n'],
    ['an error of the upstream', 'data: {"error":{"message":"/srv/models/secret is gone"}}\n\n'],
    ['another field', 'bata: {"choices":[]}\n\n'],
    ['bytes that are no UTF-8', Buffer.from([0x64, 0x61, 0x74, 0x61, 0x3a, 0xff, 0x0a, 0x0a])],
    ['an event that never ends', `data: ${'x'.repeat(LONGEST_EVENT)}`],
    ['an event of many lines that never ends', 'data: x\n'.repeat(LONGEST_EVENT / 7 + 1)],
    ['nesting without end', `data: {"choices":[{"index":0,"delta":${'['.repeat(5000)}${']'.repeat(5000)}}]}\n\n`],
  ])('ends at %s, and says nothing of it to the caller', (_, bytes) => {
    const good = Buffer.from(`data: ${JSON.stringify(delta('fine'))}\n\n`);
    const { text, ended, filter } = run([good, typeof bytes === 'string' ? Buffer.from(bytes) : bytes]);
    expect(ended).toMatchObject({ refused: true, code: 'bad-upstream' });
    expect(text).not.toContain('secret');
    expect(filter.push(good)).toBe(ended);
    expect(filter.finish()).toBe(ended);
  });

  it('ends where a secret has to be refused', () => {
    const refusing = compileTextGuard({ personalData: 'off', secrets: 'refuse' })!;
    const body = sse(...[...`take ${TOKEN} ${'and so on '.repeat(80)}`].map((letter) => delta(letter)), stop);
    const { text, ended } = run([Buffer.from(body)], refusing);
    expect(ended?.reason).toMatch(/github\.token/);
    expect(contentOf(text)).not.toContain(TOKEN.slice(0, 6));
  });

  it('opens no texts without end', () => {
    const calls = Array.from({ length: 1100 }, (_, index) => ({ index, function: { arguments: 'x' } }));
    const { ended } = run([Buffer.from(sse({ ...head, choices: [{ index: 0, delta: { tool_calls: calls } }] }))]);
    expect(ended?.reason).toMatch(/more than 1024 texts/);
  });

  it('property: the same however the bytes are cut and the lines are ended', () => {
    const body = sse(...tokens.slice(0, 60).map((token) => delta(`${token}é`)), stop);
    const whole = run([Buffer.from(body)]).text;
    const ends = fc.constantFrom('\n', '\r\n', '\r');
    fc.assert(
      fc.property(fc.array(fc.nat({ max: body.length }), { maxLength: 40 }), ends, (cuts, end) => {
        const bytes = Buffer.from(body.replaceAll('\n', end));
        const places = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const pieces = places.slice(1).map((to, i) => bytes.subarray(places[i], to));
        expect(run(pieces).text).toBe(whole);
      }),
      { numRuns: 60 },
    );
  });

  it('property: any bytes give an answer or an end, never an error', () => {
    const part = fc.constantFrom(
      'data: ',
      '{"choices":[',
      '{"index":0,"delta":{"content":"x"}}',
      ']}',
      '\n',
      '\n\n',
      ':',
      '[DONE]',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(part, fc.string({ unit: 'binary' })), { maxLength: 20 }), (parts) => {
        const { ended } = run(parts.map((text) => Buffer.from(text)));
        expect(ended === undefined || ended.code === 'bad-upstream').toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
