// Safetensors files and their index through the whole scanner.
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { nodeDisk } from '@vallum/core';
import { pickle, safetensors, zip } from '@vallum/formats/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scanPath } from '../scan-path.js';
import { memoryDisk, verdictOf } from '../testing/scan-bytes.js';

const floats = { a: { dtype: 'F32', shape: [2], data_offsets: [0, 8] } };
const data = new Uint8Array(8);
const shell = pickle().global('os', 'system').call('id').stop();
const text = (value: string): Uint8Array => Buffer.from(value);

describe('safetensors', () => {
  it.each([
    ['a pickle behind the tensors', safetensors(floats, Buffer.concat([data, shell])), 'STN-002'],
    [
      'a pickle in a hole',
      safetensors({ ...floats, b: { dtype: 'U8', shape: [1], data_offsets: [40, 41] } }, Buffer.alloc(41, shell)),
      'STN-002',
    ],
    [
      'an archive behind the tensors',
      Buffer.concat([safetensors(floats, data), zip([{ name: 'a.pkl', data: shell }])]),
      'STN-002',
    ],
    ['tensors over each other', safetensors({ ...floats, b: { ...floats.a } }, data), 'STN-001'],
    [
      'a key that stands twice',
      safetensors(
        '{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},"a":{"dtype":"I8","shape":[8],"data_offsets":[0,8]}}',
        data,
      ),
      'STN-001',
    ],
    [
      'a shape that overflows',
      safetensors({ a: { dtype: 'F32', shape: [2 ** 32, 2 ** 32, 4], data_offsets: [0, 8] } }, data),
      'STN-001',
    ],
    ['padding that is no space', safetensors(`${JSON.stringify(floats)}\n`, data), 'STN-001'],
    ['a header longer than the file', safetensors(floats, data).subarray(0, 30), 'STN-001'],
    ['a type that does not exist', safetensors({ a: { ...floats.a, dtype: 'PY_OBJECT' } }, data), 'STN-001'],
    ['metadata that is no text', safetensors({ __metadata__: { a: { b: 1 } }, ...floats }, data), 'STN-001'],
    [
      'a configuration in the metadata',
      safetensors({ __metadata__: { config: '{"auto_map":{"AutoModel":"m.X"}}' }, ...floats }, data),
      'JSN-001',
    ],
    [
      'a template in the metadata',
      safetensors({ __metadata__: { t: "{{ ''.__class__ }}" }, ...floats }, data),
      'JNJ-001',
    ],
  ])('fails for %s', async (_name, bytes, rule) => {
    for (const name of ['model.safetensors', 'model.bin', 'model'])
      expect(await verdictOf(name, bytes)).toMatch(new RegExp(`^fail .*VLM-${rule}`));
  });

  it.each([
    ['two floats', safetensors(floats, data)],
    [
      'metadata',
      safetensors({ __metadata__: { format: 'pt', config: '{"a":1}', note: 'os.system' }, ...floats }, data),
    ],
    ['no tensors', safetensors({}, new Uint8Array(0))],
  ])('passes %s', async (_name, bytes) => {
    expect(await verdictOf('model.safetensors', bytes)).toBe('pass');
  });
});

describe('the index of a model in parts', () => {
  const index = (file: unknown): Uint8Array => text(JSON.stringify({ metadata: {}, weight_map: { a: file } }));
  const name = 'model.safetensors.index.json';
  let root = '';
  beforeAll(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'vallum-index-'));
    await mkdir(path.join(root, 'parts'));
    await writeFile(path.join(root, 'parts', 'a.safetensors'), safetensors(floats, data));
    await writeFile(path.join(root, name), index('parts/a.safetensors'));
  });
  afterAll(() => rm(root, { recursive: true }));

  it.each(['../other/a.safetensors', '/etc/passwd', 'C:\\a', 'a\\..\\b', '', 7, ['a']])(
    'fails for %j',
    async (file) => {
      for (const one of [name, 'weights.json'])
        if (typeof file === 'string' || one === name)
          expect(await verdictOf(one, index(file))).toMatch(/^fail .*VLM-STN-003/);
    },
  );

  it('is not proven where a part is missing', async () => {
    expect(await verdictOf(name, index('model-00001-of-00002.safetensors'))).toBe('inconclusive');
  });

  it('passes when the parts lie beside it, and fails when the way there is a link', async () => {
    const files = { [name]: index('a.safetensors'), 'a.safetensors': safetensors(floats, data) };
    expect((await scanPath(memoryDisk(files), '/m')).outcome).toBe('pass');
    expect((await scanPath(nodeDisk, root)).outcome).toBe('pass');
    await symlink(path.join(root, 'parts'), path.join(root, 'linked'));
    await writeFile(path.join(root, name), index('linked/a.safetensors'));
    const report = await scanPath(nodeDisk, path.join(root, name));
    expect(report.files[0]?.findings.map(({ rule }) => rule)).toEqual(['VLM-STN-003']);
  });

  it('leaves another kind of weight_map alone', async () => {
    expect(await verdictOf('config.json', text('{"weight_map":{"a":0.5}}'))).toBe('pass');
  });
});
