// Formats that are recognised, not examined: never a pass, under whatever name, and what is known of them is used.
import { field, message } from '@vallum/formats/testing';
import { describe, expect, it } from 'vitest';
import { buildRules } from '../rules.js';
import { scanPath } from '../scan-path.js';
import { memoryDisk, verdictOf } from '../testing/scan-bytes.js';

const options = { rules: buildRules() };
const text = (value: string): Uint8Array => Buffer.from(value);
const manifest = (path: string): string =>
  JSON.stringify({ fileFormatVersion: '1.0.0', itemInfoEntries: { A: { path } }, rootModelIdentifier: 'A' });

describe('recognised, not examined', () => {
  it.each([
    ['CoreML', 'model.mlmodel', message(field(1, 5), field(2, field(1, message(field(1, 'x')))), field(500, 'layers'))],
    [
      'OpenVINO',
      'model.xml',
      text('<?xml version="1.0"?>\n<net name="Model0" version="11">\n<layers></layers></net>\n'),
    ],
    ['Caffe in text', 'deploy.txt', text('name: "net"\ninput: "data"\ninput_dim: 1\nlayer {\n  type: "ReLU"\n}\n')],
    ['ncnn', 'model.param', text('7767517\n3 3\nInput data 0 1 data\n')],
    ['MXNet', 'model-symbol.json', text('{"nodes": [], "arg_nodes": [0], "heads": [[0, 0, 0]]}')],
    ['CatBoost', 'model.cbm', Buffer.concat([text('CBM1'), Buffer.alloc(60, 0xee)])],
    ['TensorRT', 'model.engine', Buffer.concat([text('ftrt'), Buffer.alloc(60, 0xee)])],
  ])('%s', async (_name, name, bytes) => {
    for (const other of [name, 'weights'])
      expect([other, await verdictOf(other, bytes, options)]).toEqual([other, 'inconclusive']);
  });

  it('claims the weights of an OpenVINO model', async () => {
    const files = {
      'model.xml': text('<net name="m" version="11"></net>'),
      'model.bin': Buffer.alloc(64, 0xc3),
      'other.bin': Buffer.alloc(64, 0xc3),
    };
    const report = await scanPath(memoryDisk(files), '/m', options);
    expect(report.files.map(({ path, outcome }) => [path, outcome])).toEqual([
      ['model.bin', 'pass'],
      ['model.xml', 'inconclusive'],
      ['other.bin', 'inconclusive'],
    ]);
  });

  it('looks at the paths of a CoreML package', async () => {
    expect(await verdictOf('Manifest.json', text(manifest('com.apple.CoreML/model.mlmodel')), options)).toBe('pass');
    expect(await verdictOf('Manifest.json', text(manifest('../../../x')), options)).toBe('fail VLM-TFS-010');
  });
});
