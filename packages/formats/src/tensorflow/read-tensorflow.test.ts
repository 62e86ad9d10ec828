// What the reader says about graphs: nodes of the graph and of functions, texts however they are packed, and broken input.
import { describe, expect, it } from 'vitest';
import { parseBytes } from '../bytes/parser.js';
import {
  field,
  kerasMetadata,
  message,
  savedModel,
  tfFunction,
  tfGraph,
  tfMetaGraph,
  tfNode,
  tfPackedText,
  tfTexts,
} from '../testing/index.js';
import { readTensorflow } from './read-tensorflow.js';
import type { TensorflowReport } from './report.js';
import { TENSORFLOW_LIMITS } from './report.js';

const read = (bytes: Uint8Array, limits = TENSORFLOW_LIMITS): TensorflowReport =>
  parseBytes(
    readTensorflow(bytes.length, () => 'attributes', limits),
    bytes,
  );

describe('readTensorflow', () => {
  it('lists nodes, functions, signatures, assets and what Keras noted', () => {
    const { kinds, graphs, problems, fault } = read(
      savedModel({
        nodes: [tfNode('x', 'Placeholder'), tfNode('c', 'PartitionedCall', ['x', '^y'], { f: { call: 'g' } })],
        functions: [tfFunction('g', ['a', 'b'], [tfNode('r', 'ReadFile', ['a'])])],
        saver: { filename: 'f:0', save: 's:0', restore: 'r' },
        assets: { 'x:0': 'vocab.txt' },
        signatures: { serving_default: ['x:0'] },
        metadata: [{ identifier: '_tf_keras_layer', text: '{}' }],
      }),
    );
    expect([kinds, problems, fault]).toEqual([['saved-model'], [], undefined]);
    expect(graphs).toHaveLength(1);
    expect(graphs[0]).toMatchObject({
      nodes: [
        { name: 'x', op: 'Placeholder' },
        { name: 'c', inputs: ['x', '^y'], calls: ['g'] },
      ],
      functions: [{ name: 'g', arguments: ['a', 'b'], nodes: [{ op: 'ReadFile', inputs: ['a'] }] }],
      savers: [{ filename: 'f:0', save: 's:0', restore: 'r' }],
      assets: [{ tensor: 'x:0', file: 'vocab.txt' }],
      signatures: [{ key: 'serving_default', inputs: ['x:0'], outputs: [] }],
      metadata: [{ identifier: '_tf_keras_layer', text: '{}' }],
    });
  });

  it('keeps the texts of constants, one by one or packed, and those of attributes', () => {
    const graph = tfGraph([
      tfTexts('a', 'one', 'two'),
      tfPackedText('b', 'packed'),
      tfNode('d', 'DebugIdentity', [], { debug_urls: ['grpc://x', 'file://y'] }),
    ]);
    const [one] = read(graph).graphs;
    expect(one?.nodes.map(({ texts }) => texts)).toEqual([['one', 'two'], ['packed'], []]);
    expect(one?.nodes[2]?.attributes).toMatchObject([{ name: 'debug_urls', texts: ['grpc://x', 'file://y'] }]);
  });

  it('follows functions that stand in attributes of functions', () => {
    const inner = message(field(1, 'outer'), field(2, message(field(1, 'k'), field(2, field(10, field(1, 'inner'))))));
    const [one] = read(tfGraph([tfNode('m', 'MapDataset', [], { f: field(10, inner) })])).graphs;
    expect(one?.nodes[0]?.calls).toEqual(['outer', 'inner']);
  });

  it('takes the last name of an operator and joins graphs that stand twice', () => {
    const twice = message(tfNode('n', 'Identity'), field(2, 'PyFunc'));
    const bytes = message(field(1, 1), field(2, Buffer.concat([tfMetaGraph(), field(2, tfGraph([twice]))])));
    const { graphs, problems } = read(bytes);
    expect(graphs[0]?.nodes.map(({ op }) => op)).toEqual(['Placeholder', 'Identity', 'PyFunc']);
    expect(problems.map(({ code }) => code)).toEqual(['repeated']);
  });

  it('reads what Keras notes beside a graph', () => {
    expect(read(kerasMetadata('{"a": 1}')).graphs[0]?.metadata).toMatchObject([
      { identifier: '_tf_keras_sequential', text: '{"a": 1}' },
    ]);
  });

  it('passes over fields and groups that no schema knows, and says so', () => {
    const group = Buffer.from([0x53, 0x5b, 0x5c, 0x08, 0x01, 0x54]);
    const { graphs, problems } = read(Buffer.concat([field(900, 'x'), group, savedModel()]));
    expect(graphs[0]?.nodes).toHaveLength(2);
    expect(problems.map(({ code }) => code)).toEqual(['unknown-field', 'unknown-field']);
  });

  it('stops at limits and at broken input', () => {
    const bytes = savedModel({ nodes: Array.from({ length: 50 }, (_, i) => tfNode(`n${i}`, 'NoOp')) });
    expect(read(bytes, { ...TENSORFLOW_LIMITS, maxNodes: 10 }).fault).toMatch(/more nodes/);
    expect(read(bytes, { ...TENSORFLOW_LIMITS, maxFields: 10 }).fault).toMatch(/more fields/);
    expect(read(bytes, { ...TENSORFLOW_LIMITS, maxText: 10 }).fault).toMatch(/more names/);
    expect(read(bytes.subarray(0, bytes.length - 1)).fault).toBeDefined();
    let nested: Uint8Array = field(1, 'f');
    for (let depth = 0; depth < 20; depth++)
      nested = message(field(1, 'f'), field(2, message(field(1, 'k'), field(2, field(10, nested)))));
    expect(read(tfGraph([tfNode('n', 'X', [], { f: field(10, nested) })])).fault).toMatch(/too deep/);
  });
});
