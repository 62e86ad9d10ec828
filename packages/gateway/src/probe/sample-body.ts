// A request that a model can answer. Without one nothing is proven: a server that refuses everything refuses attacks as well.
import type { JsonObject, JsonValue } from '@vallum/core';
import { isJsonObject, parseJsonStrict } from '@vallum/core';
import { elementsOf, factsOf, isDatatype } from '../protocol/datatypes.js';

const MOST_ELEMENTS = 1_000_000;
const FLOATS = new Set(['FP16', 'BF16', 'FP32', 'FP64']);

export interface OipInput {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly data: readonly JsonValue[];
}

/** Zeros in the shapes that the metadata of a model name, and undefined where it names none that can be filled. */
export function sampleFromMetadata(metadata: Uint8Array): Uint8Array | undefined {
  const named = objectIn(metadata)?.['inputs'];
  const inputs = isList(named) ? named.map((input) => sampleInput(input)) : [];
  if (inputs.length === 0 || inputs.includes(undefined)) return undefined;
  return Buffer.from(JSON.stringify({ inputs }));
}

/** The inputs of an Open Inference body in JSON; undefined when it is something else. */
export function oipInputsOf(body: Uint8Array): readonly OipInput[] | undefined {
  const inputs = objectIn(body)?.['inputs'];
  if (!isList(inputs) || inputs.length === 0) return undefined;
  const isInput = (input: JsonValue): boolean =>
    isJsonObject(input) &&
    typeof input['name'] === 'string' &&
    typeof input['datatype'] === 'string' &&
    Array.isArray(input['shape']) &&
    Array.isArray(input['data']);
  return inputs.every(isInput) ? (inputs as unknown as readonly OipInput[]) : undefined;
}

function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

export const isFloat = (datatype: string): boolean => FLOATS.has(datatype);

function sampleInput(input: JsonValue): JsonObject | undefined {
  if (!isJsonObject(input)) return undefined;
  const { name, datatype, shape } = input;
  if (typeof name !== 'string' || !isDatatype(datatype) || !isList(shape)) return undefined;
  const whole = shape.map((size) => (size === -1 ? 1 : size));
  const count = elementsOf(whole, MOST_ELEMENTS);
  if (count === undefined) return undefined;
  const value = datatype === 'BOOL' ? false : factsOf(datatype).bytes === 0 ? 'a plain text' : 0;
  return { name, datatype, shape: whole, data: Array.from({ length: count }, () => value) };
}

function objectIn(bytes: Uint8Array): JsonObject | undefined {
  try {
    const value = parseJsonStrict(bytes);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
