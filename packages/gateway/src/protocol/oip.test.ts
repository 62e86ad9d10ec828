// Open Inference requests over REST: the documented examples, and everything that does not agree with itself.
import { describe, expect, it } from 'vitest';
import { inspectBody } from './inspect-body.js';
import type { Inspected } from './inspected.js';
import { accepted, floats, json, JSON_HEAD, packed, refusal, SETTINGS, withBinary } from './testing/bodies.js';

const inspect = (body: Buffer, head: object = JSON_HEAD, settings = SETTINGS): Inspected =>
  accepted(inspectBody('oip', body, { contentType: undefined, ...head }, settings));
const refused = (body: Buffer, head: object = JSON_HEAD, settings = SETTINGS): string =>
  refusal(inspectBody('oip', body, { contentType: undefined, ...head }, settings));
const tensor = (more: object): object => ({ name: 'x', shape: [2], datatype: 'FP32', data: [1, 2], ...more });
const one = (more: object): Buffer => json({ inputs: [tensor(more)] });

describe('JSON tensors', () => {
  it('reads the example of the protocol, and forwards exactly its bytes', () => {
    const body = json({
      id: '42',
      inputs: [
        { name: 'input0', shape: [2, 2], datatype: 'UINT32', data: [1, 2, 3, 4] },
        { name: 'input1', shape: [3], datatype: 'BOOL', data: [true, false, true] },
      ],
      outputs: [{ name: 'output0' }],
    });
    const inspected = inspect(body);
    expect(inspected.inputs).toEqual([
      { name: 'input0', shape: [2, 2], datatype: 'UINT32', numbers: Uint32Array.of(1, 2, 3, 4) },
      { name: 'input1', shape: [3], datatype: 'BOOL', numbers: Uint8Array.of(1, 0, 1) },
    ]);
    expect(inspected).toMatchObject({
      elements: 7,
      rows: 3,
      stream: false,
      headers: { 'content-type': 'application/json' },
    });
    expect(inspected.forward).toBe(body);
  });

  it('reads nested data that is nested as the shape says', () => {
    const [input] = inspect(
      one({
        shape: [2, 2],
        data: [
          [1, 2],
          [3, 4],
        ],
      }),
    ).inputs;
    expect(input?.numbers).toEqual(Float32Array.of(1, 2, 3, 4));
  });

  it('shows what overflows the datatype as infinite, for the guard to judge', () => {
    const text = '{"inputs":[{"name":"x","shape":[2],"datatype":"FP32","data":[1e999,1e39]}]}';
    expect(inspect(Buffer.from(text)).inputs[0]?.numbers).toEqual(Float32Array.of(Infinity, Infinity));
    expect(inspect(one({ datatype: 'FP16', data: [65_519, -65_520] })).inputs[0]?.numbers).toEqual(
      Float32Array.of(65_519, -Infinity),
    );
  });

  it.each([
    ['too few values', { data: [1] }, '1 values where its shape holds 2'],
    ['too many values', { data: [1, 2, 3] }, '3 values where'],
    ['ragged nesting', { shape: [2, 2], data: [[1, 2], [3]] }, 'not nested as its shape says'],
    ['nesting deeper than the shape', { shape: [1, 2], data: [[1, [2]]] }, 'not nested'],
    ['nesting after a flat value', { shape: [2], data: [1, [2]] }, 'no number'],
    ['a huge shape', { shape: [1e9, 1e9, 1e9] }, 'no list of counts'],
    ['a shape that overflows', { shape: [2 ** 32, 2 ** 32] }, 'no list of counts'],
    ['a negative dimension', { shape: [-1, -2] }, 'no list of counts'],
    ['a fraction as dimension', { shape: [0.5, 4] }, 'no list of counts'],
    ['a text as dimension', { shape: ['2'] }, 'no list of counts'],
    ['zero beside a huge dimension', { shape: [0, 1e300], data: [] }, 'no list of counts'],
    ['more dimensions than are read', { shape: Array.from({ length: 17 }, () => 1), data: [1] }, 'no short shape'],
    ['a fraction in integers', { datatype: 'INT32', data: [1, 1.5] }, 'no INT32'],
    ['an integer out of range', { datatype: 'INT8', data: [1, 128] }, 'no INT8'],
    ['a negative unsigned', { datatype: 'UINT64', data: [1, -1] }, 'no UINT64'],
    ['a number as BOOL', { datatype: 'BOOL', data: [1, 0] }, 'neither true nor false'],
    ['a text among numbers', { data: [1, '2'] }, 'no number'],
    ['null among numbers', { data: [1, null] }, 'no number'],
    ['a number as text', { datatype: 'BYTES', data: ['a', 1] }, 'no text'],
    ['an unknown datatype', { datatype: 'FP8' }, 'unknown datatype'],
    ['a datatype of the prototype', { datatype: 'constructor' }, 'unknown datatype'],
    ['no name', { name: '' }, 'no short name'],
    ['an unknown field', { datas: [] }, 'unknown field "datas"'],
    [
      'shared memory',
      { data: undefined, parameters: { shared_memory_region: 'x', shared_memory_byte_size: 8 } },
      'shared_memory_region',
    ],
    ['both data and a size', { parameters: { binary_data_size: 8 } }, 'either data or'],
    ['neither', { data: undefined }, 'either data or'],
    ['a size without binary part', { data: undefined, parameters: { binary_data_size: 8 } }, 'no binary part'],
  ])('refuses %s', (_name, more, reason) => {
    expect(refused(one(more))).toContain(reason);
  });

  it.each([
    ['a list', [], 'no object'],
    ['no inputs', { inputs: [] }, 'no list of inputs'],
    ['two inputs of one name', { inputs: [tensor({}), tensor({})] }, 'stands twice'],
    ['two outputs of one name', { inputs: [tensor({})], outputs: [{ name: 'a' }, { name: 'a' }] }, 'asked for twice'],
    [
      'classification',
      { inputs: [tensor({})], outputs: [{ name: 'a', parameters: { classification: 2 } }] },
      'classification',
    ],
    ['priority', { inputs: [tensor({})], parameters: { priority: 1 } }, 'priority'],
    [
      'a sequence id that is no plain value',
      { inputs: [tensor({})], parameters: { sequence_id: { a: 1 } } },
      'sequence_id',
    ],
    ['an id that is no text', { id: 1, inputs: [tensor({})] }, 'id of the request'],
    ['another model in the body', { model_name: 'other', inputs: [tensor({})] }, 'another model'],
    ['a model in the body that is no text', { model_name: null, inputs: [tensor({})] }, 'another model'],
    ['a version in the body', { model_version: '1', inputs: [tensor({})] }, 'unknown field'],
  ])('refuses %s', (_name, request, reason) => {
    expect(refused(json(request))).toContain(reason);
  });

  it('lets known parameters pass', () => {
    const body = json({
      parameters: { binary_data_output: true, sequence_id: 7, content_type: 'np' },
      inputs: [tensor({ parameters: { content_type: 'np' } })],
      outputs: [{ name: 'y', parameters: { binary_data: false } }],
    });
    expect(inspect(body).forward).toBe(body);
  });

  it('counts elements against the bound of the route', () => {
    const settings = { ...SETTINGS, maxElements: 3 };
    expect(refused(one({ shape: [4], data: [1, 2, 3, 4] }), JSON_HEAD, settings)).toMatch(/^too-large/);
    expect(inspect(one({ shape: [3], data: [1, 2, 3] }), JSON_HEAD, settings).elements).toBe(3);
  });

  it('writes other texts in their places and leaves all else', () => {
    const inspected = inspect(
      json({ id: 'i', inputs: [tensor({}), { name: 't', shape: [2], datatype: 'BYTES', data: ['a', 'b'] }] }),
    );
    const masked = inspected.withTexts?.([undefined, ['a', '***']]) as Inspected;
    expect(inspect(masked.forward).inputs).toEqual(masked.inputs);
    expect(masked.inputs[1]?.texts).toEqual(['a', '***']);
    expect(JSON.parse(masked.forward.toString())).toMatchObject({
      id: 'i',
      inputs: [{ data: [1, 2] }, { data: ['a', '***'] }],
    });
  });

  it('lets the model of the route stand in the body, under the name that the upstream knows', () => {
    const body = json({ model_name: 'mymodel', id: 'i', inputs: [tensor({})] });
    expect(inspect(body).forward).toBe(body);
    const settings = { ...SETTINGS, upstreamModel: 'real' };
    expect(JSON.parse(inspect(body, JSON_HEAD, settings).forward.toString())).toEqual({
      model_name: 'real',
      id: 'i',
      inputs: [tensor({})],
    });
    expect(refused(json({ model_name: 'real', inputs: [tensor({})] }), JSON_HEAD, settings)).toContain('another model');
    const unnamed = one({});
    expect(inspect(unnamed, JSON_HEAD, settings).forward).toBe(unnamed);
  });

  it('reads a body without a type as JSON, and tells the upstream so', () => {
    const body = one({});
    expect(inspect(body, {})).toMatchObject({ forward: body, headers: { 'content-type': 'application/json' } });
    expect(refused(Buffer.from('<x/>'), {})).toMatch(/^bad-input/);
  });

  it.each(['', 'text/plain', 'application/json; charset=utf-16', 'application/vnd.bentoml+pickle'])(
    'refuses the content type %s',
    (contentType) => {
      expect(refused(one({}), { contentType })).toMatch(/^unsupported-type/);
    },
  );
});

