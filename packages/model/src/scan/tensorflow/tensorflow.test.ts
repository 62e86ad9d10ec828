// Attacks on graphs of TensorFlow and TFLite, each under names that say nothing or something else, and their clean twins.
import { checkpointIndex, savedModel, tfNode, tfTexts } from '@vallum/formats/testing';
import { describe, expect, it } from 'vitest';
import { buildRules } from '../rules.js';
import { scanPath } from '../scan-path.js';
import { scanBytes, memoryDisk, verdictOf } from '../testing/scan-bytes.js';
import { CHECKPOINT, CLEAN_GRAPH, TENSORFLOW_ATTACKS, TFLITE_ATTACKS } from '../testing/tensorflow-attacks.js';

const options = { rules: buildRules() };
const NAMES = ['saved_model.pb', 'model.bin', 'weights', 'notes.txt'];

describe.each([...TENSORFLOW_ATTACKS, ...TFLITE_ATTACKS])('$name', ({ attacks, clean }) => {
  it.each(Object.entries(attacks))('fails: %s', async (_name, bytes) => {
    for (const name of NAMES) expect([name, (await scanBytes(name, bytes, options)).outcome]).toEqual([name, 'fail']);
  });

  it.each(Object.entries(clean))('passes: %s', async (_name, bytes) => {
    const report = await scanBytes('model', bytes, options);
    expect(report.files[0]?.notExamined).toEqual([]);
    expect(report.outcome).toBe('pass');
  });
});

describe('graphs', () => {
  it('says which operator, with what and where', async () => {
    const bytes = savedModel({ nodes: [tfTexts('path', '/etc/passwd'), tfNode('secret', 'ReadFile', ['path'])] });
    const [finding] = (await scanBytes('saved_model.pb', bytes, options)).files[0]?.findings ?? [];
    expect(finding).toMatchObject({ rule: 'VLM-TFS-002', severity: 'high' });
    expect(finding?.message).toContain('ReadFile "/etc/passwd", node "secret"');
    expect(finding?.location.offset).toBeGreaterThan(0);
  });

  it.each([
    ['an operator that TensorFlow does not have', savedModel({ nodes: [tfNode('x', 'MyOp')] }), 'pass VLM-TFS-008'],
    ['a field that no schema knows', Buffer.concat([savedModel(), Buffer.from([0x78, 1])]), 'pass VLM-TFS-011'],
    [
      'a checkpoint of elsewhere',
      savedModel({ nodes: [tfTexts('p', 'gs://bucket/bert'), tfNode('r', 'RestoreV2', ['p'])] }),
      'fail VLM-TFS-006',
    ],
    [
      'a compiled module with calls that are not known',
      savedModel({ nodes: [tfNode('m', 'XlaCallModule', [], { module: 'vhlo.custom_call_v1 foo' })] }),
      'inconclusive',
    ],
  ])('tells %s', async (_name, bytes, expected) => {
    expect(await verdictOf('saved_model.pb', bytes, options)).toBe(expected);
  });

  it('never passes a graph that is cut off', async () => {
    for (let cut = 1; cut < CLEAN_GRAPH.length; cut += 3)
      expect([cut, (await scanBytes('m.pb', CLEAN_GRAPH.subarray(0, cut), options)).outcome]).not.toEqual([
        cut,
        'pass',
      ]);
  });
});

describe('checkpoints', () => {
  const scan = (files: Record<string, Uint8Array>) => scanPath(memoryDisk(files), '/m', options);
  it('claims the files that the index names', async () => {
    const report = await scan(CHECKPOINT);
    expect(report.outcome).toBe('pass');
    expect(report.files.map(({ formats }) => formats)).toEqual([['external-data'], ['checkpoint-index']]);
  });

  it('is inconclusive without them', async () => {
    const index = CHECKPOINT['variables/variables.index'];
    expect((await scan({ 'variables.index': index })).outcome).toBe('inconclusive');
    expect((await scan({ 'variables.data-00000-of-00001': Buffer.alloc(24, 0xc3) })).outcome).toBe('inconclusive');
  });

  it.each([
    ['behind the end', [{ name: 'a', shard: 0, offset: 20, size: 16 }]],
    ['in a file that is not there', [{ name: 'a', shard: 3, offset: 0, size: 4 }]],
  ])('fails for tensors %s', async (_name, tensors) => {
    const report = await scan({ ...CHECKPOINT, 'variables/variables.index': checkpointIndex(tensors) });
    expect(report.outcome).toBe('fail');
    expect(report.files.flatMap(({ findings }) => findings.map(({ rule }) => rule))).toContain('VLM-TFS-012');
  });

  it.each([
    ['model_checkpoint_path: "ckpt-2"\nall_model_checkpoint_paths: "ckpt-1"\n', 'pass'],
    ['model_checkpoint_path: "/home/me/ckpt-2"\n', 'pass VLM-TFS-010'],
    ['model_checkpoint_path: "ckpt"\nsomething else\n', 'inconclusive'],
  ])('reads the state %s', async (text, expected) => {
    expect(await verdictOf('checkpoint', Buffer.from(text), options)).toBe(expected);
  });
});

describe('protobuf text', () => {
  const graph = (node: string): Uint8Array => Buffer.from(`# a graph\nnode { name: "x" op: "Placeholder" }\n${node}`);
  const path = (text: string): string =>
    `node { name: "p" op: "Const" attr { key: "value" value { tensor { dtype: DT_STRING string_val: ${text} } } } }`;
  it.each([
    ['a graph that computes', 'graph.pbtxt', graph('node { name: "y" op: "Identity" input: "x" }'), 'pass'],
    ['PyFunc', 'graph.pbtxt', graph('node: < name: "f" op: "Py" "Func" >'), 'fail VLM-TFS-001'],
    ['an escaped name', 'x', graph("node { name: 'f', op: '\\120y\\x46unc' };"), 'fail VLM-TFS-001'],
    [
      'a path',
      'x.txt',
      graph(`${path('"/etc/passwd"')} node { op: "ReadFile" name: "r" input: ["p"] }`),
      'fail VLM-TFS-002',
    ],
    [
      'a function of a SavedModel',
      'saved_model.pbtxt',
      Buffer.from(
        'saved_model_schema_version: 1 meta_graphs { graph_def { library { function { signature { name: "f" } ' +
          'node_def { name: "f" op: "PyFunc" } } } } }',
      ),
      'fail VLM-TFS-001',
    ],
    ['a field that is not known', 'x.pbtxt', graph('node { name: "y" op: "Identity" foo: 1 }'), 'pass VLM-TFS-011'],
    ['a text that does not end', 'x.pbtxt', graph('node { name: "y'), 'inconclusive'],
    [
      'a label map',
      'labels.pbtxt',
      Buffer.from('item {\n  id: 1\n  name: "cat"\n}\nitem { id: 2 name: \'dog\' }\n'),
      'pass',
    ],
    ['another text', 'x.pbtxt', Buffer.from('depth: 3\nstage { width: 8 }\n'), 'inconclusive'],
  ])('%s', async (_name, name, bytes, expected) => {
    expect(await verdictOf(name, bytes, options)).toBe(expected);
  });
});
