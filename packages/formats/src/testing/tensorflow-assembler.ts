// Writes graphs of TensorFlow as protobuf by hand, for tests: only the fields that a scanner looks at.
import { field, message } from './onnx-assembler.js';

/** Attributes by name: a text, texts, a function, or a value written out. */
export type Attributes = Readonly<Record<string, string | readonly string[] | { readonly call: string } | Uint8Array>>;

const pair = (key: string, value: Uint8Array): Uint8Array => message(field(1, key), field(2, value));

function attributeValue(value: Attributes[string]): Uint8Array {
  if (typeof value === 'string') return field(2, value);
  if (value instanceof Uint8Array) return value;
  if ('call' in value) return field(10, field(1, value.call));
  return field(1, message(...value.map((text) => field(2, text))));
}

export function tfNode(
  name: string,
  op: string,
  inputs: readonly string[] = [],
  attributes: Attributes = {},
): Uint8Array {
  const parts = inputs.map((input) => field(3, input));
  const pairs = Object.entries(attributes).map(([key, value]) => field(5, pair(key, attributeValue(value))));
  return message(field(1, name), field(2, op), ...parts, ...pairs);
}

/** A constant of texts. */
export function tfTexts(name: string, ...texts: readonly string[]): Uint8Array {
  const tensor = message(field(1, 7), field(2, new Uint8Array(0)), ...texts.map((text) => field(8, text)));
  return tfNode(name, 'Const', [], { value: field(8, tensor) });
}

/** A constant whose one text is packed into the content of the tensor, as C++ reads it and Python does not write it. */
export function tfPackedText(name: string, text: string): Uint8Array {
  const content = Buffer.concat([Uint8Array.of(text.length), Buffer.from(text)]);
  return tfNode(name, 'Const', [], { value: field(8, message(field(1, 7), field(4, content))) });
}

export function tfFunction(name: string, inputs: readonly string[], nodes: readonly Uint8Array[]): Uint8Array {
  const signature = message(field(1, name), ...inputs.map((input) => field(2, message(field(1, input), field(3, 7)))));
  return message(field(1, signature), ...nodes.map((node) => field(3, node)));
}

export function tfGraph(nodes: readonly Uint8Array[], functions: readonly Uint8Array[] = []): Uint8Array {
  const library = functions.length === 0 ? [] : [field(2, message(...functions.map((one) => field(1, one))))];
  return message(...nodes.map((node) => field(1, node)), ...library, field(4, field(1, 1994)));
}

export interface MetaGraphParts {
  readonly nodes?: readonly Uint8Array[];
  readonly functions?: readonly Uint8Array[];
  readonly saver?: { readonly filename: string; readonly save: string; readonly restore: string };
  /** Tensor to file. */
  readonly assets?: Readonly<Record<string, string>>;
  /** Inputs of signatures: name to tensors. */
  readonly signatures?: Readonly<Record<string, readonly string[]>>;
  /** Outputs of the same signatures. */
  readonly outputs?: Readonly<Record<string, readonly string[]>>;
  /** What Keras notes in the graph's objects. */
  readonly metadata?: readonly { readonly identifier: string; readonly text: string }[];
  readonly extra?: readonly Uint8Array[];
}

export function tfMetaGraph(parts: MetaGraphParts = {}): Uint8Array {
  const info = message(field(4, 'serve'), field(5, '2.21.0'));
  const graph = tfGraph(parts.nodes ?? [tfNode('x', 'Placeholder'), tfNode('y', 'Identity', ['x'])], parts.functions);
  const { saver } = parts;
  const savers =
    saver === undefined
      ? []
      : [field(3, message(field(1, saver.filename), field(2, saver.save), field(3, saver.restore)))];
  const signatures = Object.entries(parts.signatures ?? {}).map(([key, inputs]) => {
    const infos = inputs.map((input) => field(1, pair('x', field(1, input))));
    const results = (parts.outputs?.[key] ?? []).map((output) => field(2, pair('y', field(1, output))));
    return field(5, pair(key, message(...infos, ...results)));
  });
  const assets = Object.entries(parts.assets ?? {}).map(([tensor, file]) =>
    field(6, message(field(1, field(1, tensor)), field(2, file))),
  );
  const objects = (parts.metadata ?? []).map(({ identifier, text }) =>
    field(1, field(4, message(field(1, identifier), field(3, text)))),
  );
  const about = objects.length === 0 ? [] : [field(7, message(...objects))];
  return message(
    field(1, info),
    field(2, graph),
    ...savers,
    ...signatures,
    ...assets,
    ...about,
    ...(parts.extra ?? []),
  );
}

