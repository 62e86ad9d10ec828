// Elements of a NumPy array as doubles or texts. Integers of 64 bits are compared with what a double holds of them.
import { isUtf8 } from 'node:buffer';
import type { NpyField } from './array.js';

/** Sees each value that is rounded; NaT of a date is NaN. */
export function numberAt(data: DataView, at: number, field: NpyField, rounded: () => void): number {
  const little = !field.bigEndian;
  switch (field.kind) {
    case 'f':
      if (field.width === 8) return data.getFloat64(at, little);
      return field.width === 4 ? data.getFloat32(at, little) : halfFloat(data.getUint16(at, little));
    case 'i':
      if (field.width === 8) return exact(data.getBigInt64(at, little), rounded);
      if (field.width === 4) return data.getInt32(at, little);
      return field.width === 2 ? data.getInt16(at, little) : data.getInt8(at);
    case 'u':
      if (field.width === 8) return exact(data.getBigUint64(at, little), rounded);
      if (field.width === 4) return data.getUint32(at, little);
      return field.width === 2 ? data.getUint16(at, little) : data.getUint8(at);
    case 'M':
      return dateAt(data.getBigInt64(at, little), field.unitMs, rounded);
    case 'b':
      return data.getUint8(at) === 0 ? 0 : 1;
    case 'S':
    case 'U':
      return NaN;
  }
}

const NOT_A_TIME = -(2n ** 63n);

function dateAt(value: bigint, unitMs: number, rounded: () => void): number {
  if (value === NOT_A_TIME) return NaN;
  if (unitMs >= 1) return exact(value * BigInt(unitMs), rounded);
  const perMs = BigInt(Math.round(1 / unitMs));
  if (value % perMs !== 0n) rounded();
  const whole = value / perMs;
  return Number(value < 0n && value % perMs !== 0n ? whole - 1n : whole);
}

function exact(value: bigint, rounded: () => void): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number) && BigInt(number) !== value) rounded();
  return number;
}

/** IEEE 754 binary16. */
function halfFloat(bits: number): number {
  const sign = (bits & 0x8000) === 0 ? 1 : -1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/**
 * Without the NULs behind it, as NumPy shows it. Bytes that are no UTF-8, and code points that are none, become hexadecimal: a
 * replacement character would make different texts equal.
 * @param invalid told of each of them
 */
export function textAt(data: DataView, at: number, field: NpyField, invalid: () => void): string {
  const step = field.kind === 'U' ? 4 : 1;
  const bytes = Buffer.from(data.buffer, data.byteOffset + at, field.width);
  let length = field.width - (field.width % step);
  while (length > 0 && bytes.subarray(length - step, length).every((byte) => byte === 0)) length -= step;
  const text = step === 1 ? utf8Of(bytes.subarray(0, length)) : codePointsOf(data, at, length, field);
  if (text !== undefined) return text;
  invalid();
  return `0x${bytes.toString('hex', 0, length)}`;
}

function utf8Of(bytes: Buffer): string | undefined {
  return isUtf8(bytes) ? bytes.toString('utf8') : undefined;
}

function codePointsOf(data: DataView, at: number, length: number, { bigEndian }: NpyField): string | undefined {
  let text = '';
  for (let from = at; from < at + length; from += 4) {
    const code = data.getUint32(from, !bigEndian);
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return undefined;
    text += String.fromCodePoint(code);
  }
  return text;
}
