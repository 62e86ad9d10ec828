// Universal Binary JSON (ubjson.org, draft 12) as XGBoost writes models: big-endian, with containers of one type (`$`) and of
// a stated count (`#`). Counts are the attacker's: a container of nulls needs no bytes for 2^60 elements, so every count is
// held against what is left. Lists of integers are kept, because they are tree structure; lists of floats are only counted.
import type { Parser } from '../bytes/parser.js';
import { Cursor, CursorError } from '../bytes/cursor.js';

export interface UbjsonLimits {
  readonly maxValues: number;
  readonly maxDepth: number;
  /** Bytes of all texts and integers that are kept. */
  readonly maxKept: number;
}

export const UBJSON_LIMITS: UbjsonLimits = { maxValues: 5_000_000, maxDepth: 200, maxKept: 64 * 1024 * 1024 };

/** A list of numbers of one type; `at` is undefined for floats, which are not kept. */
export class NumberRun {
  readonly length: number;
  readonly #values: Float64Array | Int32Array | undefined;

  constructor(length: number, values: Float64Array | Int32Array | undefined) {
    this.length = length;
    this.#values = values;
  }

  get whole(): boolean {
    return this.#values !== undefined;
  }

  at(index: number): number | undefined {
    return this.#values?.[index];
  }
}

export type UbjsonValue =
  null | boolean | number | string | NumberRun | readonly UbjsonValue[] | { readonly [key: string]: UbjsonValue };

export interface UbjsonReport {
  /** Undefined when it could not be read. */
  readonly value: UbjsonValue | undefined;
  readonly values: number;
  /** Keys that stand twice in one object. */
  readonly duplicates: readonly string[];
  /** Offset behind the value. */
  readonly end: number;
  readonly fault?: string;
}

export function* readUbjson(size: number, limits: UbjsonLimits = UBJSON_LIMITS): Parser<UbjsonReport> {
  const reader = new UbjsonReader(size, limits);
  try {
    const value = yield* reader.document();
    return reader.report(value, undefined);
  } catch (error) {
    if (!(error instanceof CursorError)) throw error;
    return reader.report(undefined, error.message);
  }
}

