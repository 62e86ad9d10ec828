// Tensors of an Open Inference message in JSON: values in `data`, or `binary_data_size` bytes behind the JSON, in the order
// of the list. Sizes must agree exactly, and all bytes behind the JSON must belong to a tensor.
import type { JsonObject, JsonValue } from '@vallum/core';
import { isJsonObject } from '@vallum/core';
import type { Refusal } from '../door/refusal.js';
import { refuse } from '../door/refusal.js';
import type { RawTensor } from './binary.js';
import { readRaw } from './binary.js';
import { elementsOf, factsOf, isDatatype, MAX_DIMENSIONS } from './datatypes.js';
import type { InputTensor } from './inspected.js';
import { unknownKey } from './json-body.js';
import { parametersFault, quoted } from './parameters.js';
import { readTensorJson } from './tensor-json.js';

export const MAX_TENSORS = 1_000;
export const MAX_NAME = 256;
const TENSOR_KEYS = new Set(['name', 'shape', 'datatype', 'parameters', 'data']);

export interface TensorBounds {
  readonly maxElements: number;
  readonly maxBinaryElements: number;
}

export interface ReadTensors {
  readonly tensors: readonly InputTensor[];
  /** The bytes of each tensor that came in binary form. */
  readonly raw: readonly (Buffer | undefined)[];
  readonly elements: number;
}

/** Requests may hold known parameters only; an answer is the upstream's, whose extra fields are kept. */
export type Side = 'request' | 'answer';

/** @param binary what follows the JSON; undefined where the message has no binary part @returns a text: why it is refused */
export function readTensors(
  list: readonly JsonValue[],
  binary: Buffer | undefined,
  bounds: TensorBounds,
  side: Side,
): ReadTensors | Refusal | string {
  if (list.length > MAX_TENSORS) return `it has more than ${MAX_TENSORS} tensors`;
  const tensors: InputTensor[] = [];
  const raw: (Buffer | undefined)[] = [];
  const names = new Set<string>();
  let at = 0;
  let inJson = 0;
  let inBinary = 0;
  let inTexts = 0;
  for (const item of list) {
    const head = readHead(item, side, Math.max(bounds.maxElements, bounds.maxBinaryElements));
    if (typeof head === 'string') return head;
    const { name, datatype, shape, count, size, data } = head;
    if (names.has(name)) return `the tensor ${quoted(name)} stands twice`;
    names.add(name);
    let bytes: Buffer | undefined;
    let values: RawTensor | string | undefined;
    if (size === undefined) {
      inJson += count;
      if (inJson > bounds.maxElements)
        return refuse('too-large', `it has more than ${bounds.maxElements} elements in JSON`);
      values = readTensorJson(data ?? [], datatype, shape, count, side === 'answer' ? NaN : undefined);
    } else {
      if (binary === undefined) return `the tensor ${quoted(name)} has a binary size and the body no binary part`;
      // A text costs as much in binary form as in JSON.
      if (datatype === 'BYTES') inTexts += count;
      inBinary += count;
      if (inTexts > bounds.maxElements) return refuse('too-large', `it has more than ${bounds.maxElements} texts`);
      if (inBinary > bounds.maxBinaryElements)
        return refuse('too-large', `it has more than ${bounds.maxBinaryElements} elements in binary form`);
      if (size > binary.length - at) return `the binary data of ${quoted(name)} reaches beyond the body`;
      bytes = binary.subarray(at, at + size);
      at += size;
      values = readRaw(bytes, datatype, count, factsOf(datatype).bytes);
    }
    if (values === undefined) return `the binary data of ${quoted(name)} does not fit its shape and ${datatype}`;
    if (typeof values === 'string') return `the tensor ${quoted(name)}: ${values}`;
    tensors.push({ name, datatype, shape, ...values });
    raw.push(bytes);
  }
  if (binary !== undefined && at !== binary.length) return `${binary.length - at} bytes belong to no tensor`;
  return { tensors, raw, elements: inJson + inBinary };
}

interface Head extends Pick<InputTensor, 'name' | 'datatype' | 'shape'> {
  readonly count: number;
  /** Bytes of its binary form; absent for JSON data. */
  readonly size?: number;
  readonly data?: readonly JsonValue[];
}

function readHead(item: JsonValue, side: Side, most: number): Head | string {
  if (!isJsonObject(item)) return 'a tensor is no object';
  const { name, datatype, shape, data, parameters } = item;
  if (typeof name !== 'string' || name === '' || name.length > MAX_NAME) return 'a tensor has no short name';
  if (!isDatatype(datatype)) return `the tensor ${quoted(name)} has an unknown datatype`;
  if (!Array.isArray(shape) || shape.length > MAX_DIMENSIONS) return `the tensor ${quoted(name)} has no short shape`;
  const count = elementsOf(shape as readonly JsonValue[], most);
  if (count === undefined) return `the shape of ${quoted(name)} is no list of counts, or holds more than is read`;
  if (side === 'request') {
    const unknown = unknownKey(item, TENSOR_KEYS);
    if (unknown !== undefined) return `the tensor ${quoted(name)} has the unknown field ${quoted(unknown)}`;
    const fault = parametersFault('input', parameters);
    if (fault !== undefined) return `the tensor ${quoted(name)}: ${fault}`;
  }
  const size = sizeOf(parameters);
  if ((size === undefined) === (data === undefined))
    return `the tensor ${quoted(name)} needs either data or binary_data_size`;
  if (size !== undefined && (!Number.isSafeInteger(size) || size < 0))
    return `binary_data_size of ${quoted(name)} is no count`;
  if (data !== undefined && !Array.isArray(data)) return `the data of ${quoted(name)} is no list`;
  return {
    name,
    datatype,
    shape: shape as readonly number[],
    count,
    ...(size !== undefined && { size }),
    ...(data !== undefined && { data: data as readonly JsonValue[] }),
  };
}

function sizeOf(parameters: JsonValue | undefined): number | undefined {
  if (!isJsonObject(parameters ?? null)) return undefined;
  const size = (parameters as JsonObject)['binary_data_size'];
  return size === undefined ? undefined : typeof size === 'number' ? size : -1;
}