describe('binary tensors', () => {
  const header = (more: object = {}, size = 12): object => ({
    inputs: [{ name: 'x', shape: [1, 3], datatype: 'FP32', parameters: { binary_data_size: size }, ...more }],
  });

  it('reads them, as views where memory is aligned', () => {
    const { body, head } = withBinary(header(), floats(1.5, -2, NaN));
    const inspected = inspect(body, head);
    expect(inspected.inputs[0]?.numbers).toEqual(Float32Array.of(1.5, -2, NaN));
    expect(inspected).toMatchObject({ elements: 3, rows: 1 });
    expect(inspected.forward).toBe(body);
    expect(inspected.headers['inference-header-content-length']).toBe(head.headerLength);
  });

  it('reads them without a type, and with the name of the model in the header', () => {
    const { body, head } = withBinary({ model_name: 'mymodel', ...header() }, floats(1, 2, 3));
    const untyped = { headerLength: head.headerLength };
    expect(inspect(body, untyped)).toMatchObject({
      forward: body,
      headers: { 'content-type': 'application/octet-stream', 'inference-header-content-length': head.headerLength },
    });
    const renamed = inspect(body, untyped, { ...SETTINGS, upstreamModel: 'a-longer-name' });
    const length = Number(renamed.headers['inference-header-content-length']);
    expect(JSON.parse(renamed.forward.subarray(0, length).toString())).toEqual({
      ...header(),
      model_name: 'a-longer-name',
    });
    expect(renamed.forward.subarray(length)).toEqual(floats(1, 2, 3));
  });

  it('reads BYTES, and tensors in JSON beside binary ones', () => {
    const { body, head } = withBinary(
      {
        inputs: [
          { name: 't', shape: [2], datatype: 'BYTES', parameters: { binary_data_size: 12 } },
          { name: 'j', shape: [1], datatype: 'INT64', data: [-5] },
          { name: 'u', shape: [2], datatype: 'UINT8', parameters: { binary_data_size: 2 } },
        ],
      },
      packed('ab', 'é'),
      Buffer.from([7, 255]),
    );
    const inspected = inspect(body, head);
    expect(inspected.inputs.map(({ numbers, texts }) => texts ?? [...(numbers ?? [])])).toEqual([
      ['ab', 'é'],
      [-5],
      [7, 255],
    ]);
    const masked = inspected.withTexts?.([['ab', '[masked]']]) as Inspected;
    expect(
      inspect(masked.forward, {
        contentType: head.contentType,
        headerLength: masked.headers['inference-header-content-length'],
      }).inputs,
    ).toEqual(masked.inputs);
  });

  it.each([
    ['a size that is not that of the shape', header({ shape: [1, 4] }), floats(1, 2, 3), 'does not fit its shape'],
    ['a size beyond the body', header({}, 1e6), floats(1, 2, 3), 'reaches beyond'],
    ['a negative size', header({}, -12), floats(1, 2, 3), 'binary_data_size'],
    ['a size that is a fraction', header({}, 11.5), floats(1, 2, 3), 'binary_data_size'],
    ['bytes that belong to no tensor', header(), floats(1, 2, 3, 4), '4 bytes belong to no tensor'],
    ['a body that is cut off', header(), floats(1, 2), 'reaches beyond'],
    ['a BOOL of 2', header({ datatype: 'BOOL', shape: [12] }), Buffer.alloc(12, 2), 'does not fit'],
    [
      'a text longer than the tensor',
      header({ datatype: 'BYTES', shape: [1] }),
      Buffer.from('ffffffff0000000000000000', 'hex'),
      'does not fit',
    ],
    ['more texts than bytes can hold', header({ datatype: 'BYTES', shape: [60_000] }), floats(0, 0, 0), 'does not fit'],
  ])('refuses %s', (_name, head, bytes, reason) => {
    const sent = withBinary(head, bytes);
    expect(refused(sent.body, sent.head)).toContain(reason);
  });

  it.each(['', '-1', '1e2', '0x10', '99999999', ' 5', '05', '5,5'])('refuses the header length %j', (headerLength) => {
    const { body, head } = withBinary(header(), floats(1, 2, 3));
    expect(refused(body, { ...head, headerLength })).toContain('inference-header-content-length');
  });

  it('counts texts in binary form like texts in JSON', () => {
    const tensors = { inputs: [{ name: 't', shape: [2], datatype: 'BYTES', parameters: { binary_data_size: 10 } }] };
    const { body, head } = withBinary(tensors, packed('a', 'b'));
    expect(refused(body, head, { ...SETTINGS, maxElements: 1 })).toMatch(/^too-large: .* texts$/);
    expect(inspect(body, head, { ...SETTINGS, maxElements: 2 }).elements).toBe(2);
  });

  it('holds binary elements within their own bound', () => {
    const { body, head } = withBinary(header(), floats(1, 2, 3));
    expect(refused(body, head, { ...SETTINGS, maxBinaryElements: 2, maxElements: 100 })).toMatch(/^too-large/);
  });
});
