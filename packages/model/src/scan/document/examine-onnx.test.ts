// ONNX models through the whole scanner: files they would read, code they would run, shapes that lie, and clean twins.
import { link, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { nodeDisk } from '@vallum/core';
import { externalTensor, field, message, node, onnxModel, tensor } from '@vallum/formats/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scanPath } from '../scan-path.js';
import { memoryDisk, verdictOf } from '../testing/scan-bytes.js';

const NAMES = ['model.onnx', 'model.bin', 'notes.txt', 'model'];
const outside = (place: Record<string, string>): Uint8Array => onnxModel({ tensors: [externalTensor('W', place)] });
const attribute = (name: string, ...fields: readonly Uint8Array[]): Uint8Array => message(field(1, name), ...fields);
const pairOf = (key: string, value: string): Uint8Array => message(field(1, key), field(2, value));
const nested = (graph: Uint8Array): Uint8Array => node('If', '', attribute('then_branch', field(6, graph)));
const evil = externalTensor('W', { location: '../../etc/shadow' });

describe('files that a model reads', () => {
  it.each([
    ['up', outside({ location: '../../etc/passwd' })],
    ['up inside', outside({ location: 'a/../../b' })],
    ['absolute', outside({ location: '/etc/passwd' })],
    ['home', outside({ location: '~/.ssh/id_rsa' })],
    ['backslashes', outside({ location: '..\\b' })],
    ['a drive', outside({ location: 'C:/b' })],
    ['an address', outside({ location: 'file:///etc/passwd' })],
    ['a zero byte', outside({ location: 'a\0/../b' })],
    ['a line end', outside({ location: 'a\nb' })],
    ['nothing', outside({ location: '' })],
    ['double slashes', outside({ location: 'a//b' })],
    ['behind a long name', outside({ location: `${'a/'.repeat(3000)}${'../'.repeat(3010)}etc/passwd` })],
    ['in a graph inside a node', onnxModel({ nodes: [nested(message(field(5, evil)))] })],
    ['in the value of a constant', onnxModel({ nodes: [node('Constant', '', attribute('value', field(5, evil)))] })],
    ['in a list of tensors', onnxModel({ nodes: [node('X', '', attribute('values', field(10, evil)))] })],
    [
      'in a function',
      onnxModel({
        extra: [
          field(
            25,
            message(
              field(1, 'F'),
              field(10, 'own'),
              field(7, node('Constant', '', attribute('value', field(5, evil)))),
            ),
          ),
        ],
      }),
    ],
    [
      'in a default of a function',
      onnxModel({
        extra: [field(25, message(field(1, 'F'), field(10, 'own'), field(11, attribute('value', field(5, evil)))))],
      }),
    ],
    ['in the training part', onnxModel({ extra: [field(20, message(field(2, message(field(5, evil)))))] })],
    ['in a sparse tensor', onnxModel({ extra: [field(7, message(field(15, message(field(1, evil)))))] })],
    [
      'of a compiled model',
      onnxModel({
        nodes: [node('EPContext', 'com.microsoft', attribute('ep_cache_context', field(4, '../../tmp/x.so')))],
      }),
    ],
    [
      'of a compiled model, named last',
      onnxModel({
        nodes: [node('EPContext', 'com.microsoft', message(field(4, '/tmp/x.so'), field(1, 'ep_cache_context')))],
      }),
    ],
  ])('fails: %s', async (_name, bytes) => {
    for (const name of NAMES) expect(await verdictOf(name, bytes)).toMatch(/^fail .*VLM-ONNX-001/);
  });

  it('fails for a place that stands there twice', async () => {
    const twice = message(
      field(1, 1),
      field(2, 1),
      field(8, 'W'),
      ...['w.data', 'v.data'].map((file) => field(13, pairOf('location', file))),
      field(14, 1),
    );
    expect(await verdictOf('m.onnx', onnxModel({ tensors: [twice] }))).toMatch(/^fail .*VLM-ONNX-009/);
    const many = Array.from({ length: 40 }, (_, index) => field(13, pairOf(`k${index}`, 'x')));
    const flooded = message(
      field(1, 1),
      field(2, 1),
      field(8, 'W'),
      ...many,
      field(13, pairOf('location', '../x')),
      field(14, 1),
    );
    expect(await verdictOf('m.onnx', onnxModel({ tensors: [flooded] }))).toMatch(/^inconclusive/);
  });

  it('passes plain names beside the model', async () => {
    const files = {
      'm.onnx': outside({ location: './w.data', offset: '8', length: '16' }),
      'w.data': Buffer.from('00ff'.repeat(12), 'hex'),
    };
    const report = await scanPath(
      memoryDisk({ ...files, 'm.onnx': outside({ location: 'w.data', offset: '8', length: '16' }) }),
      '/m',
    );
    expect(report.outcome).toBe('pass');
  });
});

describe('links', () => {
  let root = '';
  beforeAll(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'vallum-onnx-'));
    await mkdir(path.join(root, 'data'));
    await writeFile(path.join(root, 'data', 'w.data'), Buffer.from('00ff'.repeat(12), 'hex'));
    await symlink('data/w.data', path.join(root, 'w.link'));
    await symlink('data', path.join(root, 'folder.link'));
    await writeFile(path.join(root, 'w.twice'), Buffer.from('00ff'.repeat(12), 'hex'));
    await link(path.join(root, 'w.twice'), path.join(root, 'w.hard'));
  });
  afterAll(() => rm(root, { recursive: true }));

  it.each([
    ['w.link', ['VLM-ONNX-002']],
    ['w.hard', ['VLM-ONNX-002']],
    ['folder.link/w.data', ['VLM-ONNX-002']],
    ['data', ['VLM-ONNX-002']],
    ['data/w.data', []],
  ])('%s', async (location, rules) => {
    const file = path.join(root, 'm.onnx');
    await writeFile(file, outside({ location, length: '16' }));
    const report = await scanPath(nodeDisk, file);
    expect(report.files[0]?.findings.map(({ rule }) => rule)).toEqual(rules);
  });
});

