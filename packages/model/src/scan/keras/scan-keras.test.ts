// Keras and HDF5: attacks by class with their clean twins, under any name; and clean files of the real libraries.
import { gunzipSync } from 'node:zlib';
import { hdf5, zip } from '@vallum/formats/testing';
import { describe, expect, it } from 'vitest';
import { buildRules } from '../rules.js';
import realFiles from '../testing/hdf5-files.json' with { type: 'json' };
import { CONFIG_CLASSES, HDF5_CLASSES, model } from '../testing/keras-attacks.js';
import { scanBytes, verdictOf } from '../testing/scan-bytes.js';

const rules = buildRules();
const verdict = (name: string, bytes: Uint8Array): Promise<string> => verdictOf(name, bytes, { rules });
const text = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));
/** A `.keras` archive around a config. */
const archive = (config: Uint8Array, deflate = false): Uint8Array =>
  zip([
    { name: 'metadata.json', data: text({ keras_version: '3.15.1' }) },
    { name: 'config.json', data: config, deflate },
    { name: 'model.weights.h5', data: hdf5() },
  ]);

describe.each(CONFIG_CLASSES)('$name', ({ rule, attacks, clean }) => {
  const failed = new RegExp(`^fail .*${rule.source}`);
  it.each(Object.entries(attacks))('%s fails, in every file that holds a config', async (_name, config) => {
    expect(await verdict('model.keras', archive(text(config)))).toMatch(failed);
    expect(await verdict('model.h5', hdf5({ attributes: { model_config: JSON.stringify(config) } }))).toMatch(failed);
    expect(await verdict('model.json', text(config))).toMatch(failed);
  });

  it.each(Object.entries(attacks))('%s fails whatever the file is called', async (_name, config) => {
    for (const name of ['weights.bin', 'notes.txt']) {
      expect(await verdict(name, archive(text(config), true))).toMatch(failed);
      expect(await verdict(name, hdf5({ attributes: { c: JSON.stringify(config) } }))).toMatch(failed);
      expect(await verdict(name, text(config))).toMatch(failed);
    }
  });

  it.each(Object.entries(clean))('%s passes', async (_name, config) => {
    expect(await verdict('model.keras', archive(text(config)))).toBe('pass');
    expect(await verdict('model.json', text(config))).toBe('pass');
  });
});

describe.each(HDF5_CLASSES)('$name', ({ rule, attacks, clean }) => {
  it.each(Object.entries(attacks))('%s fails, whatever the file is called', async (_name, bytes) => {
    for (const name of ['model.h5', 'weights.bin', 'notes.txt', 'x'])
      expect(await verdict(name, bytes)).toMatch(new RegExp(`^fail .*${rule.source}`));
  });

  it.each(Object.entries(clean))('%s passes', async (_name, bytes) => {
    expect(await verdict('model.h5', bytes)).toMatch(/^pass(?: VLM-HDF-010)?$/);
  });
});

it('has at least five attacks in every class', () => {
  for (const { attacks } of [...CONFIG_CLASSES, ...HDF5_CLASSES])
    expect(Object.keys(attacks).length).toBeGreaterThanOrEqual(5);
});

it.each(realFiles.files.map(({ name, gzip }) => [name, gunzipSync(Buffer.from(gzip, 'base64'))] as const))(
  'passes %s of the real library',
  async (name, bytes) => {
    expect(await verdict(name, bytes)).toMatch(/^pass(?: VLM-HDF-010)?$/);
  },
);

describe('a class of its own', () => {
  it.each([
    ['registered', { class_name: 'Block', module: null, registered_name: 'my>Block', config: {} }],
    ['of the saving script', { class_name: 'Block', module: '__main__', registered_name: 'Block', config: {} }],
    ['of Keras 2', { class_name: 'Block', config: {} }],
    ['a function', { class_name: 'function', module: 'builtins', config: 'my>loss', registered_name: 'function' }],
  ])('%s is told and does not fail', async (_name, value) => {
    expect(await verdict('model.keras', archive(text(model(value))))).toBe('pass VLM-KRS-005');
  });

  it('is not proven where Keras is said to have it and it is not known', async () => {
    const value = { class_name: 'Tomorrow', module: 'keras.layers', registered_name: null, config: {} };
    expect(await verdict('model.keras', archive(text(model(value))))).toBe('inconclusive VLM-KRS-005');
  });
});

describe('what cannot be read', () => {
  it.each([
    ['a model that is no JSON', hdf5({ attributes: { model_config: '{"class_name": ' } })],
    ['a file that is cut off', hdf5({ attributes: { a: 'b' } }).subarray(0, -8)],
    ['a superblock of tomorrow', Buffer.concat([Buffer.from('894844460d0a1a0a09', 'hex'), Buffer.alloc(99)])],
    ['nothing behind the signature', Buffer.from('894844460d0a1a0a00', 'hex')],
  ])('%s is not proven', async (_name, bytes) => {
    expect((await scanBytes('model.h5', bytes, { rules })).outcome).toBe('inconclusive');
  });
});

it('tells a key that stands twice, wherever a model says it', async () => {
  const twice = Buffer.from('{"class_name":"Dense","class_name":"Dense","module":"keras.layers","config":{}}');
  expect(await verdict('model.json', twice)).toMatch(/^fail VLM-KRS-011/);
  expect(await verdict('model.keras', archive(twice))).toMatch(/^fail VLM-KRS-011/);
});

it('reads the YAML of old versions', async () => {
  const yaml = 'class_name: Sequential\nconfig:\n- class_name: Lambda\n  config: {}\n';
  expect(await verdict('model.yaml', Buffer.from(yaml))).toMatch(/^fail VLM-KRS-002/);
});

it('lists no name that runs, reads or fetches something', () => {
  const { classes, hub, functions, tensorflowFunctions, tensorflowOperators } = rules.files.keras;
  const refused =
    /^(?:Lambda|TorchModuleWrapper|TFSMLayer|ReloadedLayer|JaxLayer|FlaxLayer|TFOpLambda|TensorFlowOpLayer)$|file|load|save|py_?func|numpy_function|exec|eval|import|deserialize_keras/i;
  const calls = [...functions, ...tensorflowFunctions, ...tensorflowOperators];
  expect([...classes, ...hub].filter((name) => refused.test(name) && !/Retrieval/i.test(name))).toEqual([]);
  expect(calls.filter((name) => refused.test(name))).toEqual([]);
});
