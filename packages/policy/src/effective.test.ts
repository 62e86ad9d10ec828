import type { JsonObject, JsonValue } from '@vallum/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { effectiveRequirements } from './effective.js';
import type { Requirement } from './requirement.js';
import { FLOOR, readRequirements } from './requirement.js';
import { KINDS, robust, scan } from './testing/world.js';

const floor: readonly Requirement[] = [
  scan,
  {
    ...robust,
    metric: { id: 'evasion-rate', atMost: 0.2, atLeast: 0 },
    parameters: { words: { atLeast: 5 }, seed: { equals: 1 }, attack: { oneOf: ['a', 'b'] }, epsilon: { atMost: 8 } },
  },
];
const effective = (entry: JsonObject): Requirement | undefined =>
  effectiveRequirements(floor, [{ id: 'robust', ...entry }], KINDS).find(({ id }) => id === 'robust');

describe('effectiveRequirements', () => {
  it('is the floor where a project asks for nothing', () => {
    expect(effectiveRequirements(floor, undefined, KINDS)).toEqual(floor);
    expect(effectiveRequirements(floor, [], KINDS)).toEqual(floor);
    expect(effective({})).toEqual({ ...floor[1], [FLOOR]: floor[1] });
  });

  it('takes what is tighter and keeps the rest of the floor', () => {
    const entry = {
      metric: { atMost: 0.1 },
      parameters: { words: { atLeast: 9 }, attack: { oneOf: ['a'] }, more: { equals: true } },
    };
    expect(effective(entry)).toMatchObject({
      metric: { id: 'evasion-rate', atMost: 0.1, atLeast: 0 },
      parameters: {
        words: { atLeast: 9 },
        seed: { equals: 1 },
        attack: { oneOf: ['a'] },
        epsilon: { atMost: 8 },
        more: { equals: true },
      },
    });
    expect(effective({ actions: ['deploy', 'export'] })?.actions).toEqual(['deploy', 'export']);
  });

  it('may bind what the floor leaves free', () => {
    const free = [{ ...scan, parameters: { approved: { free: true } } }] as const;
    const bound = { approved: { equals: [] } };
    expect(effectiveRequirements(free, [{ id: 'scan', parameters: bound }], KINDS)[0]?.parameters).toEqual(bound);
    const still = effectiveRequirements(free, [{ id: 'scan', parameters: { approved: { free: true } } }], KINDS);
    expect(still[0]?.parameters).toEqual(free[0].parameters);
  });

  it('adds whole requirements', () => {
    const extra = { id: 'extra', kind: 'artifact.scan', actions: ['export'], fix: 'do it' };
    expect(effectiveRequirements(floor, [extra], KINDS)).toEqual([...floor, { ...extra, [FLOOR]: null }]);
    expect(() => effectiveRequirements(floor, [{ id: 'extra', kind: 'artifact.scan' }], KINDS)).toThrow(/actions/);
  });

  it('writes nothing but what may be read again', () => {
    const extra = { id: 'extra', kind: 'artifact.scan', actions: ['export'], fix: 'do it' };
    const made = effectiveRequirements(floor, [{ id: 'robust', metric: { atMost: 0.1 } }, extra], KINDS);
    const written = JSON.parse(JSON.stringify(made)) as JsonValue;
    expect(JSON.parse(JSON.stringify(readRequirements(written, 'x', KINDS)))).toEqual(written);
  });

  const loosenings: readonly (readonly [string, JsonObject, RegExp])[] = [
    ['a higher upper bound', { metric: { atMost: 0.3 } }, /robust\.metric\.atMost is 0\.3.*floor of 0\.2/],
    ['a lower lower bound', { metric: { atLeast: -1 } }, /robust\.metric\.atLeast is -1.*floor of 0/],
    ['another figure', { metric: { id: 'x', atMost: 0 } }, /robust\.metric\.id is "x".*"evasion-rate"/],
    ['another kind', { kind: 'artifact.scan' }, /robust\.kind/],
    ['fewer actions', { actions: ['export'] }, /robust\.actions.*\["deploy"\]/],
    ['fewer words', { parameters: { words: { atLeast: 4 } } }, /robust\.parameters\.words\.atLeast is 4.*floor of 5/],
    ['a larger epsilon', { parameters: { epsilon: { atMost: 9 } } }, /epsilon\.atMost/],
    ['a free choice of a parameter', { parameters: { seed: { free: true } } }, /seed\.free/],
    ['a free choice of an unnamed parameter', { parameters: { x: { free: true } } }, /x\.free/],
    ['another fixed value', { parameters: { seed: { equals: 2 } } }, /seed\.equals/],
    ['a wider choice', { parameters: { attack: { oneOf: ['a', 'c'] } } }, /attack\.oneOf/],
  ];
  it.each(loosenings)('refuses %s, with key and floor', (_, entry, sentence) => {
    expect(() => effective(entry)).toThrow(
      expect.objectContaining({
        code: 'POLICY_LOOSENED',
        errorClass: 'usage',
        message: expect.stringMatching(sentence) as string,
      }),
    );
  });

  it('never gives a bound that is looser than the floor', () => {
    const number = fc.double({ min: -10, max: 10, noNaN: true });
    fc.assert(
      fc.property(number, number, (atMost, words) => {
        try {
          const made = effective({ metric: { atMost }, parameters: { words: { atLeast: words } } });
          expect(made?.metric?.atMost).toBeLessThanOrEqual(0.2);
          expect(made?.parameters?.['words']?.atLeast).toBeGreaterThanOrEqual(5);
        } catch (error) {
          expect(error).toMatchObject({ code: 'POLICY_LOOSENED' });
          expect(atMost > 0.2 || words < 5).toBe(true);
        }
      }),
    );
  });
});

