// The opcodes that push a constant: numbers, texts, bytes and empty containers. Nothing runs here; what looks like a
// pickle inside a constant is noted, because a later call may load it.
import { Broken } from './broken.js';
import { isFloat, readInteger, readRawUnicode, readString } from './literals.js';
import { nameOf, OP } from './opcodes.js';
import type { Content, Payload } from './payloads.js';
import { contentOf, contentOfText } from './payloads.js';
import { actsAsPython } from './python-text.js';
import type { Tape } from './tape.js';
import type { DictValue, IntValue, PlainValue, Value } from './values.js';
import { KEPT_TEXT } from './values.js';

const plain = (kind: PlainValue['kind']): Value => ({ kind });
const NONE = plain('none');
const BOOL = plain('bool');
const FLOAT = plain('float');
const SET = plain('set');
const BYTEARRAY = plain('bytearray');
export const LIST: Value = plain('list');
export const FROZENSET: Value = plain('frozenset');
export const EMPTY_TUPLE: Value = { kind: 'tuple', items: [], size: 0, weight: 1 };
/** Bytes of an integer that a number of JavaScript holds exactly. */
const EXACT = 6;
const BIG: IntValue = { kind: 'int', value: undefined };
/** Bytes below which a constant holds nothing that could run, and below which nothing encoded. */
const SHORTEST = 3;
const SHORTEST_ENCODED = 16;
const SMALL: readonly IntValue[] = Array.from({ length: 256 }, (_, value) => ({ kind: 'int', value }));

/** Bytes by what they hold. */
const BYTES = Object.fromEntries(
  (['pickle', 'code', 'program', 'container', 'text'] as const).map((content) => [content, { kind: 'bytes', content }]),
) as unknown as Readonly<Record<Content, Value>>;
const DATA = plain('bytes');

/** Where a constant that holds something is noted; `source` for a text that is a Python program. */
export interface ConstantNotes {
  readonly payload: (payload: Payload) => void;
  readonly source: (offset: number) => void;
}

/** The value that a constant opcode pushes. @throws Broken for an opcode that pushes none */
export function readConstant(op: number, tape: Tape, note: ConstantNotes): Value {
  switch (op) {
    case OP.NONE:
      return NONE;
    case OP.NEWTRUE:
    case OP.NEWFALSE:
      return BOOL;
    case OP.BININT:
      return integer(tape.int32());
    case OP.BININT1:
    case OP.BININT2:
      return integer(tape.number());
    case OP.INT: {
      const text = tape.text('latin1');
      return text === '00' || text === '01' ? BOOL : integer(readWrittenInteger(tape));
    }
    case OP.LONG:
      return integer(readWrittenInteger(tape));
    case OP.LONG1:
    case OP.LONG4:
      if (tape.length > 0x7fffffff) throw new Broken('LONG4 has a negative length');
      return tape.length === 0 ? integer(0) : tape.length <= EXACT ? integer(tape.signed()) : BIG;
    case OP.FLOAT:
      if (!isFloat(tape.text('latin1'))) throw new Broken('a number is not written as one');
      return FLOAT;
    case OP.BINFLOAT:
      return FLOAT;
    case OP.STRING: {
      const text = readString(tape.text('latin1'));
      if (text === undefined) throw new Broken('STRING is not quoted');
      return written(text, tape, note);
    }
    case OP.UNICODE:
      return written(readRawUnicode(tape.text('latin1')), tape, note);
    case OP.BINSTRING:
      if (tape.length > 0x7fffffff) throw new Broken('BINSTRING has a negative length');
      return counted('latin1', tape, note);
    case OP.SHORT_BINSTRING:
      return counted('latin1', tape, note);
    case OP.BINUNICODE:
    case OP.SHORT_BINUNICODE:
    case OP.BINUNICODE8:
      return counted('utf8', tape, note);
    case OP.BINBYTES:
    case OP.SHORT_BINBYTES:
    case OP.BINBYTES8:
      return bytes(tape, note);
    case OP.BYTEARRAY8:
      bytes(tape, note);
      return BYTEARRAY;
    case OP.EMPTY_TUPLE:
      return EMPTY_TUPLE;
    case OP.EMPTY_LIST:
      return LIST;
    case OP.EMPTY_SET:
      return SET;
    case OP.EMPTY_DICT:
      return newDict();
    default:
      throw new Broken(`${nameOf(op)} has no meaning here`);
  }
}

export function newDict(): DictValue {
  return { kind: 'dict', entries: undefined, whole: true, empty: true };
}

/** The number that stands on the current line; null when it is too long to hold. */
export function readWrittenInteger(tape: Tape): number | null {
  const value = readInteger(tape.text('latin1'));
  if (value === undefined) throw new Broken('a number is not written as one');
  return value;
}

function integer(value: number | null): Value {
  if (value === null) return BIG;
  return SMALL[value] ?? { kind: 'int', value };
}

function counted(encoding: 'utf8' | 'latin1', tape: Tape, note: ConstantNotes): Value {
  const { length } = tape;
  const kept = Math.min(length, KEPT_TEXT);
  const text = tape.text(encoding, kept);
  const whole = kept === length;
  if (length < SHORTEST) return { kind: 'text', text, whole };
  const offset = tape.base + tape.start;
  const found = contentOfText(text);
  if (found !== undefined) {
    const written = found.encoding === 'latin1' && encoding === 'latin1' ? 'raw' : found.encoding;
    note.payload({ offset, length, encoding: written, content: found.content });
    return { kind: 'text', text, whole, content: found.content };
  }
  if (actsAsPython(text)) note.source(offset);
  return { kind: 'text', text, whole };
}

/** A text with escapes: what it means is not what stands in the input, so a payload is noted by value. */
function written(text: string, tape: Tape, note: ConstantNotes): Value {
  const { length } = tape;
  const offset = tape.base + tape.start;
  const found = contentOfText(text);
  const value = { kind: 'text', text: text.slice(0, KEPT_TEXT), whole: text.length <= KEPT_TEXT } as const;
  if (found === undefined) {
    if (actsAsPython(text)) note.source(offset);
    return value;
  }
  const { content } = found;
  const encoding = found.encoding === 'latin1' ? 'raw' : found.encoding;
  note.payload({ offset, length, encoding, content, bytes: Buffer.from(text, 'latin1') });
  return { ...value, content };
}

function bytes(tape: Tape, note: ConstantNotes): Value {
  const { length } = tape;
  if (length < SHORTEST) return DATA;
  const offset = tape.base + tape.start;
  const content = contentOf(tape.bytes.subarray(tape.start, tape.start + Math.min(length, KEPT_TEXT)), length);
  if (content !== undefined) {
    note.payload({ offset, length, encoding: 'raw', content });
    return BYTES[content];
  }
  if (length < SHORTEST_ENCODED) return DATA;
  const text = tape.text('latin1', Math.min(length, 512));
  const found = contentOfText(text);
  if (found !== undefined && found.encoding !== 'latin1') note.payload({ offset, length, ...found });
  else if (actsAsPython(text)) note.source(offset);
  return DATA;
}
