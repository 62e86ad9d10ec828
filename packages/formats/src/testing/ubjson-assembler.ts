// Writes UBJSON for tests as XGBoost does: counted lists of one type for numbers, 64-bit lengths. Bytes only.
import type { JsonValue } from '@vallum/core';

function i64(value: number): Buffer {
  const bytes = Buffer.alloc(9);
  bytes[0] = 0x4c;
  bytes.writeBigInt64BE(BigInt(value), 1);
  return bytes;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([i64(bytes.length), bytes]);
}

/** `[$l#L`, the count and 32-bit integers; the count may be another than there are. */
export function integers(values: readonly number[], count = values.length): Uint8Array {
  const data = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) data.writeInt32BE(value, index * 4);
  return Buffer.concat([Buffer.from('[$l#'), i64(count), data]);
}

function floats(values: readonly number[]): Uint8Array {
  const data = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) data.writeFloatBE(value, index * 4);
  return Buffer.concat([Buffer.from('[$d#'), i64(values.length), data]);
}

export function ubjson(value: JsonValue): Uint8Array {
  if (value === null) return Buffer.from('Z');
  if (typeof value === 'boolean') return Buffer.from(value ? 'T' : 'F');
  if (typeof value === 'number') return i64(value);
  if (typeof value === 'string') return Buffer.concat([Buffer.from('S'), text(value)]);
  if (Array.isArray(value)) {
    const items = value as readonly JsonValue[];
    if (items.length > 0 && items.every((item) => typeof item === 'number')) {
      const numbers = items;
      return numbers.every(Number.isInteger) ? integers(numbers) : floats(numbers);
    }
    return Buffer.concat([Buffer.from('['), ...items.map(ubjson), Buffer.from(']')]);
  }
  const entries = Object.entries(value as Readonly<Record<string, JsonValue>>);
  return Buffer.concat([
    Buffer.from('{'),
    ...entries.flatMap(([key, one]) => [text(key), ubjson(one)]),
    Buffer.from('}'),
  ]);
}
