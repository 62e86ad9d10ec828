// Protobuf messages, written and read by @grpc/proto-loader on the other side, and messages that readers could read in two ways.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRefusal } from '../../door/refusal.js';
import { writeAnswer } from '../answer.js';
import { inspectBody } from '../inspect-body.js';
import type { Inspected } from '../inspected.js';
import { readAnswer } from '../read-answer.js';
import { accepted, floats, packed, refusal, SETTINGS } from '../testing/bodies.js';
import { readRequest, readResponse, request, response } from '../testing/service.js';
import { bytesField, varint } from './wire.js';

const HEAD = { contentType: 'application/grpc' };
const inspect = (body: Buffer, settings = SETTINGS): Inspected =>
  accepted(inspectBody('oip-proto', body, HEAD, settings));
const refused = (body: Buffer): string => refusal(inspectBody('oip-proto', body, HEAD, SETTINGS));
const infer = (more: object): Buffer => request('ModelInfer', { model_name: 'mymodel', ...more });
const tensor = { name: 'x', datatype: 'FP32', shape: [1, 2] };
const typed = { ...tensor, contents: { fp32_contents: [1, 2] } };

describe('ModelInferRequest', () => {
  it('reads typed contents of every datatype', () => {
    const body = infer({
      model_version: '2',
      id: 'i',
      parameters: { sequence_id: { int64_param: 5 } },
      inputs: [
        { name: 'b', datatype: 'BOOL', shape: [2], contents: { bool_contents: [true, false] } },
        { name: 'i8', datatype: 'INT8', shape: [2], contents: { int_contents: [-128, 127] } },
        { name: 'i64', datatype: 'INT64', shape: [2], contents: { int64_contents: [-1, 2 ** 40] } },
        { name: 'u32', datatype: 'UINT32', shape: [1], contents: { uint_contents: [4294967295] } },
        { name: 'u64', datatype: 'UINT64', shape: [1], contents: { uint64_contents: [7] } },
        { name: 'f', datatype: 'FP64', shape: [1], contents: { fp64_contents: [0.1] } },
        {
          name: 't',
          datatype: 'BYTES',
          shape: [2],
          contents: { bytes_contents: [Buffer.from('ab'), Buffer.from('é')] },
        },
        { name: 'none', datatype: 'FP32', shape: [0] },
      ],
      outputs: [{ name: 'y', parameters: { binary_data: { bool_param: true } } }],
    });
    const inspected = inspect(body);
    expect(inspected.inputs.map(({ numbers, texts }) => texts ?? [...(numbers ?? [])])).toEqual([
      [1, 0],
      [-128, 127],
      [-1, 2 ** 40],
      [4294967295],
      [7],
      [0.1],
      ['ab', 'é'],
      [],
    ]);
    expect(inspected).toMatchObject({ model: 'mymodel', version: '2', elements: 11, rows: 2 });
    expect(inspected.forward).toBe(body);
  });

  it('reads raw contents, and writes them again under the name that the upstream knows', () => {
    const message = {
      inputs: [
        { ...tensor, parameters: { content_type: { string_param: 'np' } } },
        { name: 't', datatype: 'BYTES', shape: [1] },
      ],
      outputs: [{ name: 'y' }],
      raw_input_contents: [floats(1, 2), packed('secret')],
    };
    const body = infer(message);
    const inspected = inspect(body, { ...SETTINGS, upstreamModel: 'real' });
    expect(readRequest('ModelInfer', inspected.forward)).toEqual({
      ...readRequest('ModelInfer', body),
      model_name: 'real',
    });
    const masked = inspected.withTexts?.([undefined, ['***']]) as Inspected;
    expect(readRequest('ModelInfer', masked.forward)).toEqual({
      ...readRequest('ModelInfer', body),
      model_name: 'real',
      raw_input_contents: [floats(1, 2), packed('***')],
    });
  });

  it.each([
    ['another model', infer({ model_name: 'other', inputs: [typed] }), 'another model'],
    ['no model', request('ModelInfer', { inputs: [typed] }), 'another model'],
    ['a version that the route has not', infer({ model_version: '9', inputs: [typed] }), 'version'],
    ['no inputs', infer({}), 'no inputs'],
    ['raw contents beside typed ones', infer({ inputs: [typed], raw_input_contents: [floats(1, 2)] }), 'beside raw'],
    [
      'raw contents beside a message of none',
      infer({ inputs: [{ ...tensor, contents: {} }], raw_input_contents: [floats(1, 2)] }),
      'beside raw',
    ],
    [
      'fewer raw contents than inputs',
      infer({ inputs: [tensor, { ...tensor, name: 'y' }], raw_input_contents: [floats(1, 2)] }),
      'one raw content',
    ],
    ['raw contents of another size', infer({ inputs: [tensor], raw_input_contents: [floats(1)] }), 'do not fit'],
    ['fewer values than the shape', infer({ inputs: [{ ...typed, shape: [3] }] }), 'another number'],
    ['a negative dimension', infer({ inputs: [{ ...typed, shape: [-1, -2] }] }), 'holds more than is read'],
    ['a huge shape', infer({ inputs: [{ ...typed, shape: [2 ** 40, 2 ** 40] }] }), 'holds more than is read'],
    [
      'contents of another datatype',
      infer({ inputs: [{ ...tensor, contents: { fp64_contents: [1, 2] } }] }),
      'not those of FP32',
    ],
    [
      'a value out of its range',
      infer({ inputs: [{ name: 'x', datatype: 'INT8', shape: [1], contents: { int_contents: [128] } }] }),
      'out of the range',
    ],
    ['FP16 as typed contents', infer({ inputs: [{ ...typed, datatype: 'FP16' }] }), 'raw contents only'],
    ['two tensors of one name', infer({ inputs: [typed, typed] }), 'one name'],
    [
      'shared memory',
      infer({ inputs: [{ ...tensor, parameters: { shared_memory_region: { string_param: 'r' } } }] }),
      'shared_memory_region',
    ],
    [
      'classification',
      infer({ inputs: [typed], outputs: [{ name: 'y', parameters: { classification: { int64_param: 3 } } }] }),
      'classification',
    ],
    ['two names', Buffer.concat([infer({ inputs: [typed] }), bytesField(1, Buffer.from('other'))]), 'stands twice'],
    [
      'an unknown field',
      Buffer.concat([infer({ inputs: [typed] }), bytesField(99, Buffer.from('x'))]),
      'unknown field 99',
    ],
    ['a group', Buffer.concat([infer({ inputs: [typed] }), varint(99 * 8 + 3)]), 'wire type'],
    ['a number without end', Buffer.alloc(30, 0xff), 'more than 64 bits'],
    ['a name that is no UTF-8', bytesField(1, Buffer.from([0xff])), 'no UTF-8'],
  ])('refuses %s', (_name, body, reason) => {
    expect(refused(body)).toContain(reason);
  });

  it('bounds texts, and values that are not packed', () => {
    const settings = { ...SETTINGS, maxElements: 2 };
    const texts = { bytes_contents: ['a', 'b', 'c'].map((text) => Buffer.from(text)) };
    const many = infer({ inputs: [{ name: 't', datatype: 'BYTES', shape: [3], contents: texts }] });
    expect(refusal(inspectBody('oip-proto', many, HEAD, settings))).toContain('more than 2 texts');
    const unpacked = Buffer.concat([1, 2, 3].map((value) => Buffer.concat([varint(3 * 8), varint(value)])));
    const input = [bytesField(1, Buffer.from('x')), bytesField(2, Buffer.from('INT64')), bytesField(3, varint(3))];
    const body = Buffer.concat([
      bytesField(1, Buffer.from('mymodel')),
      bytesField(5, Buffer.concat([...input, bytesField(5, unpacked)])),
    ]);
    expect(inspect(body).inputs[0]?.numbers).toEqual(Float64Array.of(1, 2, 3));
    expect(refusal(inspectBody('oip-proto', body, HEAD, settings))).toContain('not packed');
  });

  it('never throws, whatever is cut off or changed, and what it accepts names the model', () => {
    const clean = infer({
      inputs: [typed, { name: 't', datatype: 'BYTES', shape: [1], contents: { bytes_contents: [Buffer.from('a')] } }],
    });
    for (let end = 0; end < clean.length; end++)
      expect(isRefusal(inspectBody('oip-proto', clean.subarray(0, end), HEAD, SETTINGS)), String(end)).toBe(
        // Cut before the second tensor, the rest is a whole message.
        !isWhole(clean.subarray(0, end)),
      );
    fc.assert(
      fc.property(fc.nat(clean.length - 1), fc.nat(255), (at, byte) => {
        const bytes = Buffer.from(clean);
        bytes[at] = byte;
        const inspected = inspectBody('oip-proto', bytes, HEAD, SETTINGS);
        if (!isRefusal(inspected)) expect(readRequest('ModelInfer', bytes)).toMatchObject({ model_name: 'mymodel' });
      }),
      { numRuns: 1_000 },
    );
  });

  function isWhole(bytes: Buffer): boolean {
    try {
      const { inputs } = readRequest('ModelInfer', bytes) as { inputs: readonly { contents: unknown }[] };
      return inputs.length > 0;
    } catch {
      return false;
    }
  }
});

