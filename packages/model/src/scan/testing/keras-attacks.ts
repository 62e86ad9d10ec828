// Malicious Keras configs and HDF5 files by class of bypass, written out by readable code, and the clean twin of each class.
// Inert: names and bytes that are read, never loaded.
import type { JsonValue } from '@vallum/core';
import { dataset, externalLink, group, hdf5, pickle, zip } from '@vallum/formats/testing';

export interface ConfigClass {
  readonly name: string;
  /** What one of the findings must be. */
  readonly rule: RegExp;
  readonly attacks: Readonly<Record<string, JsonValue>>;
  readonly clean: Readonly<Record<string, JsonValue>>;
}

export interface FileClass {
  readonly name: string;
  readonly rule: RegExp;
  readonly attacks: Readonly<Record<string, Uint8Array>>;
  readonly clean: Readonly<Record<string, Uint8Array>>;
}

/** A layer as Keras 3 writes it. */
function layer(name: string, config: JsonValue = {}, module: JsonValue = 'keras.layers'): { [key: string]: JsonValue } {
  return { module, class_name: name, config, registered_name: null };
}

export function model(...layers: readonly JsonValue[]): { [key: string]: JsonValue } {
  return layer('Sequential', { name: 's', layers }, 'keras');
}

const fn = (module: JsonValue, config: string, registered: string = config): JsonValue => ({
  module,
  class_name: 'function',
  config,
  registered_name: registered,
});
const dense = layer('Dense', { units: 3, activation: 'relu' });
const tensor = { class_name: '__keras_tensor__', config: { shape: [1], dtype: 'int32', keras_history: ['i', 0, 0] } };
const lambda = layer('Lambda', { function: { class_name: '__lambda__', config: { code: '4wEAAAA=' } } });
const tensorflow = (kind: string, config: JsonValue): JsonValue => ({ class_name: kind, config });

