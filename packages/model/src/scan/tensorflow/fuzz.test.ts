// Hostile graphs for the whole scanner: it answers for any bytes, and what it could not read is never a pass.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildRules } from '../rules.js';
import { scanBytes } from '../testing/scan-bytes.js';
import { TENSORFLOW_ATTACKS, TFLITE_ATTACKS } from '../testing/tensorflow-attacks.js';

const options = { rules: buildRules() };
const samples = [...TENSORFLOW_ATTACKS, ...TFLITE_ATTACKS].flatMap(({ attacks, clean }) => [
  ...Object.values(attacks),
  ...Object.values(clean),
]);
const mutated = fc
  .tuple(
    fc.constantFrom(...samples),
    fc.array(fc.tuple(fc.nat(), fc.nat(255), fc.boolean()), { minLength: 1, maxLength: 4 }),
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

describe('hostile graphs', () => {
  it('are answered for', async () => {
    await fc.assert(
      fc.asyncProperty(mutated, fc.constantFrom('saved_model.pb', 'm.tflite', 'x'), async (bytes, name) => {
        const [file] = (await scanBytes(name, bytes, options)).files;
        if (file?.outcome === 'pass') expect(file.formats.length).toBeGreaterThan(0);
        expect(file?.notExamined.filter(({ why }) => /undefined|is not a function|Cannot read/.test(why))).toEqual([]);
      }),
    );
  });
});
