// Protobuf messages of other model formats, told apart by the fields of their outer message and of the first inner ones.
import type { Parser } from '../bytes/parser.js';
import type { Extent, Field } from '../protobuf/wire.js';
import { Wire, WIRE, WireError } from '../protobuf/wire.js';
import type { RecognisedFormat } from './formats.js';

/** Outer fields that are looked at; weights and layers stand early in all of these formats. */
const MAX_OUTER = 5000;

interface Outer {
  /** First field of each number. */
  readonly first: ReadonlyMap<number, Field>;
  /** Fields of each number have one wire type. */
  readonly even: boolean;
  readonly count: number;
}

type Inner = ReadonlyMap<number, Field>;

export function* protobufFormat(size: number): Parser<RecognisedFormat | undefined> {
  if (size < 4) return undefined;
  const wire = new Wire(size, 50_000);
  const outer = yield* outerFields(wire, size);
  if (outer === undefined || !outer.even) return undefined;
  for (const [format, test] of SHAPES) {
    try {
      if (yield* test(wire, outer, size)) return format;
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
    }
  }
  return undefined;
}

function* outerFields(wire: Wire, size: number): Parser<Outer | undefined> {
  const first = new Map<number, Field>();
  let even = true;
  let count = 0;
  try {
    for (let at = 0; at < size && count < MAX_OUTER; count++) {
      const field = yield* wire.field(at, size);
      const known = first.get(field.number);
      if (known === undefined) first.set(field.number, field);
      else even &&= known.wire === field.wire;
      at = field.end;
    }
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    if (count === 0) return undefined;
  }
  return { first, even, count };
}

function* inner(wire: Wire, message: Extent | undefined): Parser<Inner> {
  const first = new Map<number, Field>();
  if (message !== undefined)
    for (const field of yield* wire.fields(message)) if (!first.has(field.number)) first.set(field.number, field);
  return first;
}

const is = (fields: Inner, number: number, wire: number): boolean => fields.get(number)?.wire === wire;

function* textAt(wire: Wire, fields: Inner, number: number): Parser<string> {
  const field = fields.get(number);
  return field?.wire === WIRE.bytes ? yield* wire.text(field, 200) : '';
}

type Shape = readonly [RecognisedFormat, (wire: Wire, outer: Outer, size: number) => Parser<boolean>];

const SHAPES: readonly Shape[] = [
  [
    'tensorflow-fingerprint',
    function* (wire, { first, count }) {
      const numbers = [1, 2, 3, 4, 5].filter((number) => is(first, number, WIRE.varint));
      if (numbers.length < 3 || [...first.keys()].some((number) => number > 7) || count > 7) return false;
      return /^(?:\d{5,40}|[0-9a-f-]{36}|)$/.test(yield* textAt(wire, first, 7));
    },
  ],
  [
    'sentencepiece',
    function* (wire, { first }) {
      const piece = yield* inner(wire, bytes(first.get(1)));
      return (
        is(piece, 1, WIRE.bytes) && is(piece, 2, WIRE.four) && (is(first, 2, WIRE.bytes) || is(first, 3, WIRE.bytes))
      );
    },
  ],
  [
    'coreml',
    function* (wire, { first }) {
      const version = first.get(1);
      if (version?.wire !== WIRE.varint || version.value > 100 || !is(first, 2, WIRE.bytes)) return false;
      if (![...first].some(([number, { wire: type }]) => number >= 200 && number <= 3000 && type === WIRE.bytes))
        return false;
      return [...(yield* inner(wire, first.get(2))).keys()].every((number) => number <= 100);
    },
  ],
  [
    'caffe',
    function* (wire, { first }) {
      const layer = yield* inner(wire, bytes(first.get(100)));
      if (is(layer, 1, WIRE.bytes) && is(layer, 2, WIRE.bytes)) return /^[A-Z]\w+$/.test(yield* textAt(wire, layer, 2));
      // Layers of the first version: name 4 and type 5.
      const old = yield* inner(wire, bytes(first.get(2)));
      return is(first, 1, WIRE.bytes) && is(old, 4, WIRE.bytes) && is(old, 5, WIRE.varint);
    },
  ],
  [
    'paddle',
    function* (wire, { first }) {
      const block = yield* inner(wire, bytes(first.get(1)));
      if (!is(block, 1, WIRE.varint) || !is(block, 2, WIRE.varint) || block.get(1)?.value !== 0) return false;
      const variable = yield* inner(wire, bytes(block.get(3)));
      return is(variable, 1, WIRE.bytes) && is(variable, 2, WIRE.bytes);
    },
  ],
  [
    'cntk',
    function* (wire, { first }) {
      if (!is(first, 1, WIRE.varint)) return false;
      return /^(?:type|uid|root_uid|version|inputs|primitive_functions)$/.test(
        yield* textAt(wire, yield* inner(wire, bytes(first.get(2))), 1),
      );
    },
  ],
  [
    'mediapipe',
    function* (wire, _outer, size) {
      let tries = 32;
      for (let at = 0; at < size && tries > 0; tries--) {
        const field = yield* wire.field(at, size);
        if (field.number === 1 && field.wire === WIRE.bytes)
          if (/^[A-Z]\w*Calculator$/.test(yield* textAt(wire, yield* inner(wire, field), 2))) return true;
        at = field.end;
      }
      return false;
    },
  ],
];

function bytes(field: Field | undefined): Field | undefined {
  return field?.wire === WIRE.bytes ? field : undefined;
}
