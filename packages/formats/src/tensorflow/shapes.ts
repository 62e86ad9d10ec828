// Which TensorFlow message a file is, by its fields: nothing in the bytes says so. Fields that no schema knows are passed
// over, as protobuf does, because a file that hides behind them loads all the same.
import type { Parser } from '../bytes/parser.js';
import type { Extent, Field } from '../protobuf/wire.js';
import { Wire, WIRE, WireError } from '../protobuf/wire.js';
import type { TensorflowKind } from './report.js';

const NAME = /^[\w.>][\w.>\\/-]*$/;
/** Entries of a list that are looked at before it is taken for something else. */
const TRIES = 256;
const MAX_FIELDS = 100_000;

/** @returns what the input is; a file can be made to be several things, and each is read */
export function* tensorflowKinds(size: number): Parser<readonly TensorflowKind[]> {
  const kinds: TensorflowKind[] = [];
  for (const [kind, test] of TESTS)
    if (yield* attempt(test(new Wire(size, MAX_FIELDS), { start: 0, end: size }))) kinds.push(kind);
  return kinds;
}

type Test = (wire: Wire, message: Extent) => Parser<boolean>;

const TESTS: readonly (readonly [TensorflowKind, Test])[] = [
  ['saved-model', (wire, message) => some(wire, message, 2, isMetaGraph)],
  ['meta-graph', isMetaGraph],
  ['graph', isGraph],
  ['keras-metadata', (wire, message) => some(wire, message, 1, isKerasNode)],
];

function* attempt(test: Parser<boolean>): Parser<boolean> {
  try {
    return yield* test;
  } catch (error) {
    if (error instanceof WireError) return false;
    throw error;
  }
}

/** Whether one of the first messages with this number passes the test. */
function* some(wire: Wire, message: Extent, number: number, test: Test): Parser<boolean> {
  let tries = TRIES;
  for (let at = message.start; at < message.end && tries > 0; tries--) {
    const field = yield* wire.field(at, message.end);
    if (field.number === number && field.wire === WIRE.bytes && (yield* attempt(test(wire, field)))) return true;
    at = field.end;
  }
  return false;
}

const META_GRAPH = { info: 1, graph: 2, saver: 3, last: 7 } as const;

function* isMetaGraph(wire: Wire, message: Extent): Parser<boolean> {
  let info = false;
  for (let at = message.start; at < message.end;) {
    const field = yield* wire.field(at, message.end);
    if (field.number <= META_GRAPH.last && field.wire !== WIRE.bytes) return false;
    if (field.number === META_GRAPH.info) info ||= yield* attempt(isMetaInfo(wire, field));
    if (field.number === META_GRAPH.graph)
      return (yield* attempt(isGraph(wire, field))) || (info && (yield* attempt(isVersions(wire, field))));
    at = field.end;
  }
  return false;
}

function* isMetaInfo(wire: Wire, message: Extent): Parser<boolean> {
  const fields = yield* wire.fields(message);
  return fields.some(({ number }) => number >= 2 && number <= 6) && fields.every(({ number }) => number <= 16);
}

/** A graph with no node, which a SavedModel of functions alone may have. */
function* isVersions(wire: Wire, message: Extent): Parser<boolean> {
  const fields = yield* wire.fields(message);
  return fields.every(({ number, wire: type }) => number === 4 && type === WIRE.bytes);
}

function* isGraph(wire: Wire, message: Extent): Parser<boolean> {
  return (
    (yield* mostlyNodes(wire, message)) ||
    (yield* some(wire, message, 2, (inner, library) => some(inner, library, 1, isFunction)))
  );
}

// Some nodes of other makers' graphs look like these by chance, and one node of these may be made to look like none.
function* mostlyNodes(wire: Wire, message: Extent): Parser<boolean> {
  let nodes = 0;
  let others = 0;
  let at = message.start;
  try {
    while (at < message.end && nodes + others < TRIES) {
      const field = yield* wire.field(at, message.end);
      if (field.number === 1 && field.wire !== WIRE.bytes) return false;
      if (field.number === 1 && (yield* attempt(isNode(wire, field)))) nodes += 1;
      else if (field.number === 1) others += 1;
      at = field.end;
    }
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
  }
  return nodes > others;
}

function* isFunction(wire: Wire, message: Extent): Parser<boolean> {
  for (let at = message.start; at < message.end;) {
    const field = yield* wire.field(at, message.end);
    if (field.number === 3 && field.wire === WIRE.bytes) return yield* isNode(wire, field);
    at = field.end;
  }
  return false;
}

const NODE = { name: 1, op: 2, device: 4, attribute: 5 } as const;

// A device starts with a slash, or TensorFlow refuses the graph; in graphs of other makers this field holds names.
function* isNode(wire: Wire, message: Extent): Parser<boolean> {
  let name = false;
  let op = false;
  for (let at = message.start; at < message.end;) {
    const field = yield* wire.field(at, message.end);
    if (field.number <= 7 && field.wire !== WIRE.bytes) return false;
    if (field.number === NODE.name) name = NAME.test(yield* wire.text(field, 1024));
    else if (field.number === NODE.op) op = isOperator(yield* wire.text(field, 200));
    else if (field.number === NODE.device && !/^(?:\/|$)/.test(yield* wire.text(field, 200))) return false;
    else if (field.number === NODE.attribute && !(yield* isPair(wire, field))) return false;
    at = field.end;
  }
  return name && op;
}

/** MediaPipe's graphs are alike, and their operators are calculators. */
function isOperator(name: string): boolean {
  return NAME.test(name) && !name.endsWith('Calculator');
}

function* isPair(wire: Wire, message: Extent): Parser<boolean> {
  const known = (field: Field): boolean => field.number > 2 || field.wire === WIRE.bytes;
  for (let at = message.start; at < message.end;) {
    const field = yield* wire.field(at, message.end);
    if (!known(field)) return false;
    at = field.end;
  }
  return true;
}

/** One object of `keras_metadata.pb`. */
function* isKerasNode(wire: Wire, message: Extent): Parser<boolean> {
  let identifier = '';
  for (const field of yield* wire.fields(message)) if (field.number === 4) identifier = yield* wire.text(field, 200);
  return /^_tf_keras_/.test(identifier);
}
