// Raw tensors: little-endian, row-major, without padding. Views where the memory allows it, copies where it does not.
import type { Datatype, NumberArray } from './inspected.js';
import { elementsOfBytes, writeElements } from './bytes-elements.js';

export interface RawTensor {
  readonly numbers?: NumberArray;
  readonly texts?: readonly string[];
}

type ArrayMaker = new (buffer: ArrayBufferLike, offset: number, length: number) => NumberArray;

const VIEWS: Partial<Record<Datatype, ArrayMaker>> = {
  BOOL: Uint8Array,
  UINT8: Uint8Array,
  INT8: Int8Array,
  UINT16: Uint16Array,
  INT16: Int16Array,
  UINT32: Uint32Array,
  INT32: Int32Array,
  FP32: Float32Array,
  FP64: Float64Array,
};

/** @param bytes exactly `count` elements of a datatype with a size of its own */
function numbersOf(bytes: Buffer, datatype: Datatype, count: number): NumberArray {
  const View = VIEWS[datatype];
  if (View !== undefined) {
    const size = count === 0 ? 1 : bytes.length / count;
    // Typed arrays need aligned memory, and where a tensor begins is the caller's choice.
    if (bytes.byteOffset % size === 0) return new View(bytes.buffer, bytes.byteOffset, count);
    const copy = new Uint8Array(bytes);
    return new View(copy.buffer, 0, count);
  }
  if (datatype === 'FP16' || datatype === 'BF16') return halves(bytes, datatype, count);
  const wide = new Float64Array(count);
  for (let i = 0; i < count; i++)
    wide[i] = Number(datatype === 'INT64' ? bytes.readBigInt64LE(i * 8) : bytes.readBigUInt64LE(i * 8));
  return wide;
}

function halves(bytes: Buffer, datatype: 'FP16' | 'BF16', count: number): Float32Array {
  const bits = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    const half = bytes.readUInt16LE(i * 2);
    bits[i] = datatype === 'BF16' ? half << 16 : singleOfHalf(half);
  }
  return new Float32Array(bits.buffer);
}

/** Bits of the single that equals an IEEE 754 half. */
function singleOfHalf(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return sign | 0x7f800000 | (fraction << 13);
  if (exponent !== 0) return sign | ((exponent + 112) << 23) | (fraction << 13);
  if (fraction === 0) return sign;
  const shift = Math.clz32(fraction) - 21;
  return sign | ((113 - shift) << 23) | (((fraction << shift) & 0x3ff) << 13);
}

/** @returns undefined when the bytes are not `count` elements of the datatype, or a BOOL is neither 0 nor 1 */
export function readRaw(bytes: Buffer, datatype: Datatype, count: number, size: number): RawTensor | undefined {
  if (datatype === 'BYTES') {
    const texts = elementsOfBytes(bytes, count);
    return texts === undefined ? undefined : { texts };
  }
  if (bytes.length !== count * size) return undefined;
  if (datatype === 'BOOL') for (const byte of bytes) if (byte > 1) return undefined;
  return { numbers: numbersOf(bytes, datatype, count) };
}

/** Numbers as raw bytes of a datatype: rounded to integers and held within the range where the datatype has one. */
export function writeRaw(tensor: RawTensor, datatype: Datatype): Buffer {
  if (datatype === 'BYTES') return writeElements(tensor.texts ?? []);
  const numbers = tensor.numbers ?? new Float64Array(0);
  if (datatype === 'FP16' || datatype === 'BF16') return writeHalves(numbers, datatype);
  if (datatype === 'INT64' || datatype === 'UINT64') {
    const bytes = Buffer.allocUnsafe(numbers.length * 8);
    numbers.forEach((value, i) => {
      const wide = BigInt(Number.isFinite(value) ? Math.round(value) : 0);
      bytes.writeBigUInt64LE(
        datatype === 'INT64'
          ? BigInt.asUintN(64, clamp(wide, -(2n ** 63n), 2n ** 63n - 1n))
          : clamp(wide, 0n, 2n ** 64n - 1n),
        i * 8,
      );
    });
    return bytes;
  }
  const array = narrowed(numbers, datatype);
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength);
}

function clamp(value: bigint, low: bigint, high: bigint): bigint {
  return value < low ? low : value > high ? high : value;
}

function narrowed(numbers: NumberArray, datatype: Datatype): NumberArray {
  switch (datatype) {
    case 'FP32':
      return Float32Array.from(numbers);
    case 'FP64':
      return Float64Array.from(numbers);
    case 'INT8':
      return Int8Array.from(numbers, Math.round);
    case 'INT16':
      return Int16Array.from(numbers, Math.round);
    case 'INT32':
      return Int32Array.from(numbers, Math.round);
    case 'UINT16':
      return Uint16Array.from(numbers, Math.round);
    case 'UINT32':
      return Uint32Array.from(numbers, Math.round);
    default:
      return Uint8Array.from(numbers, Math.round);
  }
}

function writeHalves(numbers: NumberArray, datatype: 'FP16' | 'BF16'): Buffer {
  const singles = Float32Array.from(numbers);
  const bits = new Uint32Array(singles.buffer);
  const bytes = Buffer.allocUnsafe(bits.length * 2);
  bits.forEach((single, i) => bytes.writeUInt16LE(datatype === 'BF16' ? bfloatOf(single) : halfOf(single), i * 2));
  return bytes;
}

/** Upper half of a single, rounded to the nearest; a NaN stays one. */
function bfloatOf(single: number): number {
  if ((single & 0x7fffffff) > 0x7f800000) return (single >>> 16) | 0x40;
  return ((single + 0x7fff + ((single >>> 16) & 1)) >>> 16) & 0xffff;
}

/** IEEE 754 half of a single, rounded to the nearest, ties to even. */
function halfOf(single: number): number {
  const sign = (single >>> 16) & 0x8000;
  const size = single & 0x7fffffff;
  if (size > 0x7f800000) return sign | 0x7e00;
  if (size >= 0x477ff000) return sign | 0x7c00;
  const exponent = size >>> 23;
  if (exponent < 102) return sign;
  const fraction = (size & 0x7fffff) | 0x800000;
  const shift = exponent < 113 ? 126 - exponent : 13;
  const base = exponent < 113 ? 0 : (exponent - 113) << 10;
  const rest = fraction & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  const kept = fraction >>> shift;
  const up = rest > half || (rest === half && (kept & 1) === 1) ? 1 : 0;
  return sign | (base + kept + up);
}