export function savedModel(parts: MetaGraphParts = {}): Uint8Array {
  return message(field(1, 1), field(2, tfMetaGraph(parts)));
}

/** `keras_metadata.pb` */
export function kerasMetadata(text: string, identifier = '_tf_keras_sequential'): Uint8Array {
  return field(1, message(field(2, 0), field(3, 'root'), field(4, identifier), field(5, text)));
}

/** The saver of a graph of functions, as TensorFlow 2 writes it. */
export function tfSaver(): Required<Pick<MetaGraphParts, 'nodes' | 'functions' | 'saver'>> {
  const save = tfFunction(
    '__inference__traced_save_1',
    ['file_prefix'],
    [
      tfNode('match', 'StaticRegexFullMatch', ['file_prefix']),
      tfTexts('a', '.part'),
      tfTexts('b', '_temp/part'),
      tfNode('Select', 'Select', ['match:output:0', 'a:output:0', 'b:output:0']),
      tfNode('StringJoin', 'StringJoin', ['file_prefix', 'Select:output:0']),
      tfNode('ShardedFilename', 'ShardedFilename', ['StringJoin:output:0', 'shard:output:0', 'shards:output:0']),
      tfTexts('names', 'w/.ATTRIBUTES/VARIABLE_VALUE'),
      tfTexts('slices', ''),
      tfNode('SaveV2', 'SaveV2', ['ShardedFilename:filename:0', 'names:output:0', 'slices:output:0']),
      tfNode('prefixes', 'Pack', ['ShardedFilename:filename:0', '^SaveV2']),
      tfNode('Merge', 'MergeV2Checkpoints', ['prefixes:output:0', 'file_prefix']),
    ],
  );
  const restore = tfFunction(
    '__inference__traced_restore_1',
    ['file_prefix'],
    [tfNode('RestoreV2', 'RestoreV2', ['file_prefix', 'names:output:0', 'slices:output:0'])],
  );
  const nodes = [
    tfNode('saver_filename', 'Placeholder'),
    tfNode('save', 'StatefulPartitionedCall', ['saver_filename'], { f: { call: '__inference__traced_save_1' } }),
    tfNode('restore', 'StatefulPartitionedCall', ['saver_filename'], { f: { call: '__inference__traced_restore_1' } }),
  ];
  return {
    nodes,
    functions: [save, restore],
    saver: { filename: 'saver_filename:0', save: 'save:0', restore: 'restore' },
  };
}

export interface CheckpointTensor {
  readonly name: string;
  readonly shard: number;
  readonly offset: number;
  readonly size: number;
}

/** The index of a checkpoint: one data block, the block of the index, the footer. */
export function checkpointIndex(tensors: readonly CheckpointTensor[], shards = 1): Uint8Array {
  const header = [['', message(field(1, shards), field(3, field(1, 1)))] as const];
  const rows = tensors.map(({ name, shard, offset, size }) => {
    const shape = field(2, field(1, size / 4));
    return [name, message(field(1, 1), field(2, shape), field(3, shard), field(4, offset), field(5, size))] as const;
  });
  const data = block([...header, ...rows]);
  const empty = block([]);
  const place = (at: number, bytes: Uint8Array): Uint8Array => Buffer.concat([varint(at), varint(bytes.length - 5)]);
  const index = block([['zz', place(0, data)]]);
  const handles = Buffer.concat([place(data.length, empty), place(data.length + empty.length, index)]);
  const magic = Buffer.from('57fb808b247547db', 'hex');
  return Buffer.concat([data, empty, index, handles, Buffer.alloc(40 - handles.length), magic]);
}

function block(rows: readonly (readonly [string, Uint8Array])[]): Uint8Array {
  const parts = rows.map(([key, value]) =>
    Buffer.concat([varint(0), varint(key.length), varint(value.length), Buffer.from(key), value]),
  );
  const restarts = Buffer.alloc(8);
  restarts.writeUInt32LE(1, 4);
  return Buffer.concat([...parts, restarts, Buffer.alloc(5)]);
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? low + 128 : low);
  } while (rest > 0);
  return Uint8Array.from(bytes);
}
