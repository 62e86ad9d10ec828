// The opcodes that push a constant: numbers, texts, bytes and empty containers. Nothing runs here; what looks like a
// pickle inside a constant is noted, because a later call may load it.
import { Broken } from './broken.js';
import { isFloat, readInteger, readRawUnicode, readString } from './literals.js';
import { nameOf, OP } from './opcodes.js';
import type { Payload } from './payloads.js';
import { carriesPickle, encodedPickle, startsAsPickle } from './payloads.js';
import type { Tape } from './tape.js';
import type { DictValue, IntValue, PlainValue, Value } from './values.js';
import { KEPT_TEXT } from './values.js';

const plain = (kind: PlainValue['kind']): Value => ({ kind });
const NONE = plain('none');
const BOOL = plain('bool');
const FLOAT = plain('float');
const BYTES = plain('bytes');
const SET = plain('set');
const BYTEARRAY = plain('bytearray');
export const LIST: Value = plain('list');
export const FROZENSET: Value = plain('frozenset');
export const EMPTY_TUPLE: Value = { kind: 'tuple', items: [], size: 0 };
const BIG: IntValue = { kind: 'int', value: undefined };
const SMALL: readonly IntValue[] = Array.from({ length: 256 }, (_, value) => ({ kind: 'int', value }));

type Note = (payload: Payload) => void;

/** The value that a constant opcode pushes. @throws Broken for an opcode that pushes none */
export function readConstant(op: number, tape: Tape, note: Note): Value {
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
      return tape.length === 0 ? integer(0) : tape.length === 1 ? integer(tape.int8()) : BIG;
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
      noteBytes(tape, note);
      return BYTES;
    case OP.BYTEARRAY8:
      noteBytes(tape, note);
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
  return { kind: 'dict', entries: new Map(), whole: true };
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

function counted(encoding: 'utf8' | 'latin1', tape: Tape, note: Note): Value {
  const kept = Math.min(tape.length, KEPT_TEXT);
  const text = tape.text(encoding, kept);
  const offset = tape.base + tape.start;
  if (carriesPickle(text) !== undefined) note({ offset, length: tape.length, encoding: 'raw' });
  const encoded = encodedPickle(text);
  if (encoded !== undefined) note({ offset, length: tape.length, encoding: encoded });
  return { kind: 'text', text, whole: kept === tape.length };
}

/** A text with escapes: what it means is not what stands in the input, so a payload is noted by value. */
function written(text: string, tape: Tape, note: Note): Value {
  const { length } = tape;
  const offset = tape.base + tape.start;
  const bytes = carriesPickle(text);
  if (bytes !== undefined) note({ offset, length, encoding: 'raw', bytes });
  const encoding = encodedPickle(text);
  if (encoding !== undefined) note({ offset, length, encoding, bytes: Buffer.from(text, 'latin1') });
  return { kind: 'text', text: text.slice(0, KEPT_TEXT), whole: text.length <= KEPT_TEXT };
}

function noteBytes(tape: Tape, note: Note): void {
  const { length } = tape;
  const offset = tape.base + tape.start;
  if (startsAsPickle(tape.bytes.subarray(tape.start, tape.start + Math.min(length, KEPT_TEXT))))
    note({ offset, length, encoding: 'raw' });
  else if (length >= 16) {
    const encoding = encodedPickle(tape.text('latin1', Math.min(length, 256)));
    if (encoding !== undefined) note({ offset, length, encoding });
  }
}
