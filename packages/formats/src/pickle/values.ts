// What the abstract machine puts on its stack: enough of each value to know what a call would call, and no more.
// The attacker decides how many there are, so every value is small: long texts keep their start, tuples their first items.

import type { Content } from './payloads.js';

/** Characters and bytes of a constant that a value keeps. */
export const KEPT_TEXT = 4096;
/** Items of a tuple that a value keeps. */
export const KEPT_ITEMS = 16;
/** Keys of a dict whose values are always kept: what joblib says of an array that stands in the stream, and a
 * class that slots would set. */
export const KEPT_KEYS: ReadonlySet<string> = new Set(['shape', 'dtype', 'numpy_array_alignment_bytes', '__class__']);

/** A name that the stream imports. One object per (module, name) in a stream, with what was done to it. */
export interface GlobalValue {
  readonly kind: 'global';
  readonly module: string;
  /** May be dotted: protocol 4 walks attributes. */
  readonly name: string;
  readonly op: string;
  /** Offset of the opcode that first imported it. */
  readonly offset: number;
  /** It was the callable of REDUCE, INST or OBJ. */
  called: boolean;
  /** It was the class of NEWOBJ or NEWOBJ_EX. */
  built: boolean;
  /** It stands in data: in a container, a state, an id, or as what the stream returns. */
  referenced: boolean;
  /** Imported below protocol 3, where CPython maps the names of Python 2 (`fix_imports`). */
  readonly python2: boolean;
  /** Seen only where the bytes of arrays between the opcodes are taken for opcodes too. */
  doubtful?: true;
}

export interface TextValue {
  readonly kind: 'text';
  /** At most KEPT_TEXT characters. */
  readonly text: string;
  readonly whole: boolean;
  /** What the text carries, when it is more than a text. */
  readonly content?: Content;
}

export interface TupleValue {
  readonly kind: 'tuple';
  /** The first KEPT_ITEMS. */
  readonly items: readonly Value[];
  readonly size: number;
  /** Objects that it unfolds to when it is hashed or compared: tuples that hold one another many times. */
  readonly weight: number;
}

export interface DictValue {
  readonly kind: 'dict';
  /** Those under the keys that the limits name. */
  entries: Map<string, Value> | undefined;
  /** False when there are keys that are no text, which could equal one that is kept. */
  whole: boolean;
  /** Nothing was put into it. */
  empty: boolean;
}

/** What a call returned. */
export interface ResultValue {
  readonly kind: 'result';
  readonly callee: Value;
  readonly args: Value;
  /** The last state that BUILD set, kept for `numpy.dtype` only. */
  state?: Value;
  /** BUILD has set a state. */
  stated?: true;
}

/** What NEWOBJ or NEWOBJ_EX made: `cls.__new__(cls, *args)`. */
export interface InstanceValue {
  readonly kind: 'instance';
  readonly of: Value;
  readonly args: Value;
  /** BUILD has set a state. */
  stated?: true;
}

export interface PersistentValue {
  readonly kind: 'persistent';
  readonly id: Value;
}

export interface PlainValue {
  readonly kind:
    'none' | 'bool' | 'float' | 'bytes' | 'list' | 'set' | 'frozenset' | 'bytearray' | 'buffer' | 'extension';
  /** What bytes carry, when they are more than data. */
  readonly content?: Content;
}

export interface IntValue {
  readonly kind: 'int';
  /** Undefined for integers that a double cannot hold. */
  readonly value: number | undefined;
}

export type Value =
  | GlobalValue
  | TextValue
  | TupleValue
  | DictValue
  | ResultValue
  | InstanceValue
  | PersistentValue
  | PlainValue
  | IntValue;

/** Something the stream does that runs code of an object that it chose. */
export interface CallSite {
  /** What happens: a call, a `__new__`, a state set, items put, a persistent id or an extension code resolved. */
  readonly how: 'call' | 'new' | 'build' | 'items' | 'persistent' | 'extension' | 'import';
  readonly op: string;
  /** Byte offset of the opcode in the input. */
  readonly offset: number;
  /** What is called, built or changed; for `persistent` the id. */
  readonly target: Value;
  /** For `items` a dict with the kept keys. */
  readonly args: Value;
  /** BUILD has set the state of the target before. */
  readonly stated: boolean;
  /** Keyword arguments of NEWOBJ_EX. */
  readonly named?: Value;
}

/** True for `__name__`: names that Python itself looks up on objects. */
export function isDunder(text: string): boolean {
  return text.length > 4 && text.startsWith('__') && text.endsWith('__');
}

/** `os.system`, `the result of os.system`: for messages, bounded. */
export function describe(value: Value, depth = 3): string {
  switch (value.kind) {
    case 'global':
      return `${clip(value.module)}.${clip(value.name)}`;
    case 'result':
      return depth === 0 ? 'the result of a call' : `the result of ${describe(value.callee, depth - 1)}`;
    case 'instance':
      return depth === 0 ? 'an instance' : `an instance of ${describe(value.of, depth - 1)}`;
    case 'persistent':
      return 'a persistent object';
    case 'extension':
      return 'an object of the extension registry';
    case 'text':
      return JSON.stringify(clip(value.text));
    default:
      return `a ${value.kind}`;
  }
}

function clip(text: string): string {
  const printable = text.replace(/[^\x20-\x7e\u00a0-\uffff]/g, '?');
  return printable.length > 80 ? `${printable.slice(0, 80)}...` : printable;
}

/** False for constants and containers: calling one, or setting its state, raises in CPython. */
export function mayBeCallable(value: Value): boolean {
  switch (value.kind) {
    case 'global':
    case 'result':
    case 'instance':
    case 'persistent':
    case 'extension':
      return true;
    default:
      return false;
  }
}
