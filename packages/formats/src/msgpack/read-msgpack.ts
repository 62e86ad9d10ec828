// MessagePack (github.com/msgpack/msgpack, spec.md) as checkpoints use it: what it carries besides plain values. Threats:
// object arrays of msgpack-numpy, which are pickles; arrays whose shape, type and bytes disagree; payloads in byte
// strings; counts and depths that exhaust a reader; keys that stand twice. Data is skipped, never read as a whole.
import { isUtf8 } from 'node:buffer';
import { Cursor, CursorError } from '../bytes/cursor.js';
import type { Parser } from '../bytes/parser.js';
import type { Payload } from '../pickle/payloads.js';
import { contentOf, contentOfText } from '../pickle/payloads.js';
import { readsAsPython } from '../pickle/python-text.js';
import { byMagic } from '../sniff/magic.js';
import type { Format } from '../sniff/magic.js';
import type { MsgpackArray } from './arrays.js';
import { readFlaxArray } from './arrays.js';
import type { Frame, Seen } from './frames.js';
import { arrayOf, keyName, openFrame, tell } from './frames.js';
import type { Header } from './header.js';
import { MAX_HEADER, readHeader } from './header.js';

export interface MsgpackLimits {
  readonly maxValues: number;
  readonly maxDepth: number;
  /** Keys that are compared with one another at one time; further ones are not. */
  readonly maxKeys: number;
  /** Problems, payloads and odd arrays that are kept. */
  readonly maxKept: number;
}

export const MSGPACK_LIMITS: MsgpackLimits = { maxValues: 20_000_000, maxDepth: 512, maxKeys: 500_000, maxKept: 200 };

/** How much of a value is enough to say what it looks like. */
const HEAD = 512;
/** Bytes of a pair of doubles, as Flax writes a complex number. */
const COMPLEX = 19;

/** Formats that four bytes or more announce. */
const STRONG: ReadonlySet<Format> = new Set(['zip', '7z', 'rar', 'hdf5', 'npy', 'tar', 'xz']);

export interface MsgpackProblem {
  readonly code: 'duplicate-key' | 'unchecked' | 'not-utf8';
  readonly message: string;
  readonly offset: number;
}

export interface MsgpackReport {
  readonly values: number;
  /** Arrays as Flax and msgpack-numpy write them. */
  readonly arrays: number;
  /** Arrays with a problem, and arrays of objects. */
  readonly odd: readonly MsgpackArray[];
  /** Values that look like something else. */
  readonly payloads: readonly Payload[];
  /** Texts that begin as Python source does, by their place. */
  readonly sources: readonly { readonly offset: number; readonly length: number }[];
  /** Types of extension that are not known here, with the offset of the first. */
  readonly extensions: ReadonlyMap<number, number>;
  readonly problems: readonly MsgpackProblem[];
  readonly documents: number;
  /** Offset behind the last whole document. */
  readonly end: number;
  readonly fault?: string;
}

export function* readMsgpack(size: number, limits: MsgpackLimits = MSGPACK_LIMITS): Parser<MsgpackReport> {
  return (yield* walk(size, limits)).report;
}

/**
 * True when the input is documents up to its end, or holds arrays as checkpoints do, or goes on as a map with text keys
 * does: one that breaks off later has been acted on by then by a reader of streams.
 */
export function* looksLikeMsgpack(size: number): Parser<boolean> {
  const head = yield { offset: 0, length: 2 };
  if (!startsDocument(head[0]) && !startsExtension(head[0])) return false;
  const { report, textKeys } = yield* walk(size, { ...MSGPACK_LIMITS, maxValues: 100_000, maxKept: 8 });
  const whole = report.fault === undefined && report.end === size;
  if (startsExtension(head[0])) return whole && report.arrays + report.odd.length > 0;
  return whole || report.arrays > 0 || report.odd.length > 0 || (textKeys && report.values >= 8);
}

function startsDocument(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  return (byte > 0x80 && byte <= 0x8f) || (byte > 0x90 && byte <= 0x9f) || (byte >= 0xdc && byte <= 0xdf);
}

/** One array alone is a document too, as far as a byte can tell. */
function startsExtension(byte: number | undefined): boolean {
  return byte !== undefined && ((byte >= 0xc7 && byte <= 0xc9) || (byte >= 0xd4 && byte <= 0xd8));
}

