// Tensor data written as JSON: flat or nested exactly as the shape says, each value of the datatype. Ragged nesting, a
// number out of its range and a text among numbers are refused; 1e999 becomes Infinity, which the guard judges.
import type { JsonValue } from '@vallum/core';
import type { RawTensor } from './binary.js';
import { factsOf } from './datatypes.js';
import type { Datatype, NumberArray } from './inspected.js';

/** Above it a half is infinite (IEEE 754, rounding to nearest). */
const HALF_OVERFLOW = 65_520;

/**
 * @param count product of the shape
 * @param nullIs what null stands for in an upstream's floats, which then stay doubles so that they are written as they were
 * @returns the values, or why they are refused
 */
export function readTensorJson(
  data: readonly JsonValue[],
  datatype: Datatype,
  shape: readonly number[],
  count: number,
  nullIs?: number,
): RawTensor | string {
  let flat = data;
  if (Array.isArray(data[0])) {
    const collected: JsonValue[] = [];
    if (!flatten(data, shape, 0, collected)) return 'its data is not nested as its shape says';
    flat = collected;
  }
  if (flat.length !== count) return `it has ${flat.length} values where its shape holds ${count}`;
  if (datatype === 'BYTES') {
    const isText = flat.every((value) => typeof value === 'string');
    return isText ? { texts: flat as readonly string[] } : 'a value of BYTES is no text';
  }
  if (datatype === 'BOOL') {
    const bits = new Uint8Array(count);
    for (let i = 0; i < count; i++) {
      if (typeof flat[i] !== 'boolean') return 'a value of BOOL is neither true nor false';
      bits[i] = flat[i] === true ? 1 : 0;
    }
    return { numbers: bits };
  }
  return readNumbers(flat, datatype, nullIs);
}

function readNumbers(flat: readonly JsonValue[], datatype: Datatype, nullIs: number | undefined): RawTensor | string {
  const { minimum, maximum } = factsOf(datatype);
  const numbers = nullIs === undefined ? emptyNumbers(datatype, flat.length) : new Float64Array(flat.length);
  for (let i = 0; i < flat.length; i++) {
    let value = flat[i];
    if (value === null && nullIs !== undefined && minimum === undefined) value = nullIs;
    if (typeof value !== 'number') return `a value of ${datatype} is no number`;
    if (minimum !== undefined && maximum !== undefined) {
      if (!Number.isInteger(value) || value < minimum || value > maximum) return `the value at ${i} is no ${datatype}`;
    } else if (datatype === 'FP16' && Math.abs(value) >= HALF_OVERFLOW) value = value < 0 ? -Infinity : Infinity;
    numbers[i] = value;
  }
  return { numbers };
}

function flatten(value: JsonValue, shape: readonly number[], depth: number, into: JsonValue[]): boolean {
  if (depth === shape.length) return into.push(value) > 0 && !Array.isArray(value);
  if (!Array.isArray(value) || value.length !== shape[depth]) return false;
  return (value as readonly JsonValue[]).every((item) => flatten(item, shape, depth + 1, into));
}

/** As the upstream will hold them: what overflows a single is infinite here too. */
function emptyNumbers(datatype: Datatype, count: number): NumberArray {
  switch (datatype) {
    case 'FP16':
    case 'BF16':
    case 'FP32':
      return new Float32Array(count);
    case 'INT8':
      return new Int8Array(count);
    case 'INT16':
      return new Int16Array(count);
    case 'INT32':
      return new Int32Array(count);
    case 'UINT8':
      return new Uint8Array(count);
    case 'UINT16':
      return new Uint16Array(count);
    case 'UINT32':
      return new Uint32Array(count);
    default:
      return new Float64Array(count);
  }
}

/** Values of a tensor as JSON, flat. What is not finite becomes null, as JSON has no word for it. */
export function writeTensorJson(tensor: RawTensor, datatype: Datatype): JsonValue[] {
  if (datatype === 'BYTES') return [...(tensor.texts ?? [])];
  const numbers = tensor.numbers ?? new Float64Array(0);
  if (datatype === 'BOOL') return Array.from(numbers, (value) => value >= 0.5);
  const isInteger = factsOf(datatype).minimum !== undefined;
  return Array.from(numbers, (value) => (isInteger ? Math.round(value) : value));
}
