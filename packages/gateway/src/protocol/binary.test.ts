// Raw tensors: every datatype there and back, and halves against known bits.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRaw, writeRaw } from './binary.js';
import { factsOf } from './datatypes.js';
import type { Datatype } from './inspected.js';

const NUMERIC: readonly Datatype[] = [
  'BOOL',
  'UINT8',
  'UINT16',
  'UINT32',
  'UINT64',
  'INT8',
  'INT16',
  'INT32',
  'INT64',
  'FP16',
  'BF16',
  'FP32',
  'FP64',
];
const there = (values: readonly number[], datatype: Datatype): readonly number[] => {
  const bytes = writeRaw({ numbers: Float64Array.from(values) }, datatype);
  return [...(readRaw(bytes, datatype, values.length, factsOf(datatype).bytes)?.numbers ?? [])];
};

describe('raw tensors', () => {
  it.each(NUMERIC)('%s comes back, at every alignment', (datatype) => {
    expect(there([0, 1, 1], datatype)).toEqual([0, 1, 1]);
    const bytes = writeRaw({ numbers: Float64Array.of(1, 0) }, datatype);
    for (let shift = 0; shift < 8; shift++) {
      const moved = Buffer.concat([Buffer.alloc(shift), bytes]).subarray(shift);
      expect([...(readRaw(moved, datatype, 2, factsOf(datatype).bytes)?.numbers ?? [])]).toEqual([1, 0]);
    }
  });

  it.each([
    [0x3c00, 1],
    [0xc000, -2],
    [0x7bff, 65504],
    [0x0400, 2 ** -14],
    [0x0001, 2 ** -24],
    [0x03ff, 1023 * 2 ** -24],
    [0x7c00, Infinity],
    [0xfc00, -Infinity],
    [0x7e00, NaN],
    [0x8000, -0],
    [0x3555, 0.333251953125],
  ])('the half %i is %d, and back', (bits, value) => {
    const bytes = Buffer.alloc(2);
    bytes.writeUInt16LE(bits);
    expect(readRaw(bytes, 'FP16', 1, 2)?.numbers?.[0]).toBe(value);
    expect(writeRaw({ numbers: Float64Array.of(value) }, 'FP16').readUInt16LE()).toBe(bits);
  });

  it('every half comes back as itself', () => {
    const bytes = Buffer.alloc(2 * 65_536);
    for (let bits = 0; bits < 65_536; bits++)
      bytes.writeUInt16LE((bits & 0x7c00) === 0x7c00 ? bits & 0xfc00 : bits, bits * 2);
    const numbers = readRaw(bytes, 'FP16', 65_536, 2)?.numbers;
    expect(writeRaw({ ...(numbers && { numbers }) }, 'FP16').equals(bytes)).toBe(true);
  });

  it('rounds to the nearest half, ties to even', () => {
    expect(there([1 + 2 ** -11, 1 + 3 * 2 ** -11, 65_519, 65_520, 2 ** -25, 2 ** -25 * 1.5], 'FP16')).toEqual([
      1,
      1 + 2 ** -9,
      65_504,
      Infinity,
      0,
      2 ** -24,
    ]);
  });

  it('holds 64-bit integers within their range', () => {
    expect(there([2 ** 70, -(2 ** 70)], 'INT64')).toEqual([2 ** 63, -(2 ** 63)]);
    expect(there([2 ** 70, -5], 'UINT64')).toEqual([2 ** 64, 0]);
  });

  it('texts come back, and no other bytes are texts', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), fc.nat(), (texts, cut) => {
        const bytes = writeRaw({ texts }, 'BYTES');
        expect(readRaw(bytes, 'BYTES', texts.length, 0)?.texts).toEqual(texts);
        expect(readRaw(bytes, 'BYTES', texts.length + 1, 0)).toBeUndefined();
        if (bytes.length > 0)
          expect(readRaw(bytes.subarray(0, cut % bytes.length), 'BYTES', texts.length, 0)).toBeUndefined();
      }),
      { numRuns: 200 },
    );
  });
});
