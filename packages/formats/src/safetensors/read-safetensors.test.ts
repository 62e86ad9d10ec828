// Every rule of the reference reader, broken once each.
import { describe, expect, it } from 'vitest';
import { parseBytes } from '../bytes/parser.js';
import { safetensors } from '../testing/index.js';
import type { SafetensorsReport } from './read-safetensors.js';
import { readSafetensors } from './read-safetensors.js';

const tensor = { dtype: 'F32', shape: [2, 2], data_offsets: [0, 16] };
const second = { dtype: 'U8', shape: [4], data_offsets: [16, 20] };
const read = (bytes: Uint8Array): SafetensorsReport => parseBytes(readSafetensors(bytes.length), bytes);
const data = new Uint8Array(20);

describe('readSafetensors', () => {
  it.each([
    ['two tensors', safetensors({ __metadata__: { format: 'pt' }, a: tensor, b: second }, data)],
    ['padding', safetensors({ a: tensor, b: second }, data, 7)],
    ['an empty tensor', safetensors({ a: { dtype: 'F16', shape: [0, 3], data_offsets: [0, 0] } }, new Uint8Array(0))],
    ['a name with signs', safetensors({ 'a-1.e5 "-0" \\ 1e9': tensor, b: second }, data)],
    [
      'floats of eight bits',
      safetensors({ a: { dtype: 'F8_E4M3FNUZ', shape: [4], data_offsets: [0, 4] } }, new Uint8Array(4)),
    ],
    ['half bytes', safetensors({ a: { dtype: 'F4', shape: [4], data_offsets: [0, 2] } }, new Uint8Array(2))],
    ['none', safetensors({}, new Uint8Array(0))],
  ])('accepts %s', (_name, bytes) => {
    const report = read(bytes);
    expect(report.problems).toEqual([]);
    expect(report.fault).toBeUndefined();
  });

  it.each([
    ['overlap', { a: tensor, b: { ...second, data_offsets: [12, 16] } }],
    ['hole', { a: tensor, b: { ...second, data_offsets: [18, 22] } }],
    ['trailing', { a: tensor }],
    ['truncated', { a: tensor, b: second, c: { dtype: 'U8', shape: [9], data_offsets: [20, 29] } }],
    ['size', { a: { ...tensor, shape: [3, 2] }, b: second }],
    ['size', { a: { ...tensor, shape: [2 ** 40, 2 ** 40] }, b: second }],
    ['dtype', { a: { ...tensor, dtype: 'F33' }, b: second }],
    ['offsets', { a: { ...tensor, data_offsets: [16, 0] } }],
    ['offsets', { a: { ...tensor, data_offsets: [0] } }],
    ['tensor', { a: { ...tensor, shape: ['1'] } }],
    ['tensor', { a: { ...tensor, code: 'x' }, b: second }],
    ['tensor', { a: [] }],
    ['metadata', { __metadata__: { a: 1 }, a: tensor, b: second }],
  ])('names %s', (code, header) => {
    expect(read(safetensors(header, data)).problems.map((problem) => problem.code)).toContain(code);
  });

  it.each([
    ['a duplicate key', safetensors('{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{}}', data)],
    ['no JSON', safetensors('{"a":', data)],
    ['no brace', safetensors(' {}', data)],
    ['a header longer than the file', safetensors({ a: tensor }, data).subarray(0, 20)],
    ['a header longer than any', Buffer.concat([Buffer.from('00ffffffff000000', 'hex'), Buffer.from('{}')])],
    ['nothing', new Uint8Array(3)],
    [
      'padding by zero bytes',
      Buffer.concat([safetensors({ a: tensor, b: second }, data, 1).subarray(0, -21), Buffer.alloc(1), data]),
    ],
    [
      'padding by line ends',
      safetensors(`${JSON.stringify({ b: { dtype: 'U8', shape: [1], data_offsets: [0, 1] } })}\n`, data.subarray(19)),
    ],
    [
      'a size with a fraction',
      safetensors('{"a":{"dtype":"U8","shape":[1.0],"data_offsets":[0,1]}}', data.subarray(19)),
    ],
    [
      'a size with an exponent',
      safetensors('{"a":{"dtype":"U8","shape":[1e0],"data_offsets":[0,1]}}', data.subarray(19)),
    ],
    ['a negative size', safetensors({ a: { ...tensor, shape: [-1] } }, data)],
    [
      'a size that is minus nothing',
      safetensors('{"a":{"dtype":"U8","shape":[-0],"data_offsets":[0,0]}}', new Uint8Array(0)),
    ],
    [
      'a duplicate key inside a tensor',
      safetensors('{"a":{"dtype":"U8","dtype":"I8","shape":[1],"data_offsets":[0,1]}}', data.subarray(19)),
    ],
    [
      'a duplicate key of another spelling',
      safetensors(
        '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"\\u0061":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}',
        data.subarray(19),
      ),
    ],
    ['a list', Buffer.concat([Buffer.from('0200000000000000', 'hex'), Buffer.from('[]')])],
  ])('refuses %s', (_name, bytes) => {
    expect(read(bytes).fault).toBeDefined();
  });

  it('tells a header over its budget from a broken one', () => {
    const bytes = safetensors({ a: tensor, b: second }, data);
    const report = parseBytes(readSafetensors(bytes.length, { maxHeader: 10 }), bytes);
    expect(report.fault).toMatchObject({ budget: true });
  });
});