describe('small messages', () => {
  const small = (body: Buffer, settings = SETTINGS): ReturnType<typeof inspectBody> =>
    inspectBody('oip-proto-small', body, HEAD, settings);

  it('lets the model of the route pass, under the name that the upstream knows', () => {
    const body = request('ModelReady', { name: 'mymodel', version: '1' });
    const inspected = accepted(small(body, { ...SETTINGS, upstreamModel: 'real' }));
    expect(readRequest('ModelReady', inspected.forward)).toEqual({ name: 'real', version: '1' });
    expect(accepted(small(Buffer.alloc(0))).forward.length).toBe(0);
  });

  it('refuses other models, versions and fields', () => {
    expect(refusal(small(request('ModelReady', { name: 'other' })))).toContain('another model');
    expect(refusal(small(request('ModelReady', { version: '1' })))).toContain('another model');
    expect(refusal(small(request('ModelReady', { name: 'mymodel', version: '9' })))).toContain('version');
    expect(refusal(small(bytesField(3, Buffer.from('x'))))).toContain('unknown');
  });
});

describe('ModelInferResponse', () => {
  it('may hold an empty message of contents beside raw ones, and none that says something', () => {
    const beside = (contents: object): Buffer =>
      response('ModelInfer', { outputs: [{ ...tensor, contents }], raw_output_contents: [floats(1, 2)] });
    const answer = accepted(readAnswer('oip-proto', beside({}), HEAD));
    expect(answer.outputs[0]?.numbers).toEqual(Float32Array.of(1, 2));
    expect(refusal(readAnswer('oip-proto', beside({ fp32_contents: [3, 4] }), HEAD))).toContain('beside raw');
  });

  it('writes replaced outputs in the form in which they came', () => {
    const common = { model_name: 'mymodel', id: 'i' };
    const parameters = { a: { double_param: 1.5 } };
    const typedOf = (...values: number[]): Buffer =>
      response('ModelInfer', { ...common, outputs: [{ ...tensor, parameters, contents: { fp32_contents: values } }] });
    const rawOf = (...values: number[]): Buffer =>
      response('ModelInfer', { ...common, outputs: [tensor], raw_output_contents: [floats(...values)] });
    const [typedBody, rawBody] = [typedOf(1, 2), rawOf(1, 2)];
    for (const body of [typedBody, rawBody]) {
      const answer = accepted(readAnswer('oip-proto', body, HEAD));
      expect(writeAnswer(answer).body).toBe(body);
      const outputs = answer.outputs.map((output) => ({ ...output, numbers: Float64Array.of(1, 0) }));
      const written = readResponse('ModelInfer', writeAnswer({ ...answer, outputs }).body);
      expect(written).toEqual(readResponse('ModelInfer', body === rawBody ? rawOf(1, 0) : typedOf(1, 0)));
    }
  });
});
