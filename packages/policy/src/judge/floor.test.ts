// A project's "tightening" never lets a failing run be tried again until it passes: only the floor says what is stronger.
import type { JsonObject } from '@vallum/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { effectiveRequirements } from '../effective.js';
import type { Requirement } from '../requirement.js';
import { by, short, verdictOf } from '../testing/say.js';
import { approval, approved, KINDS, log, robust, run, scan, scanned, task, world } from '../testing/world.js';
import type { Said } from '../testing/world.js';
import { judge } from './judge.js';

const floor: readonly Requirement[] = [scan, robust, approval];
const under = (...project: readonly JsonObject[]): { readonly requirements: readonly Requirement[] } => ({
  requirements: effectiveRequirements(floor, project, KINDS),
});
const tightened = (parameters: JsonObject): ReturnType<typeof under> => under({ id: 'robust', parameters });
const robustness = (parameters: JsonObject, high = 0.1): Said => by('runner', run(parameters, high));
const failed = robustness({ words: 5, seed: 1 }, 0.5);
const refused = 'refused robust:not-superseded';

describe('a failing run under a project that tightens', () => {
  const rows: readonly (readonly [string, JsonObject, JsonObject, string])[] = [
    ['a larger seed, seeds at least 0', { seed: { atLeast: 0 } }, { words: 5, seed: 2 }, refused],
    ['a smaller seed, seeds at most 9', { seed: { atMost: 9 } }, { words: 5, seed: 0 }, refused],
    ['the one seed asked for', { seed: { equals: 2 } }, { words: 5, seed: 2 }, refused],
    ['one of the seeds asked for', { seed: { oneOf: [2, 3] } }, { words: 5, seed: 3 }, refused],
    ['the same', { seed: { atLeast: 0 } }, { words: 5, seed: 1 }, 'pass'],
    ['stronger by the floor', { seed: { atLeast: 0 } }, { words: 9, seed: 1 }, 'pass'],
    ['stronger by the floor, as asked for', { words: { atLeast: 9 } }, { words: 9, seed: 1 }, 'pass'],
    ['as strong as the floor, weaker than asked for', { words: { atLeast: 9 } }, { words: 5, seed: 1 }, 'open'],
  ];
  it.each(rows)('%s', (_, parameters, again, expected) => {
    const weak = 'not-proven robust:weaker-parameters';
    const said = [scanned, failed, robustness(again), approved];
    expect(verdictOf(said, tightened(parameters))).toBe(expected === 'open' ? weak : expected);
  });

  it('stays a failure when it comes after the run that the project asks for', () => {
    const said = [scanned, robustness({ words: 5, seed: 2 }), failed, approved];
    expect(verdictOf(said, tightened({ seed: { equals: 2 } }))).toBe('refused robust:out-of-bounds');
  });

  it('shows once in the verdict, as does what replaced it', () => {
    const project = under({ id: 'robust', metric: { atMost: 0.15 }, fix: 'as we do it' });
    const verdict = judge(world(log(scanned, failed, approved), project));
    expect(short(verdict)).toBe('refused robust:out-of-bounds');
    expect(verdict.reasons[0]?.fix).toBe('as we do it');
    const mended = judge(world(log(scanned, failed, robustness({ words: 5, seed: 1 }), approved), project));
    expect(short(mended)).toBe('pass');
    expect(mended.superseded).toHaveLength(1);
  });

  it('is not held against an action for which only the project asks', () => {
    const said = [scanned, failed, robustness({ words: 5, seed: 2 }), approved];
    const actions = ['deploy', 'export'];
    const project = under({ id: 'robust', actions, parameters: { seed: { equals: 2 } } });
    const change = { ...project, plan: [task('robustness.report')] };
    expect(verdictOf(said, { ...change, action: 'export' })).toBe('pass');
    expect(verdictOf(said, { ...change, requirements: project.requirements.slice(1, 2) })).toBe(refused);
  });
});

it('a requirement that only the project has gives no direction, nor freedom', () => {
  const own = (parameters: JsonObject): ReturnType<typeof under> => ({
    requirements: effectiveRequirements(
      [scan, approval],
      [{ ...(robust as unknown as JsonObject), parameters }],
      KINDS,
    ),
  });
  const stronger = [scanned, failed, robustness({ words: 9, seed: 1 }), approved];
  const same = [scanned, failed, robustness({ words: 5, seed: 1 }), approved];
  for (const parameters of [{ words: { atLeast: 5 } }, { words: { free: true } }, { seed: { atLeast: 0 } }]) {
    expect(verdictOf(stronger, own(parameters))).toBe(refused);
    expect(verdictOf(same, own(parameters))).toBe('pass');
  }
});

it('no tightening passes what the floor alone does not', () => {
  const seed = fc.integer({ min: 0, max: 2 });
  const words = fc.constantFrom(5, 9);
  const runs = fc.array(fc.record({ words, seed, high: fc.constantFrom(0.1, 0.5) }), { maxLength: 3 });
  const rule = fc.oneof(
    seed.map((atLeast) => ({ seed: { atLeast } })),
    seed.map((atMost) => ({ seed: { atMost } })),
    seed.map((equals) => ({ seed: { equals } })),
    words.map((atLeast) => ({ words: { atLeast } })),
  );
  let passes = 0;
  fc.assert(
    fc.property(runs, rule, (made, parameters) => {
      const said = [scanned, ...made.map(({ high, ...rest }) => robustness(rest, high)), approved];
      if (verdictOf(said, tightened(parameters)) !== 'pass') return;
      passes += 1;
      expect(verdictOf(said, { requirements: floor })).toBe('pass');
    }),
    { numRuns: 300 },
  );
  expect(passes).toBeGreaterThan(20);
});
