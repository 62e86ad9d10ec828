// A reference of which only a profile is left must give nearly the answer that its rows give.
import { ProfileBuilder } from '@vallum/stats';
import { describe, expect, it } from 'vitest';
import { dice, numbers, OPTIONS, sample, texts } from '../testing/rows.js';
import { measureDrift } from './measure.js';
import type { CountedCurrent } from './count-current.js';
import { countSample } from './count-current.js';
import type { NamedProfile } from './profile-steps.js';
import type { Sample } from './sample.js';

const { normal, uniform } = dice(9);
const ROWS = 5000;

function rows(shift: number, many = ROWS): Sample {
  return sample(
    'rows',
    numbers('x', many, () => Math.exp(normal() + shift)),
    numbers('y', many, () => (uniform() < 0.1 ? NaN : uniform() < 0.01 ? Infinity : Math.round(3 * normal()))),
    { ...numbers('b', many, () => (uniform() < 0.3 ? 1 : 0)), kind: 'boolean' },
    texts(
      'c',
      Array.from({ length: many }, () => (uniform() < 0.1 ? undefined : uniform() < 0.4 ? 'red' : 'blue')),
    ),
  );
}

function profileOf({ name, columns, rows: many }: Sample): NamedProfile {
  const builder = new ProfileBuilder(columns.map((column) => ({ name: column.name, type: column.kind })));
  builder.add({
    rows: many,
    columns: columns.map((column) =>
      column.kind === 'text'
        ? { type: 'text', codes: column.codes, levels: column.levels }
        : {
            type: column.kind,
            values: column.values,
            missing: Uint8Array.from(column.values, (value) => (Number.isNaN(value) ? 1 : 0)),
          },
    ),
  });
  return { name, profile: builder.finish() };
}

describe('a profile as the reference', () => {
  const before = rows(0);
  it('is judged as its rows are', async () => {
    for (const [shift, outcome] of [
      [0, 'no-drift'],
      [0.15, 'drift'],
    ] as const) {
      const current = rows(shift, 2000);
      const byRows = await measureDrift({ reference: before, current }, OPTIONS);
      const byProfile = await measureDrift({ reference: profileOf(before), current }, OPTIONS);
      expect([byRows.outcome, byProfile.outcome]).toEqual([outcome, outcome]);
      for (const { name, answers } of byRows.comparison.columns) {
        const same = byProfile.comparison.columns.find((column) => column.name === name);
        const values = answers.find(({ concern }) => concern === 'values');
        const theirs = same?.answers.find(({ concern }) => concern === 'values');
        expect(theirs?.effect.moved.value).toBeCloseTo(values!.effect.moved.value, 1);
        if (values?.effect.shift !== undefined)
          expect(theirs?.effect.shift?.value).toBeCloseTo(values.effect.shift.value, 1);
      }
      expect(byProfile.notes.join()).toMatch(/is a profile: .*certified to within/);
    }
  });
  it('sees values beyond all that it knew', async () => {
    const current = sample(
      'now',
      numbers('x', 500, () => 1e9),
    );
    const reference = profileOf(sample('then', numbers('x', 500, normal)));
    const { outcome, comparison } = await measureDrift({ reference, current }, OPTIONS);
    expect(outcome).toBe('drift');
    expect(comparison.columns[0]?.answers[0]?.effect.moved.value).toBe(1);
  });
  it('cannot be split, and one of no rows cannot be compared', async () => {
    const current = rows(0, 100);
    await expect(measureDrift({ reference: profileOf(before), current, by: 'c' }, OPTIONS)).rejects.toMatchObject({
      code: 'DRIFT_PROFILE',
    });
    await expect(measureDrift({ reference: profileOf(rows(0, 0)), current }, OPTIONS)).rejects.toMatchObject({
      code: 'DRIFT_PROFILE',
    });
  });
});

describe('counts of the current', () => {
  const reference = profileOf(sample('then', numbers('x', 4000, normal)));
  const count = (shift: number, seed: number): CountedCurrent => {
    const own = dice(seed);
    return countSample(
      sample(
        'now',
        numbers('x', 400, () => own.normal() + shift),
      ),
      reference,
    );
  };
  it('raise at most as many false alarms as asked for', async () => {
    const settings = { ...OPTIONS, floorShift: 0, floorMoved: 0, permutations: 199, alpha: 0.1 };
    let alarms = 0;
    for (let run = 0; run < 120; run += 1) {
      const { outcome } = await measureDrift({ reference, current: count(0, 1000 + run) }, { ...settings, seed: run });
      alarms += outcome === 'drift' ? 1 : 0;
    }
    // One in ten of 120; 22 and more have a chance of 0.3 %.
    expect(alarms).toBeLessThan(22);
    expect(alarms).toBeGreaterThan(2);
  });
  it('know long categories again, of which a profile keeps a hash', async () => {
    const long = ['a', 'b'].map((letter) => letter.repeat(200));
    const side = sample(
      'same',
      texts(
        'c',
        Array.from({ length: 300 }, (_, row) => long[row % 2]),
      ),
    );
    const { outcome, comparison } = await measureDrift({ reference: profileOf(side), current: side }, OPTIONS);
    expect(outcome).toBe('no-drift');
    expect(comparison.columns[0]?.unseen).toBeUndefined();
  });
  it('cannot be compared with rows', async () => {
    await expect(measureDrift({ reference: before(), current: count(0, 1) }, OPTIONS)).rejects.toMatchObject({
      code: 'DRIFT_PROFILE',
    });
  });
});

const before = (): Sample => rows(0, 50);
