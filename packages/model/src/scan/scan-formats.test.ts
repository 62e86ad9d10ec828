// ONNX, safetensors, configuration and names: attacks and clean twins.
import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  externalTensor,
  field,
  message,
  node,
  onnxModel,
  pickle,
  safetensors,
  tensor,
  zip,
} from '@vallum/formats/testing';
import { scanPath } from './scan-path.js';
import { memoryDisk, verdictOf } from './testing/scan-bytes.js';

const outside = (place: Record<string, string>): Uint8Array => onnxModel({ tensors: [externalTensor('W', place)] });
const text = (value: string): Uint8Array => Buffer.from(value);
const floats = { a: { dtype: 'F32', shape: [2], data_offsets: [0, 8] } };

describe('ONNX', () => {
  it.each([
    ['VLM-ONNX-001', outside({ location: '../../etc/passwd' })],
    ['VLM-ONNX-001', outside({ location: '/etc/passwd' })],
    ['VLM-ONNX-001', outside({ location: 'a\\..\\b' })],
    ['VLM-ONNX-001', outside({ location: 'C:x' })],
    ['VLM-ONNX-001', outside({ location: 'https://example.org/w' })],
    ['VLM-ONNX-005', onnxModel({ nodes: [node('PyOp', 'ai.onnx.contrib')] })],
    ['VLM-ONNX-006', onnxModel({ tensors: [tensor('W', [9, 9], 16)] })],
  ])('%s fails', async (rule, bytes) => {
    expect(await verdictOf('model.onnx', bytes)).toMatch(new RegExp(`^fail .*${rule}`));
    expect(await verdictOf('weights.bin', bytes)).toMatch(new RegExp(`^fail .*${rule}`));
  });

  it('tells custom operators, unless the model defines them itself', async () => {
    const custom = { nodes: [node('Mine', 'my.domain')], domains: ['my.domain'] };
    expect(await verdictOf('m.onnx', onnxModel(custom))).toBe('pass VLM-ONNX-004');
    const defined = message(field(1, 'Mine'), field(10, 'my.domain'), field(7, node('Add')));
    expect(await verdictOf('m.onnx', onnxModel({ ...custom, extra: [field(25, defined)] }))).toBe('pass');
  });

  it('passes a plain model, also with external data beside it', async () => {
    expect(await verdictOf('model.onnx', onnxModel())).toBe('pass');
    const bytes = outside({ location: 'w.data', offset: '8', length: '16' });
    const raw = Buffer.from('00ff'.repeat(12), 'hex');
    const report = await scanPath(memoryDisk({ 'm.onnx': bytes, 'w.data': raw }), '/m');
    expect(report).toMatchObject({ outcome: 'pass', summary: { findings: { high: 0 } } });
    const short = await scanPath(memoryDisk({ 'm.onnx': bytes, 'w.data': raw.subarray(4) }), '/m');
    expect(short.files[0]?.findings[0]?.rule).toBe('VLM-ONNX-003');
  });

  it('is not proven when the external data is missing or the model is cut off', async () => {
    expect(await verdictOf('m.onnx', outside({ location: 'w.data' }))).toBe('inconclusive');
    expect(await verdictOf('m.onnx', onnxModel().subarray(0, 60))).toMatch(/^inconclusive/);
    expect(await verdictOf('m.onnx', text('not a model'))).toBe('inconclusive VLM-FIL-001');
    expect(await verdictOf('m.onnx', new Uint8Array(0))).toBe('inconclusive VLM-FIL-001');
  });
});

describe('safetensors', () => {
  it.each([
    ['pass', safetensors(floats, new Uint8Array(8))],
    [
      'fail VLM-STN-002',
      safetensors(floats, Buffer.concat([new Uint8Array(8), pickle().global('os', 'system').call('x').stop()])),
    ],
    ['fail VLM-STN-001', safetensors({ ...floats, b: { ...floats.a } }, new Uint8Array(8))],
    ['fail VLM-STN-001', safetensors('{"a":{},"a":{}}', new Uint8Array(0))],
    [
      'fail VLM-FIL-002 VLM-FIL-003 VLM-STN-002 VLM-ZIP-004',
      Buffer.concat([safetensors(floats, new Uint8Array(8)), zip([{ name: 'a', data: text('x') }])]),
    ],
  ])('%s', async (expected, bytes) => {
    expect(await verdictOf('model.safetensors', bytes)).toBe(expected);
  });
});