function* walk(size: number, limits: MsgpackLimits): Parser<{ report: MsgpackReport; textKeys: boolean }> {
  const walker = new Walker(size, limits);
  let fault: string | undefined;
  try {
    yield* walker.run();
  } catch (error) {
    if (!(error instanceof CursorError)) throw error;
    fault = error.message;
  }
  return { report: walker.report(fault), textKeys: walker.textKeys };
}

/** Begins as something that two or three bytes announce. */
function isWeakly(head: Uint8Array): boolean {
  return contentOf(head) === 'container' && !byMagic(head).some((format) => STRONG.has(format));
}

class Walker {
  readonly #cursor: Cursor;
  readonly #limits: MsgpackLimits;
  readonly #stack: Frame[] = [];
  readonly #odd: MsgpackArray[] = [];
  readonly #payloads: Payload[] = [];
  readonly #sources: { offset: number; length: number }[] = [];
  readonly #extensions = new Map<number, number>();
  readonly #problems: MsgpackProblem[] = [];
  readonly #once = new Set<string>();
  #values = 0;
  #arrays = 0;
  #keys = 0;
  #documents = 0;
  #end = 0;
  /** Whether every map so far began with a text that has no control characters. */
  textKeys = false;

  constructor(size: number, limits: MsgpackLimits) {
    this.#cursor = new Cursor(0, size);
    this.#limits = limits;
  }

  report(fault: string | undefined): MsgpackReport {
    const report = {
      values: this.#values,
      arrays: this.#arrays,
      odd: this.#odd,
      payloads: this.#payloads,
      sources: this.#sources,
      extensions: this.#extensions,
      problems: this.#problems,
      documents: this.#documents,
      end: this.#end,
    };
    return fault === undefined ? report : { ...report, fault };
  }

  /** Documents one after another; bytes that start none end the walk without a fault. */
  *run(): Parser<void> {
    const cursor = this.#cursor;
    while (cursor.left > 0) {
      const next = (yield* cursor.peek(1))[0];
      if (this.#documents > 0 && !startsDocument(next)) return;
      yield* this.#document();
      this.#documents += 1;
      this.#end = cursor.at;
    }
  }

  *#document(): Parser<void> {
    const cursor = this.#cursor;
    do {
      if (++this.#values > this.#limits.maxValues)
        throw new CursorError(`it holds more than ${this.#limits.maxValues} values`);
      const offset = cursor.at;
      if (!cursor.holds(MAX_HEADER)) yield* cursor.fill(MAX_HEADER);
      const header = readHeader(cursor);
      if (header.kind === 'list' || header.kind === 'map') {
        this.#open(header, offset);
        continue;
      }
      let seen: Seen;
      if (header.kind === 'plain') seen = { kind: 'plain', offset, length: 0, value: header.value };
      else seen = yield* this.#data(header, offset);
      this.#settle(seen);
    } while (this.#stack.length > 0);
  }

  #open(header: Header & { readonly length: number }, offset: number): void {
    if (header.length > this.#cursor.left)
      throw new CursorError(
        `it announces ${header.length} values and ${this.#cursor.left} bytes are left, at offset ${offset}`,
      );
    if (this.#stack.length >= this.#limits.maxDepth)
      throw new CursorError(`it is nested deeper than ${this.#limits.maxDepth}, at offset ${offset}`);
    if (header.length === 0) return this.#settle({ kind: header.kind, offset, length: 0, numbers: [] });
    this.#stack.push(openFrame(header.kind === 'map', header.length, offset));
  }

  /** A text, byte string or extension, of which only the first bytes are read. */
  *#data(header: Header & { readonly length: number }, offset: number): Parser<Seen> {
    const cursor = this.#cursor;
    const start = cursor.at;
    const { length } = header;
    if (length > cursor.left) throw new CursorError(`a value of ${length} bytes does not fit, at offset ${offset}`);
    if (header.kind === 'extension') {
      yield* this.#extension(header.type, start, length);
      cursor.skip(length);
      return { kind: 'extension', offset: start, length };
    }
    const head = yield* cursor.peek(Math.min(length, HEAD));
    if (header.kind === 'text') this.#text(head, start, length);
    else this.#bytes(head, start, length);
    const text = length <= 64 ? head.toString('latin1') : undefined;
    cursor.skip(length);
    const kind = header.kind as 'text' | 'bytes';
    return text === undefined ? { kind, offset: start, length } : { kind, offset: start, length, text };
  }

  #text(head: Buffer, offset: number, length: number): void {
    // A text longer than its head may be cut inside a character.
    if (length <= HEAD && !isUtf8(head)) {
      this.#problem('not-utf8', 'a text is not UTF-8, as old writers write bytes', offset);
      return this.#bytes(head, offset, length);
    }
    const text = head.toString('utf8');
    const found = contentOfText(text);
    if (found !== undefined) this.#payload({ offset, length, ...found });
    else if (length >= 8 && readsAsPython(text)) this.#source(offset, length);
  }

  #bytes(head: Uint8Array, offset: number, length: number): void {
    const content = contentOf(head, length);
    if (content !== undefined) this.#payload({ offset, length, encoding: 'raw', content });
  }

