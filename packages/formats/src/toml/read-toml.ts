// TOML 1.0 to plain values, for the configuration of tools (pyproject.toml, Pipfile, mise): tables, arrays of tables, dotted
// keys, all kinds of strings, inline tables. Dates stay texts. Hostile text: bounded in depth and size; what is broken is
// named and the lines behind it are still read, since another reader may be more forgiving.
import type { JsonValue } from '@vallum/core';

export interface TomlReport {
  readonly value: JsonValue;
  /** Line of each `table.key`, as far as they are single lines. */
  readonly lines: ReadonlyMap<string, number>;
  readonly problem?: string;
}

type Table = Map<string, Node>;
type Node = Table | Node[] | string | number | boolean;

const MAX_DEPTH = 40;
const MAX_TEXT = 4 * 1024 * 1024;

class Broken extends Error {}

export function readToml(text: string): TomlReport {
  return new Reader(text.slice(0, MAX_TEXT).replace(/^\uFEFF/, ''), text.length > MAX_TEXT).report();
}

class Reader {
  readonly #text: string;
  readonly #root: Table = new Map();
  readonly #lines = new Map<string, number>();
  #table = this.#root;
  #path: readonly string[] = [];
  #at = 0;
  #line = 1;
  #counted = 0;
  #problem: string | undefined;

  constructor(text: string, cut: boolean) {
    this.#text = text;
    if (cut) this.#problem = `it has more than ${MAX_TEXT} characters`;
  }

