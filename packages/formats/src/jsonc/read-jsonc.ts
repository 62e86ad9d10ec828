// JSON as editors read it: comments, trailing commas, single quotes and bare keys are taken. The text is hostile: depth and
// size are bounded, and a key that stands twice keeps both values in view, since readers differ in which one counts.
import type { JsonValue } from '@vallum/core';

export interface JsoncReport {
  /** Undefined where the text could not be read to its end. */
  readonly value?: JsonValue;
  /** Values whose key stood there before, each as an object of that key. */
  readonly hidden: readonly JsonValue[];
  /** It is not JSON in the strict sense: comments, commas, quotes. */
  readonly loose: boolean;
  readonly problem?: string;
}

const MAX_DEPTH = 100;
const MAX_HIDDEN = 1000;

class Broken extends Error {}

export function readJsonc(text: string): JsoncReport {
  const reader = new Reader(text.replace(/^\uFEFF/, ''));
  try {
    const value = reader.whole();
    return { value, hidden: reader.hidden, loose: reader.loose };
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    return { hidden: reader.hidden, loose: reader.loose, problem: error.message };
  }
}

class Reader {
  readonly hidden: JsonValue[] = [];
  loose = false;
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): JsonValue {
    const value = this.#value(0);
    this.#blanks();
    if (this.#at < this.#text.length) throw this.#broken('there is more behind the value');
    return value;
  }

  #broken(why: string): Broken {
    return new Broken(`${why}, at character ${this.#at}`);
  }

  #blanks(): void {
    for (;;) {
      const char = this.#text[this.#at];
      if (char === ' ' || char === '\n' || char === '\r' || char === '\t') this.#at += 1;
      else if (this.#text.startsWith('//', this.#at)) this.#skipTo('\n');
      else if (this.#text.startsWith('/*', this.#at)) this.#skipTo('*/');
      else return;
    }
  }

  #skipTo(end: string): void {
    this.loose = true;
    const close = this.#text.indexOf(end, this.#at + 2);
    this.#at = close < 0 ? this.#text.length : close + end.length;
  }

  #value(depth: number): JsonValue {
    if (depth > MAX_DEPTH) throw this.#broken(`it is nested deeper than ${MAX_DEPTH}`);
    this.#blanks();
    const char = this.#text[this.#at];
    if (char === '{') return this.#object(depth);
    if (char === '[') return this.#array(depth);
    if (char === '"' || char === "'") return this.#string(char);
    const word = /^[-+.\w]{1,400}/.exec(this.#text.slice(this.#at, this.#at + 400))?.[0];
    if (word === undefined) throw this.#broken('a value is missing');
    this.#at += word.length;
    if (word === 'true' || word === 'false') return word === 'true';
    if (word === 'null') return null;
    const number = Number(word);
    if (Number.isFinite(number)) return number;
    this.loose = true;
    return word;
  }

  #object(depth: number): JsonValue {
    const entries = new Map<string, JsonValue>();
    this.#at += 1;
    for (;;) {
      this.#blanks();
      const char = this.#text[this.#at];
      if (char === '}') break;
      const key = char === '"' || char === "'" ? this.#string(char) : this.#bareKey();
      this.#blanks();
      if (this.#text[this.#at] !== ':') throw this.#broken('a colon is missing');
      this.#at += 1;
      const value = this.#value(depth + 1);
      if (entries.has(key) && this.hidden.length < MAX_HIDDEN)
        this.hidden.push(Object.fromEntries<JsonValue>([[key, entries.get(key) ?? null]]));
      entries.set(key, value);
      if (!this.#comma('}')) break;
    }
    this.#at += 1;
    return Object.fromEntries<JsonValue>(entries);
  }

  #array(depth: number): JsonValue {
    const items: JsonValue[] = [];
    this.#at += 1;
    for (;;) {
      this.#blanks();
      if (this.#text[this.#at] === ']') break;
      items.push(this.#value(depth + 1));
      if (!this.#comma(']')) break;
    }
    this.#at += 1;
    return items;
  }

  /** Whether another item may follow; stands at the closing sign otherwise. */
  #comma(close: string): boolean {
    this.#blanks();
    const char = this.#text[this.#at];
    if (char === close) return false;
    if (char !== ',') throw this.#broken(`a comma or ${close} is missing`);
    this.#at += 1;
    this.#blanks();
    if (this.#text[this.#at] === close) this.loose = true;
    return true;
  }

  #bareKey(): string {
    const key = /^[\w$.-]{1,200}/.exec(this.#text.slice(this.#at, this.#at + 200))?.[0];
    if (key === undefined) throw this.#broken('a key is missing');
    this.loose = true;
    this.#at += key.length;
    return key;
  }

  #string(quote: string): string {
    if (quote === "'") this.loose = true;
    let end = this.#at + 1;
    while (end < this.#text.length && this.#text[end] !== quote) end += this.#text[end] === '\\' ? 2 : 1;
    if (end >= this.#text.length) throw this.#broken('a text has no end');
    const raw = this.#text.slice(this.#at + 1, end);
    this.#at = end + 1;
    return raw.includes('\\') ? raw.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/gs, unescape) : raw;
  }
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' };

function unescape(_whole: string, code: string | undefined, plain: string | undefined): string {
  return code === undefined ? (ESCAPES[plain ?? ''] ?? plain ?? '') : String.fromCharCode(Number.parseInt(code, 16));
}
