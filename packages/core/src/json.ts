// JSON values as types, and a strict reader for JSON that somebody else wrote.
// An attacker controls the text: duplicate keys (two readers, two meanings), depth, size and unsafe numbers are refused.
import { VallumError } from './errors.js';

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

export interface JsonLimits {
  /** Default 16 MiB. */
  readonly maxBytes?: number;
  /** Default 64. */
  readonly maxDepth?: number;
  /** Values in all, those inside others too; each may cost a hundred times its bytes. Default: as many as the bytes hold. */
  readonly maxValues?: number;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Reads UTF-8 JSON (RFC 8259) and refuses duplicate keys, lone surrogates, invalid UTF-8, a byte-order mark and
 * integers that a double cannot hold.
 * @throws VallumError `JSON_INVALID`, with the offset
 */
export function parseJsonStrict(input: Uint8Array | string, limits: JsonLimits = {}): JsonValue {
  const maxBytes = limits.maxBytes ?? 16 * 1024 * 1024;
  const size = typeof input === 'string' ? Buffer.byteLength(input) : input.byteLength;
  if (size > maxBytes) throw invalid(`it has ${size} bytes, more than the ${maxBytes} that are read`, 0);
  return new StrictReader(typeof input === 'string' ? input : decodeUtf8(input), limits).document();
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw invalid('it is not UTF-8', 0);
  }
}

function invalid(why: string, offset: number): VallumError {
  return new VallumError('JSON_INVALID', `this is not strict JSON: ${why} (at character ${offset})`);
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const ZERO = 0x30;

/** Of one character each: a pattern that repeats a choice runs out of stack on one long string. */
const STOP = /["\\\u0000-\u001f]/g;

class StrictReader {
  readonly #text: string;
  readonly #maxDepth: number;
  readonly #maxValues: number;
  #values = 0;
  #at = 0;

  constructor(text: string, { maxDepth = 64, maxValues = Infinity }: JsonLimits) {
    this.#text = text;
    this.#maxDepth = maxDepth;
    this.#maxValues = maxValues;
  }

  document(): JsonValue {
    const value = this.#value(0);
    this.#skipSpace();
    if (this.#at !== this.#text.length) throw invalid('something follows the value', this.#at);
    return value;
  }

  #value(depth: number): JsonValue {
    if (depth > this.#maxDepth) throw invalid(`it is nested deeper than ${this.#maxDepth}`, this.#at);
    this.#values += 1;
    if (this.#values > this.#maxValues) throw invalid(`it has more than ${this.#maxValues} values`, this.#at);
    this.#skipSpace();
    switch (this.#text[this.#at]) {
      case '{':
        return this.#object(depth);
      case '[':
        return this.#array(depth);
      case '"':
        return this.#string();
      case 't':
        return this.#word('true', true);
      case 'f':
        return this.#word('false', false);
      case 'n':
        return this.#word('null', null);
      default:
        return this.#number();
    }
  }

  #object(depth: number): JsonObject {
    this.#at += 1;
    if (this.#take('}')) return {};
    const entries = new Map<string, JsonValue>();
    do {
      this.#skipSpace();
      const start = this.#at;
      const key = this.#string();
      if (entries.has(key))
        throw invalid(`the key ${JSON.stringify(key.slice(0, 200))} stands twice in one object`, start);
      if (!this.#take(':')) throw invalid('a colon is missing', this.#at);
      entries.set(key, this.#value(depth + 1));
    } while (this.#take(','));
    if (!this.#take('}')) throw invalid('a closing brace is missing', this.#at);
    return Object.fromEntries(entries);
  }

  #array(depth: number): JsonValue[] {
    const items: JsonValue[] = [];
    this.#at += 1;
    if (this.#take(']')) return items;
    do items.push(this.#value(depth + 1));
    while (this.#take(','));
    if (!this.#take(']')) throw invalid('a closing bracket is missing', this.#at);
    return items;
  }

  #string(): string {
    const start = this.#at;
    const { end, escaped } = this.#endOfString(start);
    const value = escaped ? unescaped(this.#text.slice(start, end), start) : this.#text.slice(start + 1, end - 1);
    if (!value.isWellFormed()) throw invalid('a string holds half of a surrogate pair', start);
    this.#at = end;
    return value;
  }

  /** Behind its closing quote. */
  #endOfString(start: number): { readonly end: number; readonly escaped: boolean } {
    const text = this.#text;
    let escaped = false;
    if (text.charCodeAt(start) === QUOTE)
      for (STOP.lastIndex = start + 1; STOP.test(text); STOP.lastIndex += 1) {
        const code = text.charCodeAt(STOP.lastIndex - 1);
        if (code === QUOTE) return { end: STOP.lastIndex, escaped };
        if (code !== BACKSLASH) break;
        escaped = true;
      }
    throw invalid('a string is missing or broken', start);
  }

  #number(): number {
    const start = this.#at;
    const raw = this.#text.slice(start, this.#endOfNumber(start));
    const value = Number(raw);
    if (!Number.isFinite(value)) throw invalid('a number is too large', start);
    if (!/[.eE]/.test(raw) && !Number.isSafeInteger(value)) throw invalid('an integer is too large', start);
    this.#at += raw.length;
    return value;
  }

  /** The longest number that begins here: a point or an `e` without digits behind it is not of it. */
  #endOfNumber(start: number): number {
    const text = this.#text;
    const whole = text.charCodeAt(start) === MINUS ? start + 1 : start;
    let end = text.charCodeAt(whole) === ZERO ? whole + 1 : this.#digits(whole);
    if (end === whole) throw invalid('a value is missing or broken', start);
    if (text[end] === '.') {
      const fraction = this.#digits(end + 1);
      if (fraction > end + 1) end = fraction;
    }
    if (text[end] === 'e' || text[end] === 'E') {
      const power = end + (text[end + 1] === '+' || text[end + 1] === '-' ? 2 : 1);
      const after = this.#digits(power);
      if (after > power) end = after;
    }
    return end;
  }

  /** Where the digits from here on end. */
  #digits(from: number): number {
    let at = from;
    for (let code = this.#text.charCodeAt(at); code >= ZERO && code <= ZERO + 9; code = this.#text.charCodeAt(at))
      at += 1;
    return at;
  }

  #word<T extends JsonValue>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) throw invalid('a value is missing or broken', this.#at);
    this.#at += word.length;
    return value;
  }

  #take(character: string): boolean {
    this.#skipSpace();
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #skipSpace(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at += 1;
    }
  }
}

/** A string with its quotes; which escapes there are, JSON.parse says. */
function unescaped(raw: string, start: number): string {
  try {
    return JSON.parse(raw) as string;
  } catch {
    throw invalid('a string is missing or broken', start);
  }
}
