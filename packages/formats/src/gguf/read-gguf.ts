// Reads the header of a GGUF file (ggml-org/ggml, docs/gguf.md), versions 1 to 3 and both byte orders. Every count, length,
// shape and offset in it is the attacker's, and loaders in C have trusted each of them: counts (CVE-2024-25664,
// CVE-2024-25666), lengths of texts and arrays (CVE-2024-25665, CVE-2024-25667, CVE-2024-23496), dimensions
// (CVE-2024-21802), sizes that overflow (CVE-2025-53630, CVE-2026-27940). Tensor data is never read.
import type { Parser } from '../bytes/parser.js';
import { Cursor, GgufFault } from './cursor.js';
import type { GgufProblem, GgufProblemCode } from './problems.js';
import { checkTensors } from './tensors.js';
import type { TensorInfo } from './tensors.js';

export interface GgufLimits {
  readonly maxKeys: number;
  readonly maxTensors: number;
  /** Elements of arrays of texts, over the whole file. */
  readonly maxElements: number;
  /** Texts that are told of. */
  readonly maxTexts: number;
  /** Arrays inside arrays. */
  readonly maxNesting: number;
}

export const GGUF_LIMITS: GgufLimits = {
  maxKeys: 65_536,
  maxTensors: 500_000,
  maxElements: 20_000_000,
  maxTexts: 5000,
  maxNesting: 4,
};

/** Where a text of the metadata lies. */
export interface GgufText {
  readonly key: string;
  readonly offset: number;
  readonly length: number;
  /** One of an array; only those that hold both ends of a Jinja tag are told of. */
  readonly element: boolean;
}

export interface GgufReport {
  readonly version: number;
  readonly littleEndian: boolean;
  readonly keys: number;
  readonly tensors: number;
  readonly texts: readonly GgufText[];
  /** Types of values by key, of the keys that are not texts. */
  readonly otherTypes: ReadonlyMap<string, number>;
  readonly problems: readonly GgufProblem[];
  /** Tensor types of no table, by number. */
  readonly unknownTypes: readonly number[];
  /** Why reading stopped. */
  readonly fault?: string;
}

export function* readGguf(size: number, limits: GgufLimits = GGUF_LIMITS): Parser<GgufReport> {
  const reader = new GgufReader(size, limits);
  try {
    yield* reader.file();
  } catch (error) {
    if (!(error instanceof GgufFault)) throw error;
    return { ...reader.report(), fault: error.message };
  }
  return reader.report();
}

const STRING = 8;
const ARRAY = 9;
const UINT32 = 4;
const BOOL = 7;
/** Bytes of a scalar by type of value. */
const WIDTH: Readonly<Record<number, number>> = {
  0: 1,
  1: 1,
  2: 2,
  3: 2,
  4: 4,
  5: 4,
  6: 4,
  7: 1,
  10: 8,
  11: 8,
  12: 8,
};
const MAX_ALIGNMENT = 64 * 1024;
const MAX_NAME = 64 * 1024;
const MAX_PROBLEMS = 100;
const OPENERS = [Buffer.from('{{'), Buffer.from('{%')] as const;

class GgufReader {
  readonly #cursor: Cursor;
  readonly #limits: GgufLimits;
  readonly #problems: GgufProblem[] = [];
  readonly #texts: GgufText[] = [];
  readonly #keys = new Set<string>();
  readonly #otherTypes = new Map<string, number>();
  readonly #tensors: TensorInfo[] = [];
  readonly #unknownTypes = new Set<number>();
  #version = 0;
  #alignment = 32;
  #elements = 0;

  constructor(size: number, limits: GgufLimits) {
    this.#cursor = new Cursor(size);
    this.#limits = limits;
  }