export const CONFIG_CLASSES: readonly ConfigClass[] = [
  {
    name: 'Lambda',
    rule: /VLM-KRS-00[12]/,
    attacks: {
      'with marshalled code': model(dense, lambda),
      'with code that does not decode': model(layer('Lambda', { function: ['!!not base64!!', null, null] })),
      'of Keras 2': {
        class_name: 'Sequential',
        config: [{ class_name: 'Lambda', config: { function: ['4wEA', null, null] } }],
      },
      'in a wrapper': model(layer('TimeDistributed', { layer: lambda })),
      'in a wrapper in a wrapper': model(
        layer('Bidirectional', { layer: dense, backward_layer: layer('TimeDistributed', { layer: lambda }) }),
      ),
      'in a model in a model': model(model(model(lambda))),
      'a function as bytes for an activation': model(
        layer('Dense', { activation: { class_name: '__lambda__', config: { code: 'AA' } } }),
      ),
      'of a named function': model(layer('Lambda', { function: 'my_function', function_type: 'function' })),
      'under the name of a package': model({ class_name: 'Custom>Lambda', config: {} }),
      'in the loss': { ...model(dense), compile_config: { loss: { class_name: '__lambda__', config: {} } } },
      'in a wrapper of a cell': model(
        layer('RNN', {
          cell: layer('ResidualWrapper', { residual_fn: ['4wEA', null, null], residual_fn_type: 'lambda' }),
        }),
      ),
      'as a text in a text': { model_config: JSON.stringify({ training: JSON.stringify(model(lambda)) }) },
      'behind a flood of custom layers': model(
        lambda,
        ...Array.from({ length: 300 }, (_, index) => layer(`Mine${index}`, {}, null)),
      ),
    },
    clean: {
      'a model of layers': model(dense, layer('TimeDistributed', { layer: dense })),
      'a layer that is called lambda': model(layer('Dense', { name: 'lambda' })),
      'a word in a text': { note: 'Lambda is a class_name' },
    },
  },
  {
    name: 'a module outside Keras',
    rule: /VLM-KRS-003/,
    attacks: {
      'a class': model(layer('Popen', { args: 'id' }, 'subprocess')),
      'a function': model(layer('Dense', { activation: fn('os', 'system') })),
      'a function of builtins': model(layer('Dense', { activation: fn('builtins', 'eval') })),
      'a class of builtins': model(layer('exec', {}, 'builtins')),
      'a package like Keras': model(layer('Dense', {}, 'kerass.layers')),
      'a package that begins like Keras': model(layer('Dense', {}, 'keras_evil.layers')),
      'a module beside Keras': model(layer('Dense', {}, 'keras .layers')),
      'a module that is no text': model(layer('Dense', {}, ['os'])),
      'in the optimizer': { ...model(dense), compile_config: { optimizer: layer('system', {}, 'posix') } },
      'in the training configuration': {
        training_config: { loss: { class_name: 'run', module: 'subprocess', config: {} } },
      },
      'a type of tensors': model({
        class_name: '__typespec__',
        spec_name: 'x',
        module: 'os',
        config: [],
        registered_name: null,
      }),
    },
    clean: {
      'modules of Keras': model(dense, layer('Add', {}, 'keras.src.ops.numpy'), layer('Adam', {}, 'keras.optimizers')),
      'a function of Keras': model(layer('Dense', { activation: fn('keras.activations', 'gelu') })),
      'an initialiser of TensorFlow': model(layer('Constant', { value: 0 }, 'tensorflow.python.ops.init_ops_v2')),
      'a function by its name': model(layer('Dense', { activation: fn('builtins', 'relu', 'function') })),
    },
  },
  {
    name: 'a part of Keras that is no part of a model',
    rule: /VLM-KRS-0(?:04|06|07|09)/,
    attacks: {
      'a download': model(layer('Dense', { activation: fn('keras.utils', 'get_file') })),
      'the safe mode switched off': model(
        layer('Dense', { activation: fn('keras.config', 'enable_unsafe_deserialization') }),
      ),
      'another model': model(layer('Dense', { activation: fn('keras.models', 'load_model') })),
      'a function inside Keras': model(
        layer('Dense', { activation: fn('keras.src.utils.file_utils', 'extract_archive') }),
      ),
      'a module that Keras imports': model(layer('Dense', { activation: fn('keras.src.utils.io_utils', 'os') })),
      'a function in place of a class': model(layer('func_load', {}, 'keras.src.utils.python_utils')),
      'a function of an old loader': { class_name: 'Sequential', config: [{ class_name: 'deserialize', config: {} }] },
      'a second name': model({ ...dense, registered_name: 'get_file' }),
      'a function of TensorFlow': model(
        layer('Dense', { activation: fn('tensorflow.python.ops.script_ops', 'py_func') }),
      ),
      'a dotted name': model(layer('Dense', { activation: fn('keras', 'utils.get_file') })),
      'a torch module': model(layer('TorchModuleWrapper', { module: { class_name: '__bytes__', config: {} } })),
      'a SavedModel': model(layer('TFSMLayer', { filepath: '/tmp/other' })),
      safe_mode: { ...model(dense), safe_mode: false },
      'another function of the same name': model(
        layer('Dense', { activation: fn('keras.src.utils.file_utils', 'copy') }),
      ),
      'an operation under the name of a backend': model(
        layer('Dense', { activation: fn('keras.src.backend.tensorflow.numpy', 'copy') }),
      ),
      'a layer of a module of tools': model(layer('Dense', {}, 'keras.src.utils.file_utils')),
      'a text for a function': model({
        ...layer('Switch', { name: 's' }, 'keras.src.ops.core'),
        inbound_nodes: [{ args: [tensor, [fn('keras.ops', 'copy'), fn('keras.ops', 'copy')], '/tmp/a'], kwargs: {} }],
      }),
      'a text among the keywords for a function': model({
        ...layer('Map', { name: 'm' }, 'keras.src.ops.core'),
        inbound_nodes: [{ args: [fn('keras.ops', 'abs')], kwargs: { xs: ['/tmp/a'] } }],
      }),
    },
    clean: {
      'a copy of an array': model(layer('Dense', { activation: fn('keras.src.ops.numpy', 'copy') })),
      'a loss by its module': { ...model(dense), compile_config: { loss: fn('keras.src.losses.losses', 'mae') } },
      'a function and its operand': model({
        ...layer('Switch', { name: 's' }, 'keras.src.ops.core'),
        inbound_nodes: [{ args: [tensor, [fn('keras.ops', 'copy'), fn('keras.ops', 'abs')], tensor], kwargs: {} }],
      }),
      operations: model(layer('Dense', { activation: fn('keras.ops', 'silu') }), layer('ReLU')),
      'safe_mode left on': { ...model(dense), safe_mode: true },
    },
  },
  {
    name: 'a file or an address',
    rule: /VLM-KRS-008/,
    attacks: {
      'a vocabulary from a path': model(layer('StringLookup', { vocabulary: '/etc/passwd' })),
      'a vocabulary from an address': model(layer('TextVectorization', { vocabulary: 'http://169.254.169.254/x' })),
      'a vocabulary from a relative path': model(layer('IntegerLookup', { vocabulary: '../secret.txt' })),
      'a vocabulary that grows': model(layer('DynamicEmbedding', { initial_vocabulary: '/etc/passwd' })),
      'a vocabulary from a store': model(layer('StringLookup', { vocabulary: 'gs://bucket/file' })),
      'a tokenizer': model(
        layer('BytePairTokenizer', { vocabulary: null, merges: '/etc/hosts' }, 'keras_hub.tokenizers'),
      ),
      'of Keras 2': {
        class_name: 'Sequential',
        config: [{ class_name: 'StringLookup', config: { vocabulary: 'file' } }],
      },
    },
    clean: {
      'a vocabulary as a list': model(layer('StringLookup', { vocabulary: ['a', '/etc/passwd'] })),
      'no vocabulary': model(layer('TextVectorization', { vocabulary: null })),
    },
  },
  {
    name: 'a function of TensorFlow',
    rule: /VLM-KRS-010/,
    attacks: {
      'a file written': model(tensorflow('TFOpLambda', { function: 'io.write_file' })),
      'a library loaded': model(tensorflow('TFOpLambda', { function: 'load_op_library' })),
      'Python called': model(tensorflow('TFOpLambda', { function: 'numpy_function' })),
      'a raw operator': model(tensorflow('TFOpLambda', { function: 'raw_ops.WriteFile' })),
      'under an older name': model(tensorflow('TFOpLambda', { function: 'compat.v1.py_func' })),
      'an operator': model(tensorflow('TensorFlowOpLayer', { node_def: { name: 'x', op: 'PyFunc' } })),
      'an operator as text': model(tensorflow('TensorFlowOpLayer', { node_def: '{"name":"x","op":"ReadFile"}' })),
      'a method of a class': model(tensorflow('ClassMethod', { cls_ref: 'io.TFRecordWriter', method_name: 'write' })),
      'a private method': model(tensorflow('InstanceMethod', { method_name: '__reduce__' })),
      'something unnamed': model(tensorflow('TFOpLambda', {})),
    },
    clean: {
      computing: model(
        tensorflow('TFOpLambda', { function: 'math.multiply' }),
        tensorflow('TFOpLambda', { function: 'compat.v1.nn.relu' }),
        tensorflow('SlicingOpLambda', { function: '__operators__.getitem' }),
        tensorflow('TensorFlowOpLayer', { node_def: '{"name":"x","op":"AddV2"}' }),
      ),
    },
  },
];

