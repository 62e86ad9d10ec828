// Bytes that nobody meant: every form, cut anywhere, changed anywhere, or random. Nothing throws; what is accepted holds what
// it claims, and its forwarded bytes are read again as the same request.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BodyForm } from '../door/operation.js';
import { isRefusal } from '../door/refusal.js';
import type { BodyHeaders } from './body-settings.js';
import { inspectBody } from './inspect-body.js';
import type { Inspected } from './inspected.js';
import { readAnswer } from './read-answer.js';
import { accepted, floats, json, JSON_HEAD, SETTINGS, withBinary } from './testing/bodies.js';

const binary = withBinary(
  { inputs: [{ name: 'x', shape: [1, 3], datatype: 'FP32', parameters: { binary_data_size: 12 } }] },
  floats(1, 2, 3),
);
const CLEAN: readonly (readonly [BodyForm, Buffer, BodyHeaders])[] = [
  ['oip', json({ inputs: [{ name: 'x', shape: [2, 1], datatype: 'INT32', data: [[1], [2]] }] }), JSON_HEAD],
  [
    'oip',
    json({ inputs: [{ name: 't', shape: [2], datatype: 'BYTES', data: ['a', 'bé'] }], outputs: [{ name: 'y' }] }),
    JSON_HEAD,
  ],
  ['oip', binary.body, binary.head],
  [
    'mlflow',
    json({
      dataframe_split: {
        columns: ['a', 'b'],
        data: [
          [1, 'x'],
          [2, 'y'],
        ],
      },
    }),
    JSON_HEAD,
  ],
  [
    'mlflow',
    json({
      inputs: {
        a: [
          [1, 2],
          [3, 4],
        ],
      },
    }),
    JSON_HEAD,
  ],
  ['json', json({ features: [1, 2, 3], text: 'hi', nested: [{ a: 1 }, { a: 2 }] }), JSON_HEAD],
  ['openai-chat', json({ model: 'mymodel', messages: [{ role: 'user', content: 'hi' }], n: 2 }), JSON_HEAD],
  ['openai-completion', json({ model: 'mymodel', prompt: ['a'] }), JSON_HEAD],
  ['openai-embedding', json({ model: 'mymodel', input: [[1, 2]] }), JSON_HEAD],
];

function check(form: BodyForm, body: Buffer, head: BodyHeaders): void {
  const inspected = inspectBody(form, body, head, SETTINGS);
  if (isRefusal(inspected)) return;
  for (const { shape, numbers, texts } of inspected.inputs) {
    const size = shape.reduce((product, dimension) => product * dimension, 1);
    expect(size).toBe((numbers ?? texts)?.length);
  }
  expect(again(form, inspected)).toEqual(view(inspected));
  const masked = inspected.withTexts?.(inspected.inputs.map(({ texts }) => texts?.map((text) => `${text}*`)));
  if (masked !== undefined) expect(again(form, masked).inputs).toEqual(masked.inputs);
}

function again(form: BodyForm, inspected: Inspected): Partial<Inspected> {
  const { headers, forward } = inspected;
  const head = { contentType: headers['content-type'], headerLength: headers['inference-header-content-length'] };
  return view(accepted(inspectBody(form, forward, head, SETTINGS)));
}

function view({ inputs, elements, rows, tokens, stream, model }: Inspected): Partial<Inspected> {
  return {
    inputs,
    elements,
    rows,
    stream,
    ...(tokens !== undefined && { tokens }),
    ...(model !== undefined && { model }),
  };
}

describe('inspectBody', () => {
  it.each(CLEAN)('%s: the clean body is accepted, no part of it is', (form, body, head) => {
    accepted(inspectBody(form, body, head, SETTINGS));
    check(form, body, head);
    for (let end = 0; end < body.length; end++)
      expect(isRefusal(inspectBody(form, body.subarray(0, end), head, SETTINGS)), String(end)).toBe(true);
  });

  it.each(CLEAN)('%s: changed bytes', (form, clean, head) => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(clean.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 }),
        (changes) => {
          const body = Buffer.from(clean);
          for (const [at, byte] of changes) body[at] = byte;
          check(form, body, head);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('random bytes, and random JSON', () => {
    const forms = fc.constantFrom<BodyForm>(...CLEAN.map(([form]) => form), 'oip-proto', 'oip-proto-small');
    fc.assert(
      fc.property(forms, fc.uint8Array({ maxLength: 200 }), (form, bytes) => {
        const body = Buffer.from(bytes);
        check(form, body, JSON_HEAD);
        expect(() => readAnswer(form, body, JSON_HEAD)).not.toThrow();
      }),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        check('json', json(value), JSON_HEAD);
        check('mlflow', json({ inputs: value }), JSON_HEAD);
        check('mlflow', json({ dataframe_records: value }), JSON_HEAD);
        expect(() => readAnswer('json', json(value), JSON_HEAD)).not.toThrow();
      }),
      { numRuns: 500 },
    );
  });

  it('refuses a body beyond the bytes of the route', () => {
    const settings = { ...SETTINGS, maxBytes: 10 };
    expect(inspectBody('json', Buffer.alloc(11), JSON_HEAD, settings)).toMatchObject({ code: 'too-large' });
  });

  it('takes no body where none belongs, and passes what an administrator sends', () => {
    expect(inspectBody('none', Buffer.from('x'), JSON_HEAD, SETTINGS)).toMatchObject({ code: 'bad-input' });
    const body = Buffer.from('anything');
    expect(inspectBody('opaque', body, { contentType: 'text/plain' }, SETTINGS)).toMatchObject({ forward: body });
  });
});
