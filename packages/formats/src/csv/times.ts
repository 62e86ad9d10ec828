// Dates and times of ISO 8601 in their extended form, years 0001 to 9999: `2001-02-03`, `2001-02-03T04:05`,
// `2001-02-03 04:05:06.789+01:00`. Any other form is ambiguous to somebody (01/02/03) and stays text.

/** Milliseconds since 1970-01-01T00:00Z, a time without a zone taken as UTC; NaN where the bytes are no such time. */
export function parseTime(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length < 10 || bytes[start + 4] !== 0x2d || bytes[start + 7] !== 0x2d) return NaN;
  const year = two(bytes, start) * 100 + two(bytes, start + 2);
  const month = two(bytes, start + 5);
  const day = two(bytes, start + 8);
  if (!(year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month))) return NaN;
  const date = daysSinceEpoch(year, month, day) * 86_400_000;
  if (length === 10) return date;
  if (bytes[start + 10] !== 0x54 && bytes[start + 10] !== 0x20) return NaN;
  if (length < 16 || bytes[start + 13] !== 0x3a) return NaN;
  const hour = two(bytes, start + 11);
  const minute = two(bytes, start + 14);
  if (!(hour <= 23 && minute <= 59)) return NaN;
  let at = start + 16;
  let ms = (hour * 60 + minute) * 60_000;
  if (at < end && bytes[at] === 0x3a) {
    if (at + 3 > end) return NaN;
    const second = two(bytes, at + 1);
    if (!(second <= 59)) return NaN;
    ms += second * 1000;
    at += 3;
    if (at < end && bytes[at] === 0x2e) {
      const from = ++at;
      let unit = 100;
      for (; at < end && bytes[at]! >= 0x30 && bytes[at]! <= 0x39; at++, unit /= 10)
        if (at - from < 3) ms += unit * (bytes[at]! - 0x30);
      if (at === from || at - from > 9) return NaN;
    }
  }
  if (at === end) return date + ms;
  return date + ms - zone(bytes, at, end);
}

/** Milliseconds by which the local time is ahead of UTC. */
function zone(bytes: Uint8Array, at: number, end: number): number {
  const sign = bytes[at];
  if (sign === 0x5a) return at + 1 === end ? 0 : NaN;
  if (sign !== 0x2b && sign !== 0x2d) return NaN;
  const colon = bytes[at + 3] === 0x3a ? 1 : 0;
  if (end - at !== 5 + colon && end - at !== 3) return NaN;
  const hours = two(bytes, at + 1);
  const minutes = end - at === 3 ? 0 : two(bytes, at + 3 + colon);
  if (!(hours <= 23 && minutes <= 59)) return NaN;
  return (sign === 0x2b ? 1 : -1) * (hours * 60 + minutes) * 60_000;
}

/** Whether a time says how far it is from UTC. */
export function hasZone(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = Math.min(end, start + 16); at < end; at++) {
    const byte = bytes[at];
    if (byte === 0x5a || byte === 0x2b || byte === 0x2d) return true;
  }
  return false;
}

/** Whether it has digits beyond the millisecond other than 0. */
export function isFiner(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start <= 23 || bytes[start + 19] !== 0x2e) return false;
  for (let at = start + 23; at < end && bytes[at]! >= 0x30 && bytes[at]! <= 0x39; at++)
    if (bytes[at] !== 0x30) return true;
  return false;
}

/** NaN where they are no two digits. */
function two(bytes: Uint8Array, at: number): number {
  const tens = bytes[at]! - 0x30;
  const ones = bytes[at + 1]! - 0x30;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NaN;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Days from 1970-01-01 in the proleptic Gregorian calendar, counting years from March so that a leap day ends one. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const ofEra = y - era * 400;
  const ofYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return era * 146_097 + ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + ofYear - 719_468;
}