const shell = (protocol: number): Uint8Array =>
  protocol === 0
    ? pickle().global('os', 'system').call('id').stop()
    : pickle().proto(protocol).global('os', 'system').call('id').stop();
const harmless = pickle().proto(2).op('EMPTY_DICT').str('note').str('os.system').op('SETITEM').stop();
const config = JSON.stringify(model(dense));
const hostile = JSON.stringify(model(lambda));
const nested = (depth: number, inner: Parameters<typeof group>[0]): Parameters<typeof group>[0] =>
  depth === 0 ? inner : { links: { g: group(nested(depth - 1, inner)) } };
const first = Buffer.alloc(64, 7);
const two = hdf5({ links: { a: dataset({ data: Buffer.alloc(400, 7) }), b: dataset({ data: Buffer.alloc(400, 9) }) } });

export const HDF5_CLASSES: readonly FileClass[] = [
  {
    name: 'a Lambda in an attribute',
    rule: /VLM-KRS-00[12]/,
    attacks: {
      'of the root': hdf5({ attributes: { model_config: hostile } }),
      'as bytes': hdf5({ attributes: { model_config: Buffer.from(hostile) } }),
      'of a group far below': hdf5(nested(40, { attributes: { settings: hostile } })),
      'of a dataset': hdf5({ links: { d: dataset({ attributes: { c: hostile } }) } }),
      'in the training configuration': hdf5({ attributes: { model_config: config, training_config: hostile } }),
      'behind a user block': hdf5({ attributes: { model_config: hostile }, userBlock: Buffer.alloc(512) }),
      'behind a long user block': hdf5({ attributes: { model_config: hostile }, userBlock: Buffer.alloc(16384) }),
      'with a key that stands twice': hdf5({ attributes: { model_config: hostile.replace('{', '{"config":{},') } }),
      'with a number that is none': hdf5({ attributes: { model_config: hostile.replace('{', '{"x":NaN,') } }),
      'in an archive': zip([
        { name: 'model.weights.h5', data: hdf5({ attributes: { model_config: hostile } }), deflate: true },
      ]),
      'in a file that is cut off': hdf5({ attributes: { model_config: hostile } }).subarray(0, -1),
    },
    clean: {
      'a model': hdf5({ attributes: { model_config: config, keras_version: '2.13.1', backend: 'tensorflow' } }),
      'units in brackets': hdf5({ attributes: { unit: '[km/s]', other: '{x} of {y}' } }),
    },
  },
  {
    name: 'a pickle inside',
    rule: /VLM-PKL-/,
    attacks: {
      'in an attribute': hdf5({ attributes: { x: shell(2) } }),
      'in an attribute, protocol 0': hdf5({ attributes: { x: shell(0) } }),
      'in an attribute of a group far below': hdf5(nested(9, { attributes: { x: shell(4) } })),
      'as opaque bytes': hdf5({ links: { m: dataset({ type: 'opaque', data: shell(4) }) } }),
      'as numbers': hdf5({ links: { m: dataset({ data: shell(2) }) } }),
      'as an object of PyTables': hdf5({ links: { m: dataset({ type: 'objects', data: [harmless, shell(2)] }) } }),
      'in a user block': hdf5({ userBlock: Buffer.concat([shell(2), Buffer.alloc(512 - shell(2).length)]) }),
      'behind the end': hdf5({ trailing: shell(2) }),
    },
    clean: {
      'a harmless pickle': hdf5({ attributes: { x: harmless, y: 'a sentence.' } }),
      'harmless objects': hdf5({ links: { m: dataset({ type: 'objects', data: [harmless, harmless] }) } }),
      numbers: hdf5({ links: { m: dataset({ data: Buffer.from('00010203ff', 'hex') }) } }),
      'a user block of MATLAB': hdf5({ userBlock: Buffer.from('MATLAB 7.3 MAT-file'.padEnd(512)) }),
    },
  },
  {
    name: 'what lies outside the file',
    rule: /VLM-HDF-00[123]/,
    attacks: {
      'an external link': hdf5({ links: { x: externalLink('/etc/secret.h5') } }),
      'an external link among others': hdf5({ links: { a: group(), x: externalLink('../a.h5', '/b'), z: group() } }),
      'an external link far below': hdf5(nested(20, { links: { x: externalLink('other.h5') } })),
      'external data': hdf5({ links: { d: dataset({ data: Buffer.alloc(8), externalFile: '/etc/passwd' }) } }),
      'external data beside': hdf5({ links: { d: dataset({ data: Buffer.alloc(8), externalFile: 'x.raw' }) } }),
      'a virtual dataset': hdf5({ links: { d: dataset({ dims: [4], virtualFile: 'other.h5' }) } }),
      'in an archive': zip([{ name: 'model.weights.h5', data: hdf5({ links: { x: externalLink('a.h5') } }) }]),
    },
    clean: {
      'a soft link': hdf5({ links: { a: group(), b: { kind: 'soft', path: '/a' } } }),
      'a virtual dataset of the file itself': hdf5({ links: { d: dataset({ dims: [4], virtualFile: '.' }) } }),
    },
  },
  {
    name: 'a structure that does not hold',
    rule: /VLM-HDF-00[5678]/,
    attacks: {
      'data past the end': hdf5({ links: { d: dataset({ data: Buffer.alloc(400), address: 1e6 }) } }),
      'data far past the end': hdf5({ links: { d: dataset({ data: Buffer.alloc(400), address: 2 ** 52 }) } }),
      'more data than there is': hdf5({
        links: {
          d: dataset({ data: first, address: hdf5({ links: { d: dataset({ data: first, address: 1 }) } }).length - 9 }),
        },
      }),
      'data over other data': hdf5({
        links: { a: dataset({ data: first, address: 96 + 4096 }), b: dataset({ data: first, address: 96 + 4096 }) },
      }),
      'data over the headers': hdf5({ links: { d: dataset({ data: Buffer.alloc(400), address: 96 }) } }),
      'a header that continues itself': circle(),
      'a shape that fills the memory, in a model': hdf5({
        attributes: { keras_version: '3' },
        links: { d: dataset({ type: 'floats', dims: [2 ** 40], data: Buffer.alloc(4) }) },
      }),
    },
    clean: {
      'two datasets': two,
      'a link back to the root': hdf5({ links: { a: group({ links: { up: { kind: 'root' } } }) } }),
    },
  },
];

/** The root's first message becomes a continuation that leads to the block it stands in. */
function circle(): Uint8Array {
  const bytes = Buffer.from(hdf5({ links: { a: group() } }));
  const first = 96 + 16;
  bytes.writeUInt16LE(0x10, first);
  bytes.writeBigUInt64LE(BigInt(first), first + 8);
  bytes.writeBigUInt64LE(64n, first + 16);
  return bytes;
}