  *#extension(type: number, offset: number, length: number): Parser<void> {
    if (type === -1 && (length === 4 || length === 8 || length === 12)) return;
    const array = type === 1 || type === 3 ? yield* readFlaxArray(offset, length) : undefined;
    const complex = type === 2 && length === COMPLEX;
    if (array !== undefined) this.#array(array);
    else if (!complex && !this.#extensions.has(type)) this.#extensions.set(type, offset);
    const at = array?.dataOffset ?? offset;
    const size = Math.min(array?.dataLength ?? length, offset + length - at);
    const head = yield { offset: at, length: Math.min(size, HEAD) };
    // One array of random numbers in a thousand begins as a compressed stream does.
    if (array === undefined || !isWeakly(head)) this.#bytes(head, at, size);
  }

  #settle(value: Seen): void {
    let seen = value;
    for (let frame = this.#stack.at(-1); frame !== undefined; frame = this.#stack.at(-1)) {
      if (frame.map && frame.left % 2 === 0) this.#key(frame, seen);
      else {
        tell(frame, seen);
        frame.key = undefined;
      }
      frame.left -= 1;
      if (frame.left > 0) return;
      this.#stack.pop();
      this.#keys -= frame.keys?.size ?? 0;
      const array = frame.map ? arrayOf(frame) : undefined;
      if (array !== undefined) this.#array(array);
      const closed = { kind: frame.map ? 'map' : 'list', offset: frame.offset, length: 0 } as const;
      seen = frame.numbers === undefined || frame.map ? closed : { ...closed, numbers: frame.numbers };
    }
  }

  #key(frame: Frame, seen: Seen): void {
    frame.key = seen;
    if (frame.keys === undefined && this.#values <= 3)
      this.textKeys = seen.kind === 'text' && /^[^\0-\x1f\x7f]+$/.test(seen.text ?? '');
    const name = keyName(seen);
    if (name === undefined) return;
    frame.keys ??= new Set();
    if (frame.keys.has(name))
      this.#problem('duplicate-key', `a map has the key ${JSON.stringify(name.slice(0, 80))} twice`, seen.offset);
    else if (this.#keys >= this.#limits.maxKeys)
      this.#problem('unchecked', `keys beyond the first ${this.#limits.maxKeys} are not compared`, seen.offset);
    else {
      frame.keys.add(name);
      this.#keys += 1;
    }
  }

  #array(array: MsgpackArray): void {
    if (array.problem === undefined && !array.objects) this.#arrays += 1;
    else if (this.#odd.length < this.#limits.maxKept) this.#odd.push(array);
    else this.#problem('unchecked', 'further arrays with problems are not listed', array.offset);
  }

  #payload(payload: Payload): void {
    if (this.#payloads.length < this.#limits.maxKept) this.#payloads.push(payload);
    else this.#problem('unchecked', 'further values that look like something else are not listed', payload.offset);
  }

  #source(offset: number, length: number): void {
    if (this.#sources.length < this.#limits.maxKept) this.#sources.push({ offset, length });
    else this.#problem('unchecked', 'further texts that read as Python are not listed', offset);
  }

  #problem(code: MsgpackProblem['code'], message: string, offset: number): void {
    const key = code === 'duplicate-key' ? message : code + message;
    if (this.#once.has(key) || this.#problems.length >= this.#limits.maxKept) return;
    this.#once.add(key);
    this.#problems.push({ code, message, offset });
  }
}