describe('keys', () => {
  const rows: readonly (readonly [string, JsonValue, RegExp, RegExp])[] = [
    ['an unknown key', { metrics: {} }, /unknown key "metrics"/, /"metric"/],
    ['an unknown bound', { metric: { atmost: 1 } }, /unknown key "atmost"/, /"atMost"/],
    ['an unknown condition', { parameters: { words: { atleast: 9 } } }, /unknown key "atleast"/, /"atLeast"/],
    ['an unknown action', { actions: ['deploi'] }, /"deploi"/, /"deploy"/],
    ['a figure without a bound', { metric: { id: 'evasion-rate' } }, /no bound/, /atMost/],
    ['a bound that is a text', { metric: { atMost: '0.1' } }, /not a number/, /./],
    ['freedom beside a condition', { parameters: { words: { free: true, atLeast: 9 } } }, /free/, /./],
    ['a condition that says nothing', { parameters: { words: {} } }, /no condition/, /./],
  ];
  it.each(rows)('%s', (_, entry, message, fix) => {
    expect(() => effective(entry as JsonObject)).toThrow(
      expect.objectContaining({
        code: 'POLICY_KEY',
        message: expect.stringMatching(message) as string,
        fix: expect.stringMatching(fix) as string,
      }),
    );
  });

  it('of whole requirements: kinds are known, ids stand once', () => {
    const entry = { id: 'a', kind: 'artifact.scn', actions: ['deploy'], fix: 'x' };
    expect(() => readRequirements([entry], 'requirements', KINDS)).toThrow(
      expect.objectContaining({ fix: 'did you mean "artifact.scan"?' }),
    );
    const good = { ...entry, kind: 'artifact.scan' };
    expect(() => readRequirements([good, good], 'requirements', KINDS)).toThrow(/twice/);
    expect(() => effectiveRequirements([], [good, good], KINDS)).toThrow(/twice/);
    expect(readRequirements([good], 'requirements', KINDS)).toEqual([good]);
  });

  it('any JSON gives a list or a readable error', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        for (const read of [
          () => readRequirements([value as JsonValue], 'x', KINDS),
          () => effectiveRequirements(floor, value as JsonValue, KINDS),
        ])
          try {
            read();
          } catch (error) {
            expect(error).toMatchObject({ name: 'VallumError' });
          }
      }),
    );
  });
});
