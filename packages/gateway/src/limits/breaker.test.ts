// The breaker's states, and that no clock keeps it open for ever.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Breaker } from './breaker.js';

const settings = { failures: 0.5, minimum: 10, windowSeconds: 10, openSeconds: 5 };

function opened(): Breaker {
  const breaker = new Breaker('server', settings);
  for (let n = 0; n < 10; n += 1) breaker.report(false, 0);
  return breaker;
}

describe('Breaker', () => {
  it('stays closed below the share and below the minimum', () => {
    const breaker = new Breaker('server', settings);
    for (let n = 0; n < 9; n += 1) breaker.report(false, 0);
    expect(breaker.state).toBe('closed');
    for (let n = 0; n < 100; n += 1) breaker.report(true, 0);
    for (let n = 0; n < 90; n += 1) breaker.report(false, 0);
    expect(breaker.state).toBe('closed');
    breaker.report(false, 0);
    expect(breaker.state).toBe('open');
  });

  it('forgets what is older than the window', () => {
    const breaker = new Breaker('server', settings);
    for (let n = 0; n < 9; n += 1) breaker.report(false, 0);
    breaker.report(false, 11_000);
    expect(breaker.state).toBe('closed');
    for (let n = 0; n < 8; n += 1) breaker.report(false, 12_000 + n * 1_000);
    expect(breaker.state).toBe('closed');
    breaker.report(false, 20_000);
    expect(breaker.state).toBe('open');
  });

  it('refuses while open, then lets one through, and closes when that one works', () => {
    const breaker = opened();
    expect(breaker.allow(1_000)).toMatchObject({ code: 'unavailable', retryAfter: 4 });
    breaker.report(true, 2_000);
    expect(breaker.state).toBe('open');
    expect(breaker.allow(5_000)).toBeUndefined();
    expect(breaker.state).toBe('half-open');
    expect(breaker.allow(5_001)).toMatchObject({ code: 'unavailable', retryAfter: 5 });
    breaker.report(true, 5_100);
    expect(breaker.state).toBe('closed');
    // What failed before is forgotten.
    breaker.report(false, 5_200);
    expect(breaker.allow(5_200)).toBeUndefined();
  });

  it('opens again when the probe fails, and sends another when nothing is heard of one', () => {
    const breaker = opened();
    expect(breaker.allow(5_000)).toBeUndefined();
    breaker.report(false, 6_000);
    expect(breaker.allow(10_999)).toMatchObject({ code: 'unavailable', retryAfter: 1 });
    expect(breaker.allow(11_000)).toBeUndefined();
    expect(breaker.allow(15_999)).toBeDefined();
    expect(breaker.allow(16_000)).toBeUndefined();
  });

  it('lets one through after its time, whatever the clock did before', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.boolean(), fc.integer({ min: -1e9, max: 1e9 })), { maxLength: 60 }),
        (reports) => {
          const breaker = new Breaker('server', { ...settings, minimum: 1, failures: 0.01 });
          let now = 0;
          for (const [ok, move] of reports) {
            now += move;
            breaker.allow(now);
            breaker.report(ok, now);
          }
          breaker.allow(now);
          expect(breaker.allow(now + 5_000)).toBeUndefined();
        },
      ),
    );
  });
});
