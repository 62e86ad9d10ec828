// Hostile HDF5 and Keras files for the whole scanner: it never throws, and what is cut off is never a pass.
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { buildRules } from '../rules.js';
import realFiles from '../testing/hdf5-files.json' with { type: 'json' };
import { CONFIG_CLASSES, HDF5_CLASSES } from '../testing/keras-attacks.js';
import { scanBytes } from '../testing/scan-bytes.js';

const rules = buildRules();
const real = realFiles.files.map(({ gzip }) => gunzipSync(Buffer.from(gzip, 'base64')));
const samples = [...real, ...HDF5_CLASSES.flatMap(({ attacks, clean }) => Object.values({ ...attacks, ...clean }))];

it('answers for changed files under any name', async () => {
  const edits = fc.array(fc.tuple(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.nat(255)), {
    minLength: 1,
    maxLength: 6,
  });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...samples),
      edits,
      fc.constantFrom('m.h5', 'm.keras', 'x'),
      async (sample, list, name) => {
        const bytes = Buffer.from(sample);
        for (const [at, byte] of list) bytes[Math.floor(at * bytes.length)] = byte;
        const report = await scanBytes(name, bytes, { rules, budgets: { maxSteps: 20_000 } });
        if (report.outcome === 'pass') expect(report.files[0]?.formats).not.toEqual([]);
      },
    ),
  );
});

it('never passes a file that is cut off', async () => {
  const files = real.filter((bytes) => bytes.subarray(0, 4).toString('latin1') === '\x89HDF');
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...files),
      fc.double({ min: 0.001, max: 0.999, noNaN: true }),
      async (file, part) => {
        const report = await scanBytes('m.h5', file.subarray(0, Math.floor(part * file.length)), { rules });
        expect(report.outcome).not.toBe('pass');
      },
    ),
  );
});

it('judges any JSON without throwing', async () => {
  const names = CONFIG_CLASSES.flatMap(({ attacks }) => JSON.stringify(attacks).match(/"[A-Za-z_]{4,30}"/g) ?? []);
  const word = fc.constantFrom(...new Set(names.map((name) => name.slice(1, -1))));
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof({ maxDepth: 4 }, word, fc.constant(null), fc.nat(9), tie('list'), tie('object'), tie('built')),
    list: fc.array(tie('tree'), { maxLength: 4 }),
    object: fc.dictionary(word, tie('tree'), { maxKeys: 4 }),
    built: fc.record({
      class_name: tie('tree'),
      module: tie('tree'),
      config: tie('tree'),
      registered_name: tie('tree'),
    }),
  }));
  await fc.assert(
    fc.asyncProperty(tree, async (value) => {
      const report = await scanBytes('config.json', Buffer.from(JSON.stringify(value)), { rules });
      expect(report.files).toHaveLength(1);
    }),
  );
});