/** True for an object or list that starts as UBJSON does, and not as a text, and can be read up to the end or far. */
export function* looksLikeUbjson(size: number): Parser<boolean> {
  const head = yield { offset: 0, length: 2 };
  const start = Buffer.from(head).toString('latin1');
  if (!/^(?:\{[iUIlL$#]|\[[$#{[])/.test(start)) return false;
  const limits = { maxValues: 20_000, maxDepth: 64, maxKept: 1024 * 1024 };
  const report = yield* readUbjson(size, limits);
  return report.value === undefined ? report.values >= 8 : report.end === size || report.values >= 8;
}

const WIDTH: Readonly<Record<string, number>> = {
  i: 1,
  U: 1,
  I: 2,
  l: 4,
  L: 8,
  d: 4,
  D: 8,
  h: 2,
  C: 1,
  T: 0,
  F: 0,
  Z: 0,
  N: 0,
};
const EMPTY_ELEMENTS = 1_000_000;
const PIECE = 64 * 1024;

class UbjsonReader {
  readonly #cursor: Cursor;
  readonly #limits: UbjsonLimits;
  readonly #duplicates = new Set<string>();
  #values = 0;
  #kept = 0;

  constructor(size: number, limits: UbjsonLimits) {
    this.#cursor = new Cursor(0, size);
    this.#limits = limits;
  }

  report(value: UbjsonValue | undefined, fault: string | undefined): UbjsonReport {
    const report = { value, values: this.#values, duplicates: [...this.#duplicates], end: this.#cursor.at };
    return fault === undefined ? report : { ...report, fault };
  }

  *document(): Parser<UbjsonValue> {
    return yield* this.#value(yield* this.#marker(), 0);
  }

  /** The next marker that is no filler. */
  *#marker(): Parser<string> {
    for (;;) {
      if (!this.#cursor.holds(1)) yield* this.#cursor.fill(1);
      const marker = String.fromCharCode(this.#cursor.byte());
      if (marker !== 'N') return marker;
    }
  }

  *#value(marker: string, depth: number): Parser<UbjsonValue> {
    const cursor = this.#cursor;
    if (++this.#values > this.#limits.maxValues)
      throw new CursorError(`it holds more than ${this.#limits.maxValues} values`);
    switch (marker) {
      case 'Z':
        return null;
      case 'T':
        return true;
      case 'F':
        return false;
      case 'S':
      case 'H':
        return yield* this.#text(yield* this.#count(yield* this.#marker()));
      case 'C':
        return (yield* cursor.need(1)).toString('latin1');
      case '[':
      case '{':
        if (depth >= this.#limits.maxDepth)
          throw new CursorError(`it is nested deeper than ${this.#limits.maxDepth}, at offset ${cursor.at}`);
        return yield* marker === '[' ? this.#list(depth + 1) : this.#object(depth + 1);
      default: {
        const width = WIDTH[marker];
        if (width === undefined)
          throw new CursorError(`the marker ${JSON.stringify(marker)} is not known, at offset ${cursor.at - 1}`);
        return numberIn(marker, yield* cursor.need(width), 0);
      }
    }
  }

  *#text(length: number): Parser<string> {
    this.#keep(length);
    return (yield* this.#cursor.need(this.#fits(length, 1))).toString('utf8');
  }

  /** A count or length: one number that is not negative. */
  *#count(marker: string): Parser<number> {
    const width = 'iUIlL'.includes(marker) ? WIDTH[marker] : undefined;
    if (width === undefined) throw new CursorError(`a length is no number, at offset ${this.#cursor.at - 1}`);
    const count = numberIn(marker, yield* this.#cursor.need(width), 0);
    if (!(count >= 0)) throw new CursorError(`a length is negative, at offset ${this.#cursor.at - width}`);
    return count;
  }

  #fits(count: number, width: number): number {
    const room = width === 0 ? EMPTY_ELEMENTS : this.#cursor.left / width;
    if (count > room)
      throw new CursorError(
        `it announces ${count} elements where ${this.#cursor.left} bytes are left, at offset ${this.#cursor.at}`,
      );
    return count;
  }

  #keep(bytes: number): void {
    this.#kept += bytes;
    if (this.#kept > this.#limits.maxKept)
      throw new CursorError(`its texts and integers have more than ${this.#limits.maxKept} bytes`);
  }

  /** What may stand behind the opening of a container: a type for all, a count, or the first marker of its content. */
  *#opening(): Parser<{ readonly type?: string; readonly count?: number; readonly first?: string }> {
    let marker = yield* this.#marker();
    if (marker !== '$' && marker !== '#') return { first: marker };
    let type: string | undefined;
    if (marker === '$') {
      type = (yield* this.#cursor.need(1)).toString('latin1');
      marker = (yield* this.#cursor.need(1)).toString('latin1');
      if (marker !== '#') throw new CursorError(`a type without a count, at offset ${this.#cursor.at - 1}`);
    }
    const count = yield* this.#count(yield* this.#marker());
    return type === undefined ? { count } : { type, count };
  }

  *#list(depth: number): Parser<UbjsonValue> {
    const { type, count, first } = yield* this.#opening();
    const width = type === undefined ? undefined : WIDTH[type];
    if (type !== undefined && width !== undefined && width > 0 && type !== 'C')
      return yield* this.#run(type, this.#fits(count ?? 0, width), width);
    const items: UbjsonValue[] = [];
    if (count !== undefined) {
      this.#fits(count, width ?? 1);
      while (items.length < count) items.push(yield* this.#value(type ?? (yield* this.#marker()), depth));
      return items;
    }
    for (let marker = first ?? (yield* this.#marker()); marker !== ']'; marker = yield* this.#marker())
      items.push(yield* this.#value(marker, depth));
    return items;
  }

  *#run(type: string, count: number, width: number): Parser<NumberRun> {
    this.#values += 1;
    if (type === 'd' || type === 'D' || type === 'h') {
      this.#cursor.skip(count * width);
      return new NumberRun(count, undefined);
    }
    this.#keep(count * (type === 'L' ? 8 : 4));
    const values = type === 'L' ? new Float64Array(count) : new Int32Array(count);
    const step = PIECE / 8;
    for (let from = 0; from < count; from += step) {
      const length = Math.min(step, count - from);
      const bytes = yield* this.#cursor.need(length * width);
      for (let index = 0; index < length; index++) values[from + index] = numberIn(type, bytes, index * width);
    }
    return new NumberRun(count, values);
  }

  *#object(depth: number): Parser<UbjsonValue> {
    const { type, count, first } = yield* this.#opening();
    const entries = new Map<string, UbjsonValue>();
    if (count !== undefined) this.#fits(count, 1);
    let marker = count === undefined ? (first ?? '}') : count > 0 ? yield* this.#marker() : '}';
    for (let done = 0; marker !== '}' && (count === undefined || done < count); done++) {
      const key = yield* this.#text(yield* this.#count(marker));
      if (entries.has(key) && this.#duplicates.size < 100) this.#duplicates.add(key.slice(0, 80));
      entries.set(key, yield* this.#value(type ?? (yield* this.#marker()), depth));
      if (count === undefined || done + 1 < count) marker = yield* this.#marker();
    }
    return Object.fromEntries<UbjsonValue>(entries);
  }
}

function numberIn(type: string, bytes: Buffer, at: number): number {
  switch (type) {
    case 'i':
      return bytes.readInt8(at);
    case 'U':
      return bytes.readUInt8(at);
    case 'I':
      return bytes.readInt16BE(at);
    case 'l':
      return bytes.readInt32BE(at);
    case 'L':
      return Number(bytes.readBigInt64BE(at));
    case 'd':
      return bytes.readFloatBE(at);
    case 'D':
      return bytes.readDoubleBE(at);
    default:
      return 0;
  }
}
