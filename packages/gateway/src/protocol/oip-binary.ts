// The binary tensor data extension: where the JSON header ends, and a message written with some tensors replaced.
import type { JsonObject, JsonValue } from '@vallum/core';
import type { WrittenAnswer } from './answer.js';
import type { RawTensor } from './binary.js';
import { writeRaw } from './binary.js';
import { JSON_HEADERS } from './body-settings.js';
import type { ReadTensors } from './oip-tensors.js';
import { writeTensorJson } from './tensor-json.js';

const LENGTH = /^(?:0|[1-9]\d{0,9})$/;

/** @returns undefined when the header is no plain decimal number within the body */
export function headerLengthOf(header: string, bodyLength: number): number | undefined {
  if (!LENGTH.test(header)) return undefined;
  const length = Number(header);
  return length <= bodyLength ? length : undefined;
}

export function binaryHeaders(length: number): Readonly<Record<string, string>> {
  return { 'content-type': 'application/octet-stream', 'inference-header-content-length': String(length) };
}

/** New values of a tensor; the datatype stays. */
export interface Replaced extends RawTensor {
  readonly shape: readonly number[];
}

/** The message with the replaced tensors in the form in which they came; the bytes of all others stay. */
export function writeMessage(
  envelope: JsonObject,
  list: 'inputs' | 'outputs',
  { tensors, raw }: ReadTensors,
  replaced: readonly (Replaced | undefined)[],
): WrittenAnswer {
  const parts: Buffer[] = [];
  const written = (envelope[list] as readonly JsonObject[]).map((item, i): JsonValue => {
    const bytes = raw[i];
    const tensor = tensors[i];
    const next = replaced[i];
    if (next === undefined || tensor === undefined) {
      if (bytes !== undefined) parts.push(bytes);
      return item;
    }
    if (bytes === undefined) return { ...item, shape: next.shape, data: writeTensorJson(next, tensor.datatype) };
    const part = writeRaw(next, tensor.datatype);
    parts.push(part);
    const parameters = { ...(item['parameters'] as JsonObject), binary_data_size: part.length };
    return { ...item, shape: next.shape, parameters };
  });
  const json = Buffer.from(JSON.stringify({ ...envelope, [list]: written }));
  if (raw.every((bytes) => bytes === undefined)) return { body: json, headers: JSON_HEADERS };
  return { body: Buffer.concat([json, ...parts]), headers: binaryHeaders(json.length) };
}