  report(): TomlReport {
    for (this.#blank(true); this.#at < this.#text.length; this.#blank(true)) {
      try {
        if (this.#text[this.#at] === '[') this.#header();
        else this.#pair(this.#table, this.#path, 0);
        this.#blank(false);
        if (this.#at < this.#text.length && this.#text[this.#at] !== '\n')
          throw new Broken('something stands behind a value');
      } catch (error) {
        if (!(error instanceof Broken)) throw error;
        this.#problem ??= `${error.message}, line ${this.#lineNumber()}`;
        const next = this.#text.indexOf('\n', this.#at);
        this.#at = next < 0 ? this.#text.length : next;
      }
    }
    return {
      value: plain(this.#root),
      lines: this.#lines,
      ...(this.#problem === undefined ? {} : { problem: this.#problem }),
    };
  }

  #lineNumber(): number {
    for (
      let at = this.#text.indexOf('\n', this.#counted);
      at >= 0 && at < this.#at;
      at = this.#text.indexOf('\n', at + 1)
    ) {
      this.#line += 1;
      this.#counted = at + 1;
    }
    return this.#line;
  }

  #blank(lines: boolean): void {
    for (;;) {
      const char = this.#text[this.#at];
      if (char === ' ' || char === '\t' || char === '\r' || (lines && char === '\n')) this.#at += 1;
      else if (char === '#') {
        const next = this.#text.indexOf('\n', this.#at);
        this.#at = next < 0 ? this.#text.length : next;
      } else return;
    }
  }

  #header(): void {
    const list = this.#text.startsWith('[[', this.#at);
    this.#at += list ? 2 : 1;
    const keys = this.#keys();
    if (!this.#text.startsWith(list ? ']]' : ']', this.#at)) throw new Broken('a table name is not closed');
    this.#at += list ? 2 : 1;
    this.#path = keys;
    const parent = descend(this.#root, keys.slice(0, -1));
    const last = keys.at(-1) ?? '';
    if (!list) {
      this.#table = descend(parent, [last]);
      return;
    }
    const old = parent.get(last);
    this.#table = new Map();
    if (Array.isArray(old)) old.push(this.#table);
    else parent.set(last, [this.#table]);
  }

  #keys(): readonly string[] {
    const keys: string[] = [];
    for (;;) {
      this.#blank(false);
      const char = this.#text[this.#at];
      if (char === '"' || char === "'") keys.push(this.#string());
      else {
        const bare = /^[A-Za-z0-9_\-\u0080-\uffff]{1,400}/.exec(this.#text.slice(this.#at, this.#at + 400))?.[0];
        if (bare === undefined) throw new Broken('a key is missing');
        keys.push(bare);
        this.#at += bare.length;
      }
      this.#blank(false);
      if (this.#text[this.#at] !== '.') return keys;
      if (keys.length > MAX_DEPTH) throw new Broken('a key has too many parts');
      this.#at += 1;
    }
  }

  #pair(table: Table, path: readonly string[], depth: number): void {
    const keys = this.#keys();
    if (this.#text[this.#at] !== '=') throw new Broken('`=` is missing');
    if (this.#lines.size < 20_000) this.#lines.set([...path, ...keys].join('.'), this.#lineNumber());
    this.#at += 1;
    const value = this.#value(depth + 1);
    const owner = descend(table, keys.slice(0, -1));
    const last = keys.at(-1) ?? '';
    if (owner.has(last)) this.#problem ??= `\`${last.slice(0, 80)}\` stands twice, line ${this.#lineNumber()}`;
    owner.set(last, value);
  }

  #value(depth: number): Node {
    if (depth > MAX_DEPTH) throw new Broken('it is nested too deep');
    this.#blank(false);
    const char = this.#text[this.#at];
    if (char === '"' || char === "'") return this.#string();
    if (char === '[') return this.#array(depth);
    if (char === '{') return this.#inline(depth);
    const word = /^[^\s,#\]}=]{1,400}(?: \d\d:[\d:.+Z-]+)?/.exec(this.#text.slice(this.#at, this.#at + 400))?.[0];
    if (word === undefined) throw new Broken('a value is missing');
    this.#at += word.length;
    if (word === 'true' || word === 'false') return word === 'true';
    const number = Number(word.replaceAll('_', ''));
    return Number.isFinite(number) ? number : word;
  }

  #array(depth: number): Node {
    const items: Node[] = [];
    this.#at += 1;
    for (;;) {
      this.#blank(true);
      if (this.#at >= this.#text.length) throw new Broken('an array has no end');
      if (this.#text[this.#at] === ']') break;
      items.push(this.#value(depth + 1));
      this.#blank(true);
      if (this.#text[this.#at] === ',') this.#at += 1;
      else if (this.#text[this.#at] !== ']') throw new Broken('a comma is missing in an array');
    }
    this.#at += 1;
    return items;
  }

  #inline(depth: number): Node {
    const table: Table = new Map();
    this.#at += 1;
    for (;;) {
      this.#blank(true);
      if (this.#at >= this.#text.length) throw new Broken('a table has no end');
      if (this.#text[this.#at] === '}') break;
      this.#pair(table, [], depth);
      this.#blank(true);
      if (this.#text[this.#at] === ',') this.#at += 1;
      else if (this.#text[this.#at] !== '}') throw new Broken('a comma is missing in a table');
    }
    this.#at += 1;
    return table;
  }

  #string(): string {
    const quote = this.#text[this.#at] ?? '"';
    const long = this.#text.startsWith(quote.repeat(3), this.#at);
    const mark = long ? quote.repeat(3) : quote;
    const from = this.#at + mark.length;
    let end = from;
    for (;;) {
      if (end >= this.#text.length || (!long && this.#text[end] === '\n')) throw new Broken('a text has no end');
      if (this.#text.startsWith(mark, end)) break;
      end += this.#text[end] === '\\' && quote === '"' ? 2 : 1;
    }
    // Up to two quotes may stand in front of the closing three.
    while (long && this.#text[end + 3] === quote) end += 1;
    this.#at = end + mark.length;
    const raw = this.#text.slice(from, end).replace(long ? /^\r?\n/ : /^$/, '');
    return quote === "'" ? raw : raw.replace(/\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|\s*\n\s*|(.))/gs, unescape);
  }
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', e: '\u001b' };

function unescape(
  _whole: string,
  short: string | undefined,
  long: string | undefined,
  plain: string | undefined,
): string {
  if (plain !== undefined) return ESCAPES[plain] ?? plain;
  const code = Number.parseInt(short ?? long ?? '', 16);
  return code >= 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '';
}

/** The table at a path below another, made where it is missing; the last one where it is a list of tables. */
function descend(table: Table, keys: readonly string[]): Table {
  let here = table;
  for (const key of keys) {
    const next = here.get(key);
    const inner = Array.isArray(next) ? next.at(-1) : next;
    if (inner instanceof Map) here = inner;
    else {
      const made: Table = new Map();
      here.set(key, made);
      here = made;
    }
  }
  return here;
}

function plain(node: Node): JsonValue {
  if (node instanceof Map) return Object.fromEntries<JsonValue>([...node].map(([key, value]) => [key, plain(value)]));
  return Array.isArray(node) ? node.map(plain) : node;
}
