// One string literal of Python: every prefix, both quotes, escapes, and f-strings with their nested expressions.
import type { Hole } from './tokens.js';

export interface StringLiteral {
  readonly text: string;
  readonly end: number;
  readonly bytes: boolean;
  readonly parts?: readonly (string | Hole)[];
  /** Escapes that stand for a plain letter or digit. */
  readonly escapedLetters: number;
  readonly open: boolean;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};
const PLAIN = /^[A-Za-z0-9_]$/;

/**
 * @param start index of the prefix, or of the quote where there is none
 * @param quote index of the opening quote
 */
export function readString(source: string, start: number, quote: number, line: number): StringLiteral {
  return new Reader(source, source.slice(start, quote).toLowerCase(), quote, line).read();
}

class Reader {
  readonly #source: string;
  readonly #raw: boolean;
  readonly #bytes: boolean;
  readonly #formatted: boolean;
  readonly #quote: string;
  #at: number;
  #line: number;
  #escaped = 0;
  #parts: (string | Hole)[] = [];
  #text = '';

  constructor(source: string, prefix: string, quote: number, line: number) {
    this.#source = source;
    this.#raw = prefix.includes('r');
    this.#bytes = prefix.includes('b');
    this.#formatted = /[ft]/.test(prefix);
    const one = source[quote] ?? '"';
    this.#quote = source.startsWith(one.repeat(3), quote) ? one.repeat(3) : one;
    this.#at = quote + this.#quote.length;
    this.#line = line;
  }

  read(): StringLiteral {
    const source = this.#source;
    let run = this.#at;
    const flush = (): void => {
      if (run < this.#at) this.#text += source.slice(run, this.#at);
    };
    for (;;) {
      const character = source[this.#at];
      const ended = character === undefined || (this.#quote.length === 1 && character === '\n');
      if (ended || (character === this.#quote[0] && source.startsWith(this.#quote, this.#at))) {
        flush();
        return this.#done(ended);
      }
      if (character === '\\') {
        flush();
        this.#escape();
        run = this.#at;
      } else if (this.#formatted && (character === '{' || character === '}')) {
        flush();
        this.#brace(character);
        run = this.#at;
      } else {
        if (character === '\n') this.#line += 1;
        this.#at += 1;
      }
    }
  }

  #done(open: boolean): StringLiteral {
    const text = this.#text;
    const parts = this.#formatted && this.#parts.length > 0 ? [...this.#parts, text] : undefined;
    return {
      text: parts === undefined ? text : '',
      end: open ? this.#at : this.#at + this.#quote.length,
      bytes: this.#bytes,
      escapedLetters: this.#escaped,
      open,
      ...(parts === undefined ? {} : { parts }),
    };
  }

  #escape(): void {
    const source = this.#source;
    const next = source[this.#at + 1] ?? '';
    if (this.#formatted && (next === '{' || next === '}')) {
      this.#text += '\\';
      this.#at += 1;
      return;
    }
    if (next === '\n') this.#line += 1;
    if (this.#raw) {
      this.#text += `\\${next}`;
      this.#at += 2;
      return;
    }
    const window = source.slice(this.#at + 1, this.#at + 130);
    const coded =
      /^x([0-9a-fA-F]{2})/.exec(window) ??
      (this.#bytes ? null : (/^u([0-9a-fA-F]{4})/.exec(window) ?? /^U([0-9a-fA-F]{8})/.exec(window)));
    const octal = /^[0-7]{1,3}/.exec(window);
    if (coded !== null) {
      this.#code(parseInt(coded[1] ?? '0', 16));
      this.#at += 1 + coded[0].length;
    } else if (octal !== null) {
      this.#code(parseInt(octal[0], 8));
      this.#at += 1 + octal[0].length;
    } else if (!this.#bytes && window.startsWith('N{')) {
      const close = window.indexOf('}');
      this.#text += '\uFFFD';
      this.#escaped += 1;
      this.#at += close < 0 ? 2 : close + 2;
    } else {
      this.#text += next === '\n' ? '' : (ESCAPES[next] ?? `\\${next}`);
      this.#at += 2;
    }
  }

  #code(code: number): void {
    const character = code <= 0x10ffff ? String.fromCodePoint(code) : '\uFFFD';
    if (PLAIN.test(character)) this.#escaped += 1;
    this.#text += character;
  }

  #brace(character: string): void {
    const source = this.#source;
    if (character === '}' || source[this.#at + 1] === '{') {
      this.#text += character;
      this.#at += source[this.#at + 1] === character ? 2 : 1;
      return;
    }
    const from = this.#at + 1;
    const end = holeEnd(source, from, this.#quote);
    if (end === undefined) {
      this.#text += '{';
      this.#at += 1;
      return;
    }
    this.#parts.push(this.#text, { source: source.slice(from, end.expression), line: this.#line });
    this.#text = '';
    for (let at = from; at < end.close; at++) if (source[at] === '\n') this.#line += 1;
    // A format specification may hold fields again: {x:{width}}.
    for (const field of source.slice(end.expression, end.close).matchAll(/\{([^{}]{1,200})\}/g))
      this.#parts.push('', { source: (field[1] ?? '').replace(/![rsa]$/, ''), line: this.#line });
    this.#at = end.close + 1;
  }
}

const HOLE = 20_000;

/** Where the expression of a hole ends, and its brace; Python 3.12 allows the same quotes and comments inside. */
function holeEnd(source: string, from: number, quote: string): { expression: number; close: number } | undefined {
  let depth = 0;
  let expression: number | undefined;
  for (let at = from; at < source.length && at < from + HOLE; at++) {
    const character = source[at] ?? '';
    if ((character === "'" || character === '"') && expression === undefined) {
      const end = skipString(source, at, quote);
      if (end === undefined) return undefined;
      at = end - 1;
    } else if (character === '\n' && quote.length === 1 && depth === 0) return undefined;
    else if (expression !== undefined && source.startsWith(quote, at)) return undefined;
    else if ('([{'.includes(character)) depth += 1;
    else if (character === '}' && depth === 0) return { expression: expression ?? at, close: at };
    else if (')]}'.includes(character)) depth -= 1;
    else if (depth === 0 && expression === undefined && (character === ':' || isConversion(source, at)))
      expression = at;
  }
  return undefined;
}

function isConversion(source: string, at: number): boolean {
  return source[at] === '!' && source[at + 1] !== '=' && /[rsa]/.test(source[at + 1] ?? '');
}

function skipString(source: string, at: number, outer: string): number | undefined {
  const one = source[at] ?? '"';
  const quote = source.startsWith(one.repeat(3), at) && outer !== one.repeat(3) ? one.repeat(3) : one;
  for (let next = at + quote.length; next < source.length && next < at + HOLE; next++) {
    if (source[next] === '\\') next += 1;
    else if (source[next] === '\n' && quote.length === 1) return undefined;
    else if (source.startsWith(quote, next)) return next + quote.length;
  }
  return undefined;
}
