// Durations and times as the catalog and people write them.
import { expect, test } from 'vitest';
import { durationMs, parseTime } from './time.js';

test.each([
  ['P30D', 2_592_000_000],
  ['PT24H', 86_400_000],
  ['P1W', 604_800_000],
  ['P1DT1H1M1S', 90_061_000],
])('%s is %d ms', (text, ms) => {
  expect(durationMs(text)).toBe(ms);
});

test.each(['', 'P', 'PT', '30D', 'P1Y', 'P1.5D', 'P-1D'])('%j is no duration', (text) => {
  expect(() => durationMs(text)).toThrow('not a duration');
});

test('times are UTC and exist', () => {
  expect(parseTime('2026-12-31').toISOString()).toBe('2026-12-31T00:00:00.000Z');
  expect(() => parseTime('2026-12-31T10:00:00+01:00')).toThrow('UTC');
  expect(() => parseTime('2026-13-01')).toThrow('UTC');
});
