// Hostile files for the whole scanner: it never throws, and what it could not read is never a pass.
import fc from 'fast-check';
import { onnxModel, pickle, safetensors, zip } from '@vallum/formats/testing';
import { describe, expect, it } from 'vitest';
import { ARCHIVE_ATTACKS } from './testing/archive-attacks.js';
import { ATTACK_CLASSES } from './testing/attacks.js';
import { scanBytes } from './testing/scan-bytes.js';

const samples = [
  ...ATTACK_CLASSES.flatMap(({ attacks, clean }) => [...Object.values(attacks), ...Object.values(clean)]),
  ...ARCHIVE_ATTACKS.flatMap(({ attacks, clean }) => [...Object.values(attacks), ...Object.values(clean)]).filter(
    ({ length }) => length < 8192,
  ),
  zip([
    { name: 'a/data.pkl', data: pickle().proto(2).int(1).stop() },
    { name: 'a/data/0', data: Buffer.alloc(64), deflate: true },
  ]),
  onnxModel(),
  safetensors({ a: { dtype: 'U8', shape: [4], data_offsets: [0, 4] } }, new Uint8Array(4)),
];
const NAMES = ['m.pkl', 'm.pt', 'm.onnx', 'm.safetensors', 'c.json', 'c.yaml', 'requirements.txt', 'x'];
const mutated = fc
  .tuple(
    fc.constantFrom(...samples),
    fc.array(fc.tuple(fc.nat(), fc.nat(255), fc.boolean()), { minLength: 1, maxLength: 5 }),
  )
  .map(([sample, edits]) => {
    let bytes = Buffer.from(sample);
    for (const [at, byte, cut] of edits) {
      const index = at % (bytes.length + 1);
      if (cut) bytes = bytes.subarray(0, index);
      else if (index < bytes.length) bytes[index] = byte;
    }
    return bytes;
  });

describe('scanPath', () => {
  it('answers for any bytes under any name', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(mutated, fc.uint8Array({ maxLength: 200 })),
        fc.constantFrom(...NAMES),
        async (bytes, name) => {
          const report = await scanBytes(name, bytes, { budgets: { maxSteps: 20_000 } });
          const [file] = report.files;
          if (file?.outcome === 'pass') expect(file.formats.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 1500 },
    );
  });

  it('never passes a pickle that is cut off', async () => {
    // Two pickles in one file are left out: behind the first, a byte or two is no more than a byte or two.
    for (const { clean } of ATTACK_CLASSES.filter(({ name }) => name !== 'hidden further pickles'))
      for (const bytes of Object.values(clean))
        for (let cut = 1; cut < bytes.length; cut += 1 + (bytes.length >> 6)) {
          const report = await scanBytes('m.pkl', bytes.subarray(0, cut));
          expect([cut, report.outcome]).not.toEqual([cut, 'pass']);
        }
  });
});
