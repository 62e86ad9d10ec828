// The numbers of Evidently, frozen: 12 frames of 15 columns. The nightly run compares with the living one and a fresh seed.
import { describe, expect, it } from 'vitest';
import { dice, numbers, sample, texts } from '../testing/rows.js';
import { evidentlyDrift } from './drift-preset.js';
import { beyond } from './testing/beyond.js';
import { frameOf } from './testing/frames.js';
import frozen from './testing/scores.json' with { type: 'json' };

describe('with the defaults of Evidently', () => {
  it('choice of test, score, threshold, and share of drifted columns are its own', () => {
    const tests = new Set<string>();
    let columns = 0;
    for (const { seed, ...theirs } of frozen.frames) {
      const { reference, current } = frameOf(seed);
      const ours = evidentlyDrift(reference, current);
      expect([seed, beyond(ours, theirs)]).toEqual([seed, []]);
      for (const { test } of ours.columns) if (test !== null) tests.add(test);
      columns += ours.columns.length;
    }
    expect(columns).toBe(180);
    // Every test that the defaults can choose is among them.
    expect(tests.size).toBe(5);
  });

  const { normal } = dice(4);
  it('leaves out times, columns of one side, and free text, and says so', () => {
    const rows = 100;
    const note = texts(
      'note',
      Array.from({ length: rows }, (_, row) => `note ${row}`),
    );
    const time = { ...numbers('at', rows, (row) => row * 1000), kind: 'time' as const };
    const report = evidentlyDrift(
      sample('a', numbers('x', rows, normal), time, note, numbers('old', rows, normal)),
      sample('b', numbers('x', rows, normal), time, note, numbers('new', rows, normal)),
    );
    expect(report.columns.map(({ name, score }) => [name, score === null])).toEqual([
      ['x', false],
      ['note', true],
    ]);
    expect(report.leftOut.map(({ name }) => name)).toEqual(['at', 'new', 'old']);
  });

  it('refuses a side without a finite value, as it does', () => {
    const some = sample('a', numbers('x', 50, normal));
    const none = sample(
      'b',
      numbers('x', 50, (row) => (row % 2 === 0 ? NaN : Infinity)),
    );
    expect(() => evidentlyDrift(some, none)).toThrow(expect.objectContaining({ code: 'DRIFT_EMPTY' }) as Error);
    expect(evidentlyDrift(sample('a'), sample('b')).outcome).toBe('not-enough-data');
  });
});
