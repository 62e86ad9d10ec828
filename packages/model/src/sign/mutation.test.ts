// No mutant of a bundle is accepted unless it says the very same thing: one flipped, removed, doubled or inserted byte
// anywhere in the file, and anything at all instead of it.
import { readFileSync, writeFileSync } from 'node:fs';
import { nodeDisk } from '@vallum/core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBundle } from './bundle.js';
import { readManifest } from './manifest.js';
import { Refusal } from './refusal.js';
import { signModel } from './sign.js';
import { modelFolder, removeFolders, resource, statementText, testKey } from './testing/fixtures.js';
import { verifyModel } from './verify.js';

afterAll(removeFolders);
const key = testKey();
let dir: string;
let original: Buffer;

beforeAll(async () => {
  dir = modelFolder({ 'model.onnx': 'weights', 'model.json': '{}' });
  await signModel({ disk: nodeDisk, dir, key });
  original = readFileSync(`${dir}/model.sig`);
});

const mutation = fc.record({
  at: fc.nat(),
  how: fc.constantFrom('flip', 'remove', 'double', 'insert', 'cut'),
  byte: fc.integer({ min: 1, max: 255 }),
});

function mutate(bytes: Buffer, { at, how, byte }: { at: number; how: string; byte: number }): Buffer {
  const here = at % bytes.length;
  const before = bytes.subarray(0, here);
  const rest = bytes.subarray(here);
  if (how === 'cut') return Buffer.from(before);
  if (how === 'insert') return Buffer.concat([before, Buffer.from([byte]), rest]);
  if (how === 'remove') return Buffer.concat([before, rest.subarray(1)]);
  if (how === 'double') return Buffer.concat([before, rest.subarray(0, 1), rest]);
  const copy = Buffer.from(bytes);
  copy[here] = (copy[here] as number) ^ byte;
  return copy;
}

describe('mutants', () => {
  it('that are accepted carry the payload that was signed', async () => {
    const signedPayload = readBundle(original).payload;
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(mutation, async (change) => {
        const mutant = mutate(original, change);
        writeFileSync(`${dir}/model.sig`, mutant);
        const result = await verifyModel({ disk: nodeDisk, dir, trustedKeys: [key] });
        if (result.status === 'refused') refused += 1;
        else expect(readBundle(mutant).payload.equals(signedPayload)).toBe(true);
      }),
      { numRuns: 600 },
    );
    // What is left is white space between the fields.
    expect(refused).toBeGreaterThan(550);
  });

  it('of a file are never accepted', async () => {
    writeFileSync(`${dir}/model.sig`, original);
    const weights = Buffer.from('weights');
    await fc.assert(
      fc.asyncProperty(mutation, async (change) => {
        const mutant = mutate(weights, change);
        fc.pre(!mutant.equals(weights));
        writeFileSync(`${dir}/model.onnx`, mutant);
        const result = await verifyModel({ disk: nodeDisk, dir, trustedKeys: [key] });
        expect(result).toMatchObject({ code: 'files-differ', files: { changed: ['model.onnx'] } });
      }),
      { numRuns: 60 },
    );
    writeFileSync(`${dir}/model.onnx`, weights);
  });
});

describe('the readers', () => {
  const statement = Buffer.from(statementText({ resources: [resource('a', 'A'), resource('b', 'B')] }));

  function refusesOrReads(read: () => unknown): void {
    try {
      read();
    } catch (error) {
      expect(error).toBeInstanceOf(Refusal);
    }
  }

  it('answer any JSON and any bytes with a value or a typed refusal', () => {
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.json().map((text) => Buffer.from(text)),
      mutation.map((change) => mutate(statement, change)),
    );
    fc.assert(
      fc.property(anything, (bytes) => {
        refusesOrReads(() => readBundle(bytes));
        refusesOrReads(() => readManifest(bytes));
      }),
      { numRuns: 1500 },
    );
  });

  it('do not slow down on a hostile list of ignored paths', () => {
    const many = Array.from({ length: 20_000 }, (_, i) => `x${i}`);
    const resources = Array.from({ length: 5000 }, (_, i) => resource(`y/${i}`, ''));
    const text = statementText({ resources, serialization: { ignore_paths: many } });
    expect(readManifest(Buffer.from(text)).files.size).toBe(5000);
  });
});
