// JSON values as types, and a strict reader for JSON that somebody else wrote.
// An attacker controls the text: duplicate keys (two readers, two meanings), depth, size and unsafe numbers are refused.
import { VallumError } from './errors.js';

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

export interface JsonLimits {
  readonly maxBytes?: number;
  readonly maxDepth?: number;
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
  const reader = new StrictReader(typeof input === 'string' ? input : decodeUtf8(input), limits.maxDepth ?? 64);
  return reader.document();
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

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const SPACE = /[ \t\r\n]*/y;

class StrictReader {
  readonly #text: string;
  readonly #maxDepth: number;
  #at = 0;

  constructor(text: string, maxDepth: number) {
    this.#text = text;
    this.#maxDepth = maxDepth;
  }

  document(): JsonValue {
    const value = this.#value(0);
    this.#match(SPACE);
    if (this.#at !== this.#text.length) throw invalid('something follows the value', this.#at);
    return value;
  }

  #value(depth: number): JsonValue {
    if (depth > this.#maxDepth) throw invalid(`it is nested deeper than ${this.#maxDepth}`, this.#at);
    this.#match(SPACE);
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
    const entries = new Map<string, JsonValue>();
    this.#at += 1;
    if (!this.#take('}')) {
      do {
        this.#match(SPACE);
        const start = this.#at;
        const key = this.#string();
        if (entries.has(key)) throw invalid(`the key ${JSON.stringify(key)} stands twice in one object`, start);
        if (!this.#take(':')) throw invalid('a colon is missing', this.#at);
        entries.set(key, this.#value(depth + 1));
      } while (this.#take(','));
      if (!this.#take('}')) throw invalid('a closing brace is missing', this.#at);
    }
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
    const raw = this.#match(STRING);
    if (raw === undefined) throw invalid('a string is missing or broken', start);
    const value = JSON.parse(raw) as string;
    if (!value.isWellFormed()) throw invalid('a string holds half of a surrogate pair', start);
    return value;
  }

  #number(): number {
    const start = this.#at;
    const raw = this.#match(NUMBER);
    if (raw === undefined) throw invalid('a value is missing or broken', start);
    const value = Number(raw);
    if (!Number.isFinite(value)) throw invalid('a number is too large', start);
    if (!/[.eE]/.test(raw) && !Number.isSafeInteger(value)) throw invalid('an integer is too large', start);
    return value;
  }

  #word<T extends JsonValue>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) throw invalid('a value is missing or broken', this.#at);
    this.#at += word.length;
    return value;
  }

  #take(character: string): boolean {
    this.#match(SPACE);
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }
}
