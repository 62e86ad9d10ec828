// Answers of each form: untouched they keep their bytes, replaced outputs are written in their places, all else stays.
import { describe, expect, it } from 'vitest';
import type { BodyForm } from '../door/operation.js';
import type { Answer, AnswerOutput } from './answer.js';
import { writeAnswer } from './answer.js';
import { readAnswer } from './read-answer.js';
import { accepted, floats, json, JSON_HEAD, packed, refusal, withBinary } from './testing/bodies.js';

const read = (form: BodyForm, value: unknown): Answer => accepted(readAnswer(form, json(value), JSON_HEAD));
const changed = (answer: Answer, change: (output: AnswerOutput, i: number) => AnswerOutput): unknown =>
  JSON.parse(writeAnswer({ ...answer, outputs: answer.outputs.map(change) }).body.toString());
const halved = (output: AnswerOutput): AnswerOutput =>
  output.numbers === undefined
    ? output
    : { ...output, numbers: Float64Array.from(output.numbers, (value) => value / 2) };
const starred = (output: AnswerOutput): AnswerOutput =>
  output.texts === undefined ? output : { ...output, texts: output.texts.map(() => '*') };

describe('readAnswer', () => {
  const oip = {
    model_name: 'mymodel',
    id: '42',
    outputs: [
      { name: 'p', shape: [1, 3], datatype: 'FP32', data: [0.5, 0.3, 0.2], parameters: { extra: 1 } },
      { name: 'label', shape: [1], datatype: 'BYTES', data: ['cat'] },
    ],
  };

  it('keeps the bytes of an answer that nobody changed', () => {
    const body = Buffer.from(JSON.stringify(oip, null, 2));
    const answer = accepted(readAnswer('oip', body, JSON_HEAD));
    expect(writeAnswer(answer).body).toBe(body);
    expect(writeAnswer({ ...answer, outputs: [...answer.outputs] }).body).toBe(body);
  });

  it('oip in JSON', () => {
    const answer = read('oip', oip);
    expect(answer.outputs[0]).toMatchObject({ name: 'p', numbers: Float64Array.of(0.5, 0.3, 0.2) });
    const [p, label] = oip.outputs;
    expect(changed(answer, halved)).toEqual({ ...oip, outputs: [{ ...p, data: [0.25, 0.15, 0.1] }, label] });
    expect(changed(answer, starred)).toEqual({ ...oip, outputs: [p, { ...label, data: ['*'] }] });
  });

  it('oip in binary form: replaced tensors change their size, others keep their bytes', () => {
    const size = (bytes: number): object => ({ parameters: { binary_data_size: bytes } });
    const { body, head } = withBinary(
      {
        outputs: [
          { name: 't', shape: [1], datatype: 'BYTES', ...size(7) },
          { name: 'p', shape: [2], datatype: 'FP32', ...size(8) },
        ],
      },
      packed('abc'),
      floats(1, 0.5),
    );
    const answer = accepted(readAnswer('oip', body, head));
    const written = writeAnswer({ ...answer, outputs: answer.outputs.map(starred).map(halved) });
    const again = accepted(
      readAnswer('oip', written.body, {
        contentType: '',
        headerLength: written.headers['inference-header-content-length'],
      }),
    );
    expect(again.outputs[0]?.texts).toEqual(['*']);
    expect([...(again.outputs[1]?.numbers ?? [])]).toEqual([0.5, 0.25]);
  });

  it('reads null in an answer as a number that is not finite, and writes it back', () => {
    const value = { outputs: [{ name: 'p', shape: [2], datatype: 'FP32', data: [null, 1] }] };
    const answer = read('oip', value);
    expect([...(answer.outputs[0]?.numbers ?? [])]).toEqual([NaN, 1]);
    expect(changed(answer, halved)).toEqual({ outputs: [{ ...value.outputs[0], data: [null, 0.5] }] });
  });

  it('mlflow: rows of numbers, labels, and records', () => {
    expect(
      changed(
        read('mlflow', {
          predictions: [
            [1, 3],
            [2, 4],
          ],
          x: 1,
        }),
        halved,
      ),
    ).toEqual({
      predictions: [
        [0.5, 1.5],
        [1, 2],
      ],
    });
    expect(
      read('mlflow', {
        predictions: [
          [1, 3],
          [2, 4],
        ],
      }).outputs,
    ).toMatchObject([{ name: 'predictions', shape: [2, 2] }]);
    expect(changed(read('mlflow', { predictions: ['a', 'b'] }), starred)).toEqual({ predictions: ['*', '*'] });
    const records = read('mlflow', {
      predictions: [
        { p: 1, label: 'a' },
        { p: 3, label: 'b' },
      ],
    });
    expect(records.outputs.map(({ name, shape }) => [name, shape])).toEqual([
      ['predictions.p', [2]],
      ['predictions.label', [2]],
    ]);
    expect(changed(records, halved)).toEqual({
      predictions: [
        { p: 0.5, label: 'a' },
        { p: 1.5, label: 'b' },
      ],
    });
  });

  it('json: any form, with all that is no number kept', () => {
    const value = { scores: { cat: 1, dog: 3 }, ok: true, none: null, list: [1, 'x', [2]] };
    expect(changed(read('json', value), halved)).toEqual({
      scores: { cat: 0.5, dog: 1.5 },
      ok: true,
      none: null,
      list: [0.5, 'x', [1]],
    });
    expect(changed(read('json', [2, 4]), halved)).toEqual([1, 2]);
  });

  it('chat: all texts of the choices, and log-probabilities go when a text is replaced', () => {
    const value = {
      id: 'chatcmpl-1',
      object: 'chat.completion',
      model: 'm',
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: 'a key',
            refusal: null,
            tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }],
          },
          logprobs: { content: [{ token: 'a key', logprob: -1 }] },
          finish_reason: 'stop',
        },
      ],
      usage: { total_tokens: 9 },
    };
    const answer = read('openai-chat', value);
    expect(answer.outputs).toEqual([{ name: 'choices', datatype: 'BYTES', shape: [3], texts: ['a key', 'f', '{}'] }]);
    const written = changed(answer, starred) as { choices: object[] };
    expect(JSON.stringify(written)).not.toContain('a key');
    expect(written).toMatchObject({
      usage: { total_tokens: 9 },
      choices: [{ logprobs: null, finish_reason: 'stop', message: { role: 'assistant', content: '*' } }],
    });
  });

  it('embeddings: as lists and in base64', () => {
    const base64 = floats(1, 2).toString('base64');
    const value = {
      data: [
        { index: 0, embedding: [2, 4] },
        { index: 1, embedding: base64 },
      ],
      usage: {},
    };
    expect(changed(read('openai-embedding', value), halved)).toEqual({
      data: [
        { index: 0, embedding: [1, 2] },
        { index: 1, embedding: floats(0.5, 1).toString('base64') },
      ],
      usage: {},
    });
  });

  it('passes other answers on, without their type when it could be a page', () => {
    const page = accepted(readAnswer('none', Buffer.from('<script>'), { contentType: 'text/html' }));
    expect(writeAnswer(page).headers['content-type']).toBe('application/octet-stream');
    const metadata = accepted(readAnswer('none', json({}), JSON_HEAD));
    expect(writeAnswer(metadata).headers['content-type']).toBe('application/json');
  });

  it.each<[BodyForm, string]>([
    ['oip', '{"outputs":[{"name":"p","shape":[3],"datatype":"FP32","data":[1]}]}'],
    ['oip', '{"error":"stack trace"}'],
    ['oip', '{"outputs":{}}'],
    ['oip', '{"outputs":[],"outputs":[]}'],
    ['mlflow', '{"error_code":"X"}'],
    ['mlflow', '[1]'],
    ['json', 'Traceback'],
    ['openai-chat', '{"error":{}}'],
    ['openai-chat', '{"choices":[1]}'],
    ['openai-embedding', '{"data":[{"embedding":"AAA"}]}'],
    ['openai-embedding', '{"data":[{"embedding":["1"]}]}'],
    ['oip-proto', 'not protobuf'],
  ])('refuses a %s answer of %s', (form, text) => {
    expect(refusal(readAnswer(form, Buffer.from(text), JSON_HEAD))).toMatch(/^bad-upstream/);
  });
});
