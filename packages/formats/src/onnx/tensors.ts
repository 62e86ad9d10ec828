// One tensor of an ONNX model: where its data lies and whether its shape explains it. Sizes are the attacker's; a shape
// without data behind it makes a loader allocate what the shape says.
import type { Parser } from '../bytes/parser.js';
import type { Field, WireReader } from './wire.js';
import { WireError } from './wire.js';

export interface TensorFacts {
  readonly name: string;
  /** Keys and values of `external_data`, as often as they stand there. */
  readonly place: readonly (readonly [string, string])[];
  readonly outside: boolean;
  /** What is wrong with its shape, as the end of a sentence. */
  readonly problem?: string;
}

const TENSOR = {
  dims: 1,
  type: 2,
  floats: 4,
  int32s: 5,
  strings: 6,
  int64s: 7,
  name: 8,
  raw: 9,
  doubles: 10,
  uint64s: 11,
  external: 13,
  place: 14,
} as const;
const STRING = 8;
/** Bits of one element by TensorProto.DataType; strings and the types of six bits have no fixed place in bytes. */
const BITS: Readonly<Record<number, number>> = {
  1: 32,
  2: 8,
  3: 8,
  4: 16,
  5: 16,
  6: 32,
  7: 64,
  9: 8,
  10: 16,
  11: 64,
  12: 32,
  13: 64,
  14: 64,
  15: 128,
  16: 16,
  17: 8,
  18: 8,
  19: 8,
  20: 8,
  21: 4,
  22: 4,
  23: 4,
  24: 8,
  25: 2,
  26: 2,
};
const MAX_PLACE = 16;

export function* readTensor(wire: WireReader, message: Field): Parser<TensorFacts> {
  if (message.wire !== 2) throw new WireError('a tensor is no message');
  let elements = 1;
  let type = 0;
  let raw: number | undefined;
  let name = '';
  let outside = false;
  // Values in lists of their own: no more than so many, and exactly so many where their width is fixed.
  let most = 0;
  const place: [string, string][] = [];
  for (let at = message.start; at < message.end;) {
    const field = yield* wire.field(at, message.end);
    at = field.end;
    if (field.number === TENSOR.dims) elements *= yield* dimensions(wire, field);
    else if (field.number === TENSOR.type) type = field.value;
    else if (field.number === TENSOR.name) name = yield* wire.text(field, 200);
    else if (field.number === TENSOR.raw) raw = field.end - field.start;
    else if (field.number === TENSOR.place) outside = field.value === 1;
    else if (field.number === TENSOR.external) {
      if (place.length >= MAX_PLACE) throw new WireError('a tensor says too much about where it lies');
      place.push(yield* pair(wire, field));
    } else most += valuesIn(field);
  }
  const facts = { name, place, outside: outside || place.length > 0 };
  const problem = outside ? tooLarge(elements) : (tooLarge(elements) ?? unexplained({ elements, type, raw, most }));
  return problem === undefined ? facts : { ...facts, problem: `the tensor ${JSON.stringify(name)} ${problem}` };
}

function tooLarge(elements: number): string | undefined {
  return elements < 2 ** 63 ? undefined : 'has a shape that overflows 64 bits';
}

interface Measured {
  readonly elements: number;
  readonly type: number;
  readonly raw: number | undefined;
  readonly most: number;
}

function unexplained({ elements, type, raw, most }: Measured): string | undefined {
  const bits = BITS[type];
  if (raw !== undefined)
    return bits === undefined || raw === Math.ceil((elements * bits) / 8)
      ? undefined
      : `has ${raw} bytes that its shape does not explain`;
  if (bits === undefined && type !== STRING) return undefined;
  // Numbers below eight bits may share one value; complex numbers take two.
  const perValue = bits !== undefined && bits < 8 ? 8 / bits : type === 14 || type === 15 ? 0.5 : 1;
  return elements > most * perValue ? `has a shape of ${elements} elements and holds ${most * perValue}` : undefined;
}

/** How many values a field of typed data can hold. */
function valuesIn(field: Field): number {
  const length = field.end - field.start;
  switch (field.number) {
    case TENSOR.floats:
      return length / 4;
    case TENSOR.doubles:
      return length / 8;
    case TENSOR.strings:
      return 1;
    case TENSOR.int32s:
    case TENSOR.int64s:
    case TENSOR.uint64s:
      return field.wire === 2 ? length : 1;
    default:
      return 0;
  }
}

/** The product of the dimensions in a field, packed or not. A negative one is a number of 64 bits. */
function* dimensions(wire: WireReader, field: Field): Parser<number> {
  if (field.wire === 0) return field.value;
  if (field.end - field.start > 4096) throw new WireError('a tensor has too many dimensions');
  const bytes = yield* wire.bytes(field, 4096);
  let product = 1;
  let value = 0;
  let factor = 1;
  for (const byte of bytes) {
    value += (byte & 0x7f) * factor;
    factor *= 128;
    if (byte >= 0x80) continue;
    product *= value;
    value = 0;
    factor = 1;
  }
  return product;
}

/** A StringStringEntryProto. */
export function* pair(wire: WireReader, message: Field, limit = 64 * 1024): Parser<[string, string]> {
  if (message.wire !== 2) throw new WireError('a pair of texts is no message');
  let key = '';
  let value = '';
  for (let at = message.start; at < message.end;) {
    const field = yield* wire.field(at, message.end);
    if (field.number === 1) key = yield* wire.text(field, 200);
    else if (field.number === 2) value = yield* wire.text(field, limit);
    at = field.end;
  }
  return [key, value];
}