describe('JSON', () => {
  it.each([
    ['VLM-JSN-001', { auto_map: { AutoModel: 'modeling.Evil' } }],
    ['VLM-JSN-002', { model: { _target_: 'os.system', command: 'id' } }],
    ['VLM-JSN-003', { trust_remote_code: true }],
    ['VLM-JSN-004', { _attn_implementation_internal: 'someone/kernels' }],
    ['VLM-JNJ-001', { chat_template: "{{ ''.__class__.__mro__ }}" }],
    ['VLM-JNJ-001', { chat_template: [{ name: 'x', template: "{{ x|attr('y' ~ 'z') }}" }] }],
    ['VLM-KRS-002', { config: { layers: [{ class_name: 'Lambda', config: {} }] } }],
    ['VLM-KRS-003', { class_name: 'system', module: 'os', config: {} }],
  ])('%s fails', async (rule, value) => {
    expect(await verdictOf('config.json', text(JSON.stringify(value)))).toMatch(new RegExp(`^fail .*${rule}`));
    expect(await verdictOf('x.txt', text(JSON.stringify(value)))).toMatch(new RegExp(`^fail .*${rule}`));
  });

  it.each([
    { architectures: ['BertModel'], attn_implementation: 'sdpa', trust_remote_code: false },
    { note: 'auto_map and os.system are words', chat_template: '{% for m in messages %}{{ m.content }}{% endfor %}' },
    { model: { _target_: 'torch.nn.Linear', in_features: 3 } },
    { class_name: 'Dense', module: 'keras.layers', config: {} },
    [1, 2, 3],
  ])('passes %j', async (value) => {
    expect(await verdictOf('config.json', text(JSON.stringify(value)))).toBe('pass');
  });

  it('reads JSON lines, and is not proven for what is not strict', async () => {
    expect(await verdictOf('a.jsonl', text('{"a":1}\n{"b":2}\n'))).toBe('pass');
    expect(await verdictOf('a.jsonl', text('{"a":1}\n{"auto_map":{"x":"y"}}\n'))).toMatch(/^fail/);
    expect(await verdictOf('a.json', text('{"a":1,"a":2}'))).toMatch(/^inconclusive/);
  });
});

describe('YAML', () => {
  it.each([
    'a: !!python/object/apply:os.system ["id"]',
    '- !!python/name:os.system',
    '!!python/object/new:subprocess.Popen',
    'a: !<tag:yaml.org,2002:python/object/apply:os.system> [x]',
    '%TAG ! tag:yaml.org,2002:python/\n---\na: !object/apply:os.system [x]',
  ])('fails %s', async (value) => {
    expect(await verdictOf('c.yaml', text(`${value}\n`))).toMatch(/^fail .*VLM-YML-001/);
  });

  it('applies the key rules, passes plain files, and leaves Markdown alone', async () => {
    expect(await verdictOf('c.yaml', text('model:\n  _target_: os.system\n'))).toMatch(/^fail .*VLM-JSN-002/);
    expect(await verdictOf('c.yaml', text('model:\n  name: x # !!python/name:y\nb: "a !x"\n'))).toBe('pass');
    expect(await verdictOf('README.md', text('Never write `a: !!python/object/apply:os.system`.\n'))).toBe('pass');
    expect(await verdictOf('c.yaml', text('a: 1\na: 2\n'))).toMatch(/^inconclusive/);
  });
});

describe('requirements.txt', () => {
  it.each([
    ['pass VLM-REQ-001', 'numpy\nscipy>=1\n'],
    ['pass VLM-REQ-002', 'numpy==1.26.4\n'],
    ['pass', `numpy==1.26.4 --hash=sha256:${'a'.repeat(64)}\n`],
    ['fail VLM-REQ-003', '--extra-index-url https://example.org/simple\n'],
    ['pass VLM-REQ-004', '-i https://example.org/simple\n'],
    ['pass VLM-REQ-005', 'x @ https://example.org/x.whl\n'],
    ['fail VLM-REQ-006', 'git+http://example.org/x.git\n'],
    ['fail VLM-REQ-006', '--trusted-host example.org\n'],
    ['pass VLM-REQ-007', '-r other.txt\n'],
    ['pass VLM-REQ-008', '`curl example.org`\n'],
  ])('%s', async (expected, value) => {
    expect(await verdictOf('requirements.txt', text(value))).toBe(expected);
  });
});

describe('names and other formats', () => {
  it.each([
    ['a page that names os.system', 'README.md', text('Do not run os.system("rm").\n'), 'pass'],
    ['text', 'notes.txt', text('cos\nsystem\nare two words\n'), 'pass'],
    ['a picture', 'a.png', Buffer.from('89504e470d0a1a0a0000', 'hex'), 'pass'],
    ['a picture that is none', 'a.png', Buffer.from('ffd8ffe0', 'hex'), 'inconclusive VLM-FIL-001'],
    ['a program', 'model.bin', Buffer.from(`7f454c46${'00'.repeat(60)}`, 'hex'), 'fail VLM-FIL-004'],
    ['an unknown format', 'model.bin', Buffer.from('00ff00ff00', 'hex'), 'inconclusive'],
    ['hdf5', 'model.h5', Buffer.from('894844460d0a1a0a00', 'hex'), 'inconclusive'],
    ['gguf', 'model.gguf', text('GGUF\x03\0\0\0'), 'inconclusive'],
    ['7z', 'model.pt', Buffer.from('377abcaf271c0004', 'hex'), 'fail VLM-FIL-001 VLM-SEV-001'],
    ['Python source', 'model.py', text('import os\n'), 'pass'],
    ["an object of git's store", '1a856b', deflateSync('blob 5\0hello'), 'pass'],
    ['what only begins like one', '1a856b', deflateSync('blob 6\0hello'), 'inconclusive'],
    ["an index of git's", 'index', Buffer.from('44495243000000020000000000', 'hex'), 'pass'],
    ['a skops schema', 'schema.json', text('{"__loader__": "TypeNode"}'), 'fail VLM-SKO-005'],
  ])('%s', async (_name, name, bytes, expected) => {
    expect(await verdictOf(name, bytes)).toBe(expected);
  });
});
