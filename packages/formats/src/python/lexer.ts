// Tokenizer of Python source, one token at a time: indentation, brackets that join lines, continuation lines, form feeds,
// every kind of string, and the old words of Python 2. It also sees what a reader of the file does not see.
import { readString } from './string-literal.js';
import { ParseBudget } from './tokens.js';
import type { Oddity, OddityCode, SourceFault, Token, TokenKind, WordBudget } from './tokens.js';

const OPERATORS =
  /(?:\*\*=|\/\/=|>>=|<<=|\.\.\.|:=|->|==|!=|<>|<=|>=|\+=|-=|\*=|\/=|%=|&=|\|=|\^=|@=|\*\*|\/\/|<<|>>|[-+*/%@&|^~<>()[\]{},:.;=`!$?])/y;
const NUMBER =
  /(?:0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|(?:[0-9](?:_?[0-9])*)?\.[0-9](?:_?[0-9])*(?:[eE][-+]?[0-9](?:_?[0-9])*)?|[0-9](?:_?[0-9])*\.?(?:[eE][-+]?[0-9](?:_?[0-9])*)?)[jJlL]?/y;
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const WIDE_NAME = /[\p{ID_Start}_]\p{ID_Continue}*/uy;
const STRING_PREFIX = /^(?:[rR]|[uU]|[bB]|[fF]|[tT]|[bB][rR]|[rR][bB]|[fFtT][rR]|[rR][fFtT]|[uU][rR])$/;
const GAP = 80;
const ESCAPED_LETTERS = 8;
const LONG_LITERAL = 2000;
const ENCODED = /^[A-Za-z0-9+/=_-]+$/;
const CYRILLIC_AND_LATIN = /(?=.*\p{Script=Latin})(?=.*[\p{Script=Cyrillic}\p{Script=Armenian}\p{Script=Cherokee}])/u;
const MAX_ODDITIES = 50;
const MAX_INDENT = 100;

export class Lexer {
  readonly faults: SourceFault[] = [];
  readonly oddities: Oddity[] = [];
  readonly budget: WordBudget;
  readonly #source: string;
  readonly #indents = [0];
  readonly #queue: Token[] = [];
  #at = 0;
  #line: number;
  #depth = 0;
  #fresh = true;
  #last: TokenKind = 'newline';
  #counts = new Map<OddityCode, number>();

  constructor(source: string, budget: WordBudget, line = 1) {
    this.budget = budget;
    this.#source = source.includes('\r') ? source.replace(/\r\n?/g, '\n') : source;
    this.#line = line;
  }

  /** The token `ahead` places from here. */
  peek(ahead = 0): Token {
    while (this.#queue.length <= ahead) this.#queue.push(this.#read());
    return this.#queue[ahead] ?? this.#token('end', '');
  }

  next(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.#queue.shift();
    return token;
  }

  fault(message: string, line = this.#line): void {
    if (this.faults.length < 20) this.faults.push({ line, message });
  }

  #count(): void {
    this.budget.used += 1;
    if (this.budget.used > this.budget.most) throw new ParseBudget(`it has more than ${this.budget.most} words`);
  }

  #token(kind: TokenKind, text: string): Token {
    this.#count();
    this.#last = kind;
    return { kind, text, line: this.#line };
  }

  #read(): Token {
    if (this.#fresh && this.#depth === 0) {
      const token = this.#margin();
      if (token !== undefined) return token;
    }
    const source = this.#source;
    const from = this.#at;
    this.#blank();
    const character = source[this.#at];
    if (character === undefined) return this.#finish();
    if (character === '\n') {
      this.#at += 1;
      const token = this.#depth === 0 ? this.#token('newline', '') : undefined;
      this.#line += 1;
      this.#fresh = this.#depth === 0;
      return token ?? this.#read2();
    }
    if (this.#at - from >= GAP && this.#last !== 'newline')
      this.#odd('far-right', 'code behind a long gap in its line');
    return this.#word(character);
  }

  // A loop, not recursion: a file may have a million lines inside one bracket.
  #read2(): Token {
    for (;;) {
      this.#blank();
      const character = this.#source[this.#at];
      if (character === undefined) return this.#finish();
      if (character !== '\n') return this.#word(character);
      this.#at += 1;
      this.#line += 1;
    }
  }

  /** Indentation of a line that has something on it; comments and empty lines do not count. */
  #margin(): Token | undefined {
    const source = this.#source;
    for (;;) {
      let column = 0;
      for (; ; this.#at++) {
        const character = source[this.#at];
        if (character === ' ') column += 1;
        else if (character === '\t') column = (column | 7) + 1;
        else if (character === '\f') column = 0;
        else break;
      }
      if (source[this.#at] === '#') this.#comment();
      if (source[this.#at] === '\\' && source[this.#at + 1] === '\n') {
        this.#at += 2;
        this.#line += 1;
        continue;
      }
      if (source[this.#at] === '\n') {
        this.#at += 1;
        this.#line += 1;
        continue;
      }
      this.#fresh = false;
      return source[this.#at] === undefined ? undefined : this.#indentation(column);
    }
  }

  #indentation(column: number): Token | undefined {
    const current = this.#indents.at(-1) ?? 0;
    if (column > current) {
      if (this.#indents.length >= MAX_INDENT) this.fault('it is indented too deep');
      else this.#indents.push(column);
      return this.#indents.at(-1) === column ? this.#token('indent', '') : undefined;
    }
    if (column === current) return undefined;
    const first = this.#token('dedent', '');
    this.#indents.pop();
    while ((this.#indents.at(-1) ?? 0) > column) {
      this.#indents.pop();
      this.#queue.push(this.#token('dedent', ''));
    }
    if ((this.#indents.at(-1) ?? 0) !== column) this.fault('its indentation fits no block');
    return first;
  }

  #blank(): void {
    const source = this.#source;
    for (;;) {
      const character = source[this.#at];
      if (character === ' ' || character === '\t' || character === '\f') this.#at += 1;
      else if (character === '#') this.#comment();
      else if (character === '\\' && source[this.#at + 1] === '\n') {
        this.#at += 2;
        this.#line += 1;
      } else return;
    }
  }

  #comment(): void {
    const end = this.#source.indexOf('\n', this.#at);
    this.#at = end < 0 ? this.#source.length : end;
  }

  #finish(): Token {
    if (this.#depth > 0) {
      this.fault('a bracket is not closed');
      this.#depth = 0;
    }
    if (this.#last !== 'newline' && this.#last !== 'dedent' && this.#last !== 'end') return this.#token('newline', '');
    if (this.#indents.length > 1) {
      this.#indents.pop();
      return this.#token('dedent', '');
    }
    return this.#token('end', '');
  }

  #word(character: string): Token {
    if (character === "'" || character === '"') return this.#string(this.#at, this.#at);
    const number = this.#match(NUMBER);
    if (number !== undefined) return this.#token('number', number);
    const name = this.#match(NAME, true) ?? this.#match(WIDE_NAME);
    if (name !== undefined) return this.#name(name);
    const op = this.#match(OPERATORS);
    if (op === undefined) {
      if (character !== '\\') this.fault(`the character U+${(this.#source.codePointAt(this.#at) ?? 0).toString(16)}`);
      else this.fault('a stray backslash');
      this.#at += character >= '\ud800' && character <= '\udbff' ? 2 : 1;
      return this.#token('op', '?');
    }
    if (op === '(' || op === '[' || op === '{') this.#depth += 1;
    else if ((op === ')' || op === ']' || op === '}') && this.#depth > 0) this.#depth -= 1;
    return this.#token('op', op);
  }

  #name(name: string): Token {
    const next = this.#source[this.#at];
    if ((next === "'" || next === '"') && STRING_PREFIX.test(name))
      return this.#string(this.#at - name.length, this.#at);
    // eslint wants no control characters here: plain ASCII names need no further look.
    if (/^\w+$/.test(name)) return this.#token('name', name);
    const plain = name.normalize('NFKC');
    if (plain !== name && /^\w+$/.test(plain)) this.#odd('normalised-name', `a name that Python reads as ${plain}`);
    else if (CYRILLIC_AND_LATIN.test(name)) this.#odd('mixed-script', 'a name of letters that only look alike');
    return this.#token('name', plain);
  }

  #string(start: number, quote: number): Token {
    const literal = readString(this.#source, start, quote, this.#line);
    const raw = this.#source.slice(quote, literal.end);
    if (literal.open) this.fault('a string is not closed');
    if (literal.escapedLetters >= ESCAPED_LETTERS)
      this.#odd('escaped-letters', `a string spells ${literal.escapedLetters} plain letters as escapes`);
    if (literal.text.length >= LONG_LITERAL && ENCODED.test(literal.text))
      this.#odd('long-literal', `an encoded text of ${literal.text.length} characters`);
    const { line } = this;
    this.#at = literal.end;
    for (let at = raw.indexOf('\n'); at >= 0; at = raw.indexOf('\n', at + 1)) this.#line += 1;
    this.#count();
    this.#last = 'string';
    return {
      kind: 'string',
      text: literal.text,
      line,
      ...(literal.bytes ? { bytes: true } : {}),
      ...(literal.parts === undefined ? {} : { parts: literal.parts }),
    };
  }

  get line(): number {
    return this.#line;
  }

  /** @param alone whether a letter outside ASCII must not follow */
  #match(pattern: RegExp, alone = false): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source)?.[0];
    if (found === undefined || found === '') return undefined;
    if (alone && (this.#source.charCodeAt(this.#at + found.length) || 0) > 127) return undefined;
    this.#at += found.length;
    return found;
  }

  #odd(code: OddityCode, detail: string): void {
    const count = (this.#counts.get(code) ?? 0) + 1;
    this.#counts.set(code, count);
    if (count <= MAX_ODDITIES) this.oddities.push({ code, line: this.#line, detail });
  }
}