describe('code that a model needs', () => {
  it.each([
    ['PyOp', 'ai.onnx.contrib'],
    ['PyCustomOp', 'mine'],
    ['PyOp_2', 'ai.onnx.contrib'],
    ['PythonOp', 'com.microsoft'],
    ['TritonOp', 'com.microsoft'],
    ['anything', 'ai.onnx.contrib.pyop'],
  ])('fails for %s of %s', async (type, domain) => {
    for (const name of NAMES)
      expect(await verdictOf(name, onnxModel({ nodes: [node(type, domain)] }))).toMatch(/^fail .*VLM-ONNX-005/);
    const inner = message(field(1, node(type, domain)));
    expect(await verdictOf('m.onnx', onnxModel({ nodes: [nested(nested(inner).length > 0 ? inner : inner)] }))).toMatch(
      /^fail .*VLM-ONNX-005/,
    );
  });

  it('names other domains, but for the functions that the model defines itself', async () => {
    const own = field(25, message(field(1, 'Mine'), field(10, 'my.domain'), field(7, node('Add'))));
    const model = (type: string): Uint8Array =>
      onnxModel({ nodes: [node(type, 'my.domain')], domains: ['my.domain'], extra: [own] });
    expect(await verdictOf('m.onnx', model('Mine'))).toBe('pass');
    expect(await verdictOf('m.onnx', model('Other'))).toBe('pass VLM-ONNX-004');
    expect(await verdictOf('m.onnx', onnxModel({ nodes: [node('QLinearAdd', 'com.microsoft')] }))).toBe('pass');
  });

  it("is not proven for compiled programs, and for onnxruntime's own format", async () => {
    const compiled = onnxModel({
      nodes: [node('EPContext', 'com.microsoft', attribute('ep_cache_context', field(4, 'model_ctx.bin')))],
    });
    expect(await verdictOf('m.onnx', compiled)).toBe('inconclusive');
    const ort = Buffer.concat([Buffer.from('10000000', 'hex'), Buffer.from('ORTM'), Buffer.alloc(40)]);
    expect(await verdictOf('m.ort', ort)).toBe('inconclusive');
  });

  it.each([
    ['names', "{0: __import__('os').system('id')}", 'fail'],
    ['names', '[c for c in ().__class__.__base__.__subclasses__()]', 'fail'],
    ['imgsz', "[exec('x'), 640]", 'fail'],
    ['stride', "__import__('os').system('id')", 'fail'],
    ['note', "{{ ''.__class__ }}", 'fail'],
    ['names', '{0: \'person (adult)\', 1: "car"}', 'pass'],
    ['license', 'AGPL-3.0 License (https://example.org)', 'pass'],
    ['args', "{'batch': 1, 'half': False, 'shape': (1, 3)}", 'pass'],
    ['custom', '{"a": "eval(1)"}', 'pass'],
  ])('metadata %s = %s: %s', async (key, value, outcome) => {
    expect((await verdictOf('m.onnx', onnxModel({ extra: [field(14, pairOf(key, value))] }))).split(' ')[0]).toBe(
      outcome,
    );
  });
});

describe('shapes and structure', () => {
  const huge = message(field(1, 2 ** 45), field(1, 2 ** 45), field(2, 1), field(8, 'W'), field(9, new Uint8Array(4)));
  const negative = message(
    Buffer.from('08ffffffffffffffffff01', 'hex'),
    field(2, 1),
    field(8, 'W'),
    field(4, new Uint8Array(4)),
  );
  const empty = message(field(1, 1_000_000), field(2, 1), field(8, 'W'));
  it.each([
    ['more bytes than the shape', tensor('W', [2], 16)],
    ['fewer bytes than the shape', tensor('W', [9, 9], 16)],
    ['a shape that overflows', huge],
    ['a negative side', negative],
    ['a shape without data', empty],
    ['fewer numbers than the shape', message(field(1, 5), field(2, 1), field(4, new Uint8Array(16)), field(8, 'W'))],
  ])('fails for %s', async (_name, bytes) => {
    for (const name of NAMES)
      expect(await verdictOf(name, onnxModel({ tensors: [bytes] }))).toMatch(/^fail .*VLM-ONNX-006/);
  });

  it('passes a tensor of listed numbers', async () => {
    const listed = message(field(1, 4), field(2, 1), field(4, new Uint8Array(16)), field(8, 'W'));
    expect(await verdictOf('m.onnx', onnxModel({ tensors: [listed] }))).toBe('pass');
  });

  it('tells structure that readers understand in two ways, and graphs that are nested too deep', async () => {
    const two = field(8, message(field(1, ''), field(2, 3)));
    expect(await verdictOf('m.onnx', onnxModel({ extra: [two] }))).toBe('pass VLM-ONNX-007');
    const standard = field(25, message(field(1, 'Add'), field(10, ''), field(7, node('Sub'))));
    expect(await verdictOf('m.onnx', onnxModel({ extra: [standard] }))).toBe('pass VLM-ONNX-007');
    expect(await verdictOf('m.bin', Buffer.concat([field(99, 'x'), onnxModel()]))).toBe('pass VLM-ONNX-007');
    let graph = message(field(1, node('PyOp', 'ai.onnx.contrib')));
    for (let depth = 0; depth < 30; depth++) graph = message(field(1, nested(graph)));
    expect(await verdictOf('m.onnx', message(field(1, 8), field(7, graph)))).toMatch(/^inconclusive/);
  });
});
