// Protobuf text becomes the same bytes that the binary file would have.
import { describe, expect, it } from 'vitest';
import { tfGraph, tfNode, tfTexts } from '../testing/index.js';
import { graphFromText } from './graph-text.js';
import { parseBytes } from '../bytes/parser.js';
import { readTensorflow } from './read-tensorflow.js';

const nodesOf = (bytes: Uint8Array) =>
  parseBytes(readTensorflow(bytes.length), bytes).graphs[0]?.nodes.map(({ name, op, inputs, texts, calls }) => ({
    name,
    op,
    inputs,
    texts,
    calls,
  }));

const TEXT = `
# a comment { "
node {
  name: "x" 'y'   # two texts are one
  op: "Const"
  attr { key: "value" value { tensor { dtype: DT_STRING tensor_shape { } string_val: "\\057etc\\x2Fpass\\u0077d" } } }
  attr { key: "f" value: < func { name: "g" } > };
}
node: { name: "z", op: "Identity", input: ["xy", '^a'], device: "" }
versions { producer: 1994 min_consumer: 0 bad_consumers: [1, 2] }
`;

describe('graphFromText', () => {
  it('reads every way to write a field', () => {
    const graph = graphFromText(TEXT);
    expect([graph?.kind, graph?.fault, graph?.unknown]).toEqual(['graph', undefined, []]);
    expect(nodesOf(graph?.bytes ?? new Uint8Array(0))).toEqual([
      { name: 'xy', op: 'Const', inputs: [], texts: ['/etc/passwd'], calls: ['g'] },
      { name: 'z', op: 'Identity', inputs: ['xy', '^a'], texts: [], calls: [] },
    ]);
    expect(nodesOf(tfGraph([tfTexts('xy', '/etc/passwd'), tfNode('z', 'Identity', ['xy', '^a'])]))?.[0]?.texts).toEqual(
      ['/etc/passwd'],
    );
  });

  it.each([
    ['saved_model_schema_version: 1 meta_graphs { graph_def { node { name: "a" op: "B" } } }', 'saved-model'],
    ['meta_info_def { tags: "serve" } graph_def { node { name: "a" op: "B" } }', 'meta-graph'],
    ['library { function { signature { name: "f" } node_def { name: "a" op: "B" } } }', 'graph'],
    ['item { id: 1 }', undefined],
    ['node { calculator: "X" }', undefined],
    ['just some words', undefined],
    ['', undefined],
  ])('knows what %s is', (text, kind) => {
    expect(graphFromText(text)?.kind).toBe(kind);
  });

  it('tells fields that do not belong there', () => {
    expect(graphFromText('node { name: "a" op: "B" extra { x: 1 } }')?.unknown).toEqual(['extra']);
  });

  it('takes a text that ends too early or is nested too deep for none', () => {
    const nested = (depth: number): string =>
      `node { name: "a" op: "B" attr { value ${'{ list '.repeat(depth)}${'}'.repeat(depth)} } }`.replaceAll(
        'list }',
        '}',
      );
    expect(graphFromText(nested(3))?.kind).toBe('graph');
    expect(graphFromText(nested(200))).toBeUndefined();
    expect(graphFromText('node { name: "a" op: "B" ')).toBeUndefined();
  });
});
