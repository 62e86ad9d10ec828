// Numbers and times in bytes, without making a string of each. A number is what JSON calls one, and also `+1`, `.5`, `5.`
// and `007`; infinities, hexadecimal, separators of thousands and what overflows are none. The value is that of `Number()`:
// with at most 15 digits and a power of ten up to 22, one exact operation gives it (Clinger 1990); the rest asks `Number`.

import { MARK } from './tokens.js';

const POWERS = Float64Array.from({ length: 23 }, (_, power) => Number(`1e${power}`));
const MOST_DIGITS = 15;
const MOST_INT32_DIGITS = 9;

/** NaN where the bytes are no finite number. */
export function parseNumber(bytes: Buffer, start: number, end: number): number {
  let at = start;
  let byte = bytes[at]!;
  const negative = byte === 0x2d;
  if (negative || byte === 0x2b) at += 1;
  let mantissa = 0;
  let digits = 0;
  const whole = at;
  for (; at < end; at++) {
    const digit = bytes[at]! - 0x30;
    if (digit < 0 || digit > 9) break;
    mantissa = mantissa * 10 + digit;
  }
  digits = at - whole;
  let scale = 0;
  if (at < end && bytes[at] === 0x2e) {
    const fraction = ++at;
    for (; at < end; at++) {
      const digit = bytes[at]! - 0x30;
      if (digit < 0 || digit > 9) break;
      mantissa = mantissa * 10 + digit;
    }
    scale = at - fraction;
    digits += scale;
  }
  if (digits === 0) return NaN;
  if (at < end) {
    byte = bytes[at]!;
    if (byte !== 0x65 && byte !== 0x45) return NaN;
    at += 1;
    if (bytes[at] === 0x2d || bytes[at] === 0x2b) at += 1;
    const power = at;
    while (at < end && bytes[at]! >= 0x30 && bytes[at]! <= 0x39) at += 1;
    if (at === power || at < end) return NaN;
    return finite(Number(bytes.toString('latin1', start, end)));
  }
  if (digits > MOST_DIGITS) return finite(Number(bytes.toString('latin1', start, end)));
  const value = scale === 0 ? mantissa : mantissa / POWERS[scale]!;
  return negative ? -value : value;
}

/** Whether a field is, by its mark, at most a minus, a point and one to fifteen digits. */
export function isPlain(bytes: Uint8Array, start: number, end: number, mark: number): boolean {
  if ((mark & ~(MARK.point | MARK.minus)) !== 0) return false;
  const digits = end - start - (mark & MARK.point) - (mark >> 7);
  return digits >= 1 && digits <= MOST_DIGITS && (mark < MARK.minus || bytes[start] === 0x2d);
}

/** What `parseNumber` gives, for a field that is plain. */
export function parsePlain(bytes: Uint8Array, start: number, end: number, mark: number): number {
  let mantissa = 0;
  let scale = 0;
  let at = mark >= MARK.minus ? start + 1 : start;
  // Digits that fit 32 bits are added as integers, which is twice as fast.
  if (end - at <= MOST_INT32_DIGITS)
    for (; at < end; at++) {
      const digit = bytes[at]! - 0x30;
      if (digit >= 0) mantissa = (mantissa * 10 + digit) | 0;
      else scale = end - at - 1;
    }
  else
    for (; at < end; at++) {
      const digit = bytes[at]! - 0x30;
      if (digit >= 0) mantissa = mantissa * 10 + digit;
      else scale = end - at - 1;
    }
  const value = scale === 0 ? mantissa : mantissa / POWERS[scale]!;
  return mark >= MARK.minus ? -value : value;
}

function finite(value: number): number {
  return Number.isFinite(value) ? value : NaN;
}

/** Whether a number is a whole one that the value of `Number()` does not hold exactly. */
export function isRounded(bytes: Buffer, start: number, end: number): boolean {
  if (end - start <= MOST_DIGITS) return false;
  const text = bytes.toString('latin1', start, end);
  return /^[+-]?\d{1,400}$/.test(text) && BigInt(text.replace('+', '')) !== BigInt(Number(text));
}

/** `007`: a number that has been a code. */
export function hasLeadingZero(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start > 1 && bytes[start] === 0x30 && bytes[start + 1]! >= 0x30 && bytes[start + 1]! <= 0x39;
}