  report(): GgufReport {
    return {
      version: this.#version,
      littleEndian: this.#cursor.littleEndian,
      keys: this.#keys.size,
      tensors: this.#tensors.length,
      texts: this.#texts,
      otherTypes: this.#otherTypes,
      problems: this.#problems,
      unknownTypes: [...this.#unknownTypes],
    };
  }

  *file(): Parser<void> {
    const cursor = this.#cursor;
    yield* cursor.fill(8);
    if (cursor.peek(4).toString('latin1') !== 'GGUF') throw new GgufFault('it does not start with GGUF');
    cursor.at = 4;
    let version = cursor.u32();
    // The magic is the same in both byte orders; a version whose low half is empty was written in the other one.
    if ((version & 0xffff) === 0) {
      cursor.littleEndian = false;
      cursor.at = 4;
      version = cursor.u32();
    }
    this.#version = version;
    if (version < 1 || version > 3) throw new GgufFault(`version ${version} is not known`);
    const tensors = yield* this.#number();
    const keys = yield* this.#number();
    // Names and values of one entry need at least so many bytes.
    const [leastKey, leastTensor] = version === 1 ? [9, 16] : [13, 24];
    this.#checkCount(keys, leastKey, this.#limits.maxKeys, 'keys');
    this.#checkCount(tensors, leastTensor, this.#limits.maxTensors, 'tensors');
    for (let index = 0; index < keys; index++) yield* this.#pair();
    for (let index = 0; index < tensors; index++) yield* this.#tensor();
    const report = checkTensors(this.#tensors, { headerEnd: cursor.at, alignment: this.#alignment, size: cursor.size });
    for (const { code, message, offset } of report.problems) this.#problem(code, message, offset);
    for (const type of report.unknownTypes) this.#unknownTypes.add(type);
  }

  #checkCount(count: number, least: number, most: number, what: string): void {
    const room = this.#cursor.size - this.#cursor.at;
    if (count * least > room) {
      this.#problem('count', `it claims ${count} ${what} and has ${room} bytes for them`, 8);
      throw new GgufFault(`it claims ${count} ${what}, more than it has room for`);
    }
    if (count > most) throw new GgufFault(`it has ${count} ${what}, more than the ${most} read here`);
  }

  /** A count or a length: 32 bits in version 1, 64 later. */
  *#number(): Parser<number> {
    const width = this.#version === 1 ? 4 : 8;
    if (!this.#cursor.has(width)) yield* this.#cursor.fill(width);
    return width === 4 ? this.#cursor.u32() : this.#cursor.u64();
  }

  *#u32(): Parser<number> {
    if (!this.#cursor.has(4)) yield* this.#cursor.fill(4);
    return this.#cursor.u32();
  }

  /** The length of a text that lies in the file whole. */
  *#textLength(what: string): Parser<number> {
    const start = this.#cursor.at;
    const length = yield* this.#number();
    const room = this.#cursor.size - this.#cursor.at;
    if (length <= room) return length;
    this.#problem('length', `${what} claims ${length} bytes and ${room} are left`, start);
    throw new GgufFault(`${what} is longer than the file`);
  }

