// Operators, external data and shapes as a model file states them, and models that are not what the format says.
import { describe, expect, it } from 'vitest';
import { parseBytes } from '../bytes/parser.js';
import { externalTensor, field, message, node, onnxModel, tensor } from '../testing/index.js';
import type { OnnxReport } from './read-onnx.js';
import { looksLikeOnnx, ONNX_LIMITS, readOnnx } from './read-onnx.js';

const read = (bytes: Uint8Array, limits = ONNX_LIMITS): OnnxReport => parseBytes(readOnnx(bytes.length, limits), bytes);
const graphAttribute = (graph: Uint8Array): Uint8Array => message(field(1, 'body'), field(6, graph));

describe('readOnnx', () => {
  it('lists operators, also of graphs inside attributes', () => {
    const inner = message(field(1, node('PyOp', 'custom')));
    const bytes = onnxModel({ nodes: [node('If', '', graphAttribute(inner)), node('Add'), node('Add')] });
    const { operators, problems, fault } = read(bytes);
    expect(fault).toBeUndefined();
    expect(problems).toEqual([]);
    expect(operators.map(({ domain, type, count }) => [domain, type, count])).toEqual([
      ['custom', 'PyOp', 1],
      ['', 'If', 1],
      ['', 'Add', 2],
    ]);
  });

  it('lists external data with its place', () => {
    const bytes = onnxModel({ tensors: [externalTensor('W', { location: '../x', offset: '8', length: '16' })] });
    expect(read(bytes).external).toMatchObject([{ tensor: 'W', location: '../x', offset: 8, length: 16 }]);
  });

  it.each([
    ['tensor-size', onnxModel({ tensors: [tensor('W', [4, 2], 16)] })],
    ['external-number', onnxModel({ tensors: [externalTensor('W', { location: 'x', offset: '-1' })] })],
    ['repeated-graph', onnxModel({ extra: [field(7, message(field(1, node('X'))))] })],
    ['unknown-field', onnxModel({ extra: [field(99, 'x')] })],
    ['no-graph', message(field(1, 8), field(8, message(field(2, 17))))],
  ])('names %s', (code, bytes) => {
    expect(read(bytes).problems.map((problem) => problem.code)).toContain(code);
  });

  it('stops at truncated input, too many fields and too deep graphs', () => {
    const bytes = onnxModel();
    expect(read(bytes.subarray(0, bytes.length - 1)).fault).toBeDefined();
    expect(read(bytes, { ...ONNX_LIMITS, maxFields: 5 }).fault).toMatch(/more fields/);
    let graph = message(field(1, node('Add')));
    for (let depth = 0; depth < 40; depth++) graph = message(field(1, node('If', '', graphAttribute(graph))));
    expect(read(message(field(1, 8), field(7, graph))).fault).toMatch(/too deep/);
  });
});

describe('looksLikeOnnx', () => {
  const looks = (bytes: Uint8Array): boolean => parseBytes(looksLikeOnnx(bytes.length), bytes);
  it('tells a model from other bytes', () => {
    expect(looks(onnxModel())).toBe(true);
    expect(looks(message(field(1, 8), field(2, 'x')))).toBe(false);
    expect(looks(Buffer.from('a plain text'))).toBe(false);
    expect(looks(Buffer.alloc(64))).toBe(false);
  });
});
