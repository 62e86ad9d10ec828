// Mutated models under any name: the scanner never throws, and what it could not read is never a pass of nothing.
import type { JsonValue } from '@vallum/core';
import { flaxArray, msgpack, rds, rItem, ubjson, zip } from '@vallum/formats/testing';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RULES } from '../testing/attack-tables.js';
import { scanBytes } from '../testing/scan-bytes.js';
import { lightgbmModel, xgboostModel } from '../testing/tree-models.js';

const json = (value: JsonValue): Uint8Array => Buffer.from(JSON.stringify(value));
const schema = {
  __loader__: 'FunctionNode',
  __class__: 'log1p',
  __module__: 'numpy',
  protocol: 2,
  content: [{ __loader__: 'JsonNode' }],
};
const samples = [
  json(xgboostModel()),
  ubjson(xgboostModel()),
  lightgbmModel(),
  json(schema),
  zip([{ name: 'schema.json', data: json(schema) }]),
  msgpack({ params: { w: flaxArray([2], 'float32', new Uint8Array(8)) } }),
  Buffer.from(
    '<?xml version="1.0"?><!DOCTYPE PMML [<!ENTITY a "b">]><PMML version="4.4"><Apply function="log10"/></PMML>',
  ),
  rds(rItem.list(rItem.integers(1), rItem.strings('a'))),
  Buffer.from('platform: "onnxruntime_onnx"\ninput [ { name: "x" } ]\n'),
];
const NAMES = ['m.json', 'm.ubj', 'm.txt', 'm.skops', 'm.msgpack', 'm.pmml', 'm.rds', 'config.pbtxt', 'MLmodel', 'x'];

it('answers for any bytes under any name', async () => {
  const edits = fc.array(fc.tuple(fc.nat(), fc.nat(255), fc.nat(2)), { minLength: 1, maxLength: 5 });
  const mutated = fc.tuple(fc.constantFrom(...samples), edits).map(([sample, changes]) => {
    let bytes = Buffer.from(sample);
    for (const [at, byte, kind] of changes) {
      const index = at % (bytes.length + 1);
      if (kind === 0) bytes = bytes.subarray(0, index);
      else if (kind === 1 && index < bytes.length) bytes[index] = byte;
      else bytes = Buffer.concat([bytes.subarray(0, index), Uint8Array.of(byte), bytes.subarray(index)]);
    }
    return bytes;
  });
  await fc.assert(
    fc.asyncProperty(mutated, fc.constantFrom(...NAMES), async (bytes, name) => {
      const [file] = (await scanBytes(name, bytes, { rules: RULES, budgets: { maxSteps: 20_000 } })).files;
      if (file?.outcome === 'pass') expect(file.formats.length).toBeGreaterThan(0);
    }),
    { numRuns: 400 },
  );
});