  *#name(what: string): Parser<string> {
    const start = this.#cursor.at;
    const length = yield* this.#textLength(what);
    if (length > MAX_NAME) {
      this.#problem('name', `${what} has ${length} bytes`, start);
      throw new GgufFault(`${what} is too long`);
    }
    yield* this.#cursor.fill(length);
    const bytes = this.#cursor.peek(length);
    this.#cursor.at += length;
    // One character a byte, so that two names are the same when their bytes are.
    const name = bytes.toString('latin1');
    if (length === 0) this.#problem('name', `${what} is empty`, start);
    if (name.includes('\0'))
      this.#problem('name', `${what} ${show(name)} holds a zero byte, where readers in C stop`, start);
    return name;
  }

  *#pair(): Parser<void> {
    const start = this.#cursor.at;
    const key = yield* this.#name('a key');
    if (this.#keys.has(key)) this.#problem('duplicate', `the key ${show(key)} stands twice`, start);
    this.#keys.add(key);
    const type = yield* this.#u32();
    if (type === STRING) {
      const length = yield* this.#textLength(`the text ${show(key)}`);
      this.#keepText({ key, offset: this.#cursor.at, length, element: false });
      this.#cursor.at += length;
    } else {
      this.#otherTypes.set(key, type);
      if (type === ARRAY) yield* this.#array(key, 1);
      else yield* this.#scalar(key, type);
    }
  }

  *#scalar(key: string, type: number): Parser<void> {
    const width = WIDTH[type];
    if (width === undefined) {
      this.#problem('value', `the value of ${show(key)} has type ${type}, which does not exist`, this.#cursor.at - 4);
      throw new GgufFault(`the value of ${show(key)} has an unknown type`);
    }
    yield* this.#cursor.fill(width);
    const start = this.#cursor.at;
    if (key === 'general.alignment') {
      const alignment = type === UINT32 ? this.#cursor.u32() : 0;
      if (alignment === 0 || (alignment & (alignment - 1)) !== 0 || alignment > MAX_ALIGNMENT)
        this.#problem('alignment', `its alignment is ${type === UINT32 ? alignment : `of type ${type}`}`, start);
      else this.#alignment = alignment;
    } else if (type === BOOL && this.#cursor.u8() > 1)
      this.#problem('value', `${show(key)} is neither true nor false`, start);
    this.#cursor.at = start + width;
  }

  *#array(key: string, depth: number): Parser<void> {
    const start = this.#cursor.at;
    if (depth > this.#limits.maxNesting) {
      this.#problem(
        'nesting',
        `${show(key)} holds arrays inside arrays, deeper than ${this.#limits.maxNesting}`,
        start,
      );
      throw new GgufFault('its arrays are nested too deep');
    }
    const type = yield* this.#u32();
    const count = yield* this.#number();
    const room = this.#cursor.size - this.#cursor.at;
    const least = type === STRING ? (this.#version === 1 ? 4 : 8) : type === ARRAY ? 8 : (WIDTH[type] ?? 0);
    if (least === 0) {
      this.#problem('value', `the elements of ${show(key)} have type ${type}, which does not exist`, start);
      throw new GgufFault(`the elements of ${show(key)} have an unknown type`);
    }
    if (count * least > room) {
      this.#problem('length', `the array ${show(key)} claims ${count} elements and ${room} bytes are left`, start);
      throw new GgufFault(`the array ${show(key)} is longer than the file`);
    }
    if (type === STRING) yield* this.#stringArray(key, count);
    else if (type !== ARRAY) this.#cursor.at += count * least;
    else
      for (let index = 0; index < count; index++) {
        this.#spend(1);
        yield* this.#array(key, depth + 1);
      }
  }

  #spend(elements: number): void {
    this.#elements += elements;
    if (this.#elements > this.#limits.maxElements) throw new GgufFault('its arrays have more elements than are read');
  }

  *#stringArray(key: string, count: number): Parser<void> {
    this.#spend(count);
    const cursor = this.#cursor;
    const width = this.#version === 1 ? 4 : 8;
    let next = -1;
    for (let index = 0; index < count; index++) {
      if (!cursor.has(width)) {
        yield* cursor.fill(width);
        next = -1;
      }
      const length = width === 4 ? cursor.u32() : cursor.u64();
      if (!(cursor.at + length <= cursor.size)) {
        const room = cursor.size - cursor.at;
        this.#problem(
          'length',
          `a text in ${show(key)} claims ${length} bytes and ${room} are left`,
          cursor.at - width,
        );
        throw new GgufFault(`a text in ${show(key)} is longer than the file`);
      }
      if (!cursor.has(length)) {
        if (length > MAX_NAME) this.#keepText({ key, offset: cursor.at, length, element: true });
        else yield* cursor.fill(length);
        next = -1;
      }
      if (length >= 5 && length <= MAX_NAME) {
        if (next < cursor.at) next = Math.min(...OPENERS.map((opener) => cursor.find(opener)));
        if (next < cursor.at + length && isTag(cursor.peek(length)))
          this.#keepText({ key, offset: cursor.at, length, element: true });
      }
      cursor.at += length;
    }
  }

  #keepText(text: GgufText): void {
    if (this.#texts.length >= this.#limits.maxTexts) throw new GgufFault('it has more texts than are read');
    this.#texts.push(text);
  }

  *#tensor(): Parser<void> {
    const start = this.#cursor.at;
    const name = yield* this.#name('the name of a tensor');
    const count = yield* this.#u32();
    if (count > 4)
      this.#problem('dimensions', `the tensor ${show(name)} has ${count} dimensions, and readers keep 4`, start);
    if (count > 64) throw new GgufFault(`the tensor ${show(name)} has too many dimensions`);
    const dimensions: number[] = [];
    for (let index = 0; index < count; index++) dimensions.push(yield* this.#number());
    const type = yield* this.#u32();
    yield* this.#cursor.fill(8);
    const offset = this.#cursor.u64();
    this.#tensors.push({ name, dimensions, type, offset, at: start });
  }

  #problem(code: GgufProblemCode, message: string, offset: number): void {
    if (this.#problems.length < MAX_PROBLEMS) this.#problems.push({ code, message, offset });
  }
}

function isTag(bytes: Buffer): boolean {
  return (bytes.includes('{{') && bytes.includes('}}')) || (bytes.includes('{%') && bytes.includes('%}'));
}

function show(name: string): string {
  return JSON.stringify(Buffer.from(name.slice(0, 100), 'latin1').toString('utf8'));
}
