// Time as a parameter, and ISO 8601 durations as the catalog writes them.
import { VallumError } from './errors.js';

export type Clock = () => Date;

const DURATION = /^P(?!$)(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?=\d)(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?)?$/;
const UNITS = [604_800_000, 86_400_000, 3_600_000, 60_000, 1000] as const;

/** Milliseconds of a duration in weeks, days, hours, minutes and seconds (`P30D`, `PT24H`). */
export function durationMs(text: string): number {
  const match = DURATION.exec(text);
  if (match === null)
    throw new VallumError('TIME_DURATION', `not a duration: ${JSON.stringify(text)}`, {
      fix: 'write it like P30D or PT24H',
    });
  return UNITS.reduce((sum, unit, index) => sum + unit * Number(match[index + 1] ?? 0), 0);
}

/** Reads a date or a time in UTC: `2026-12-31` or `2026-12-31T00:00:00Z`. */
export function parseTime(text: string): Date {
  const valid = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?Z)?$/.test(text);
  const time = new Date(text);
  if (!valid || Number.isNaN(time.getTime()))
    throw new VallumError('TIME_FORMAT', `not a UTC date or time: ${JSON.stringify(text)}`, {
      fix: 'write it like 2026-12-31 or 2026-12-31T00:00:00Z',
    });
  return time;
}
