// The budget of one key: never more than burst + rate x time, whatever the schedule and the clock do.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketOf, Gcra } from './gcra.js';
import { worstExcess } from './testing/windows.js';
import type { Taken } from './testing/windows.js';

const bucket = { burst: 10, perMs: 0.01 };

describe('Gcra', () => {
  it('takes the burst at once, then what flows back, and says how long to wait', () => {
    const gcra = new Gcra(bucket);
    for (let n = 0; n < 10; n += 1) expect(gcra.take('a', 1, 0)).toBe(0);
    expect(gcra.take('a', 1, 0)).toBeCloseTo(100);
    expect(gcra.take('a', 1, 99)).toBeCloseTo(1);
    expect(gcra.take('a', 1, 101)).toBe(0);
    expect(gcra.take('b', 10, 0)).toBe(0);
  });

  it('never takes more than the bucket holds, nor what is no amount', () => {
    const gcra = new Gcra(bucket);
    for (const cost of [11, NaN, -1, Infinity]) expect(gcra.take('a', cost, 0)).toBe(Infinity);
    expect(gcra.take('a', 10, 0)).toBe(0);
  });

  it('reads rates of a second to a day, with the rate as burst', () => {
    expect(bucketOf({ limit: 60, per: 'minute' })).toEqual({ burst: 60, perMs: 0.001 });
    expect(bucketOf({ limit: 86_400, per: 'day', burst: 5 })).toEqual({ burst: 5, perMs: 0.001 });
  });

  it('keeps burst + rate x time over random schedules, with idle keys forgotten meanwhile', () => {
    const step = fc.record({
      wait: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 3_000, noNaN: true })),
      key: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      cost: fc.double({ min: 0.001, max: 10, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const gcra = new Gcra(bucket, 3);
        const taken = new Map<string, Taken[]>();
        let now = 0;
        for (const { wait, key, cost } of steps) {
          now += wait;
          if (gcra.take(key, cost, now) === 0) taken.set(key, [...(taken.get(key) ?? []), { at: now, tokens: cost }]);
        }
        for (const one of taken.values()) expect(worstExcess(one, bucket)).toBeLessThanOrEqual(1e-6);
        expect(gcra.size).toBeLessThanOrEqual(3);
      }),
    );
  });

  it('gives nothing for a clock that steps back, and locks nobody out', () => {
    const step = fc.record({
      move: fc.integer({ min: -100_000, max: 3_000 }),
      cost: fc.integer({ min: 1, max: 10 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const gcra = new Gcra(bucket);
        let now = 0;
        let forward = 0;
        const taken: Taken[] = [];
        for (const { move, cost } of steps) {
          now += move;
          forward += Math.max(0, move);
          if (gcra.take('a', cost, now) === 0) taken.push({ at: forward, tokens: cost });
        }
        expect(worstExcess(taken, bucket)).toBeLessThanOrEqual(1e-6);
        gcra.take('a', 0, now - 1e9);
        // A full bucket's time later everything is there again.
        expect(gcra.take('a', 10, now - 1e9 + 1_000.001)).toBe(0);
      }),
    );
  });

  it('refuses newcomers when the table is full, and takes them when somebody is idle', () => {
    const gcra = new Gcra(bucket, 100);
    for (let n = 0; n < 100; n += 1) expect(gcra.take(`k${n}`, 1, 0)).toBe(0);
    expect(gcra.take('new', 1, 50)).toBeGreaterThan(0);
    expect(gcra.take('k7', 1, 50)).toBe(0);
    expect(gcra.take('new', 1, 150)).toBe(0);
    expect(gcra.size).toBeLessThanOrEqual(100);
  });

  it('does not lose small costs at large rates', () => {
    const large = new Gcra({ burst: 1e9, perMs: 1e9 });
    const at = 1.8e12;
    expect(large.take('a', 1e9 - 10, at)).toBe(0);
    for (let n = 0; n < 10; n += 1) expect(large.take('a', 1, at)).toBe(0);
    expect(large.take('a', 1, at)).toBeGreaterThan(0);
  });

  it('counts what is held as in use, and takes back what was not used', () => {
    const gcra = new Gcra(bucket);
    expect(gcra.take('a', 5, 0)).toBe(0);
    // Long after, the bucket would be full, but 4 are held.
    expect(gcra.take('a', 7, 1e6, 4)).toBeGreaterThan(0);
    expect(gcra.take('a', 6, 1e6, 4)).toBe(0);
    expect(gcra.give('a', 4, 1e6, 4)).toBe(true);
    expect(gcra.take('a', 4, 1e6)).toBe(0);
    expect(gcra.take('a', 0.5, 1e6)).toBeGreaterThan(0);
  });
});
