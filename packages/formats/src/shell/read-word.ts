// One word of a shell script: quotes, escapes, variables, substitutions and braces, to the text that the shell would see.
import { decodeEscapes } from './constants.js';
import type { ShellScript, ShellWord } from './script.js';
import type { Value, Variables } from './variables.js';
import { SPLIT } from './variables.js';

/** What a word needs of the reader that it stands in. */
export interface WordScope {
  readonly text: string;
  readonly end: number;
  readonly variables: Variables;
  at: number;
  nested(close: ')'): ShellScript;
  inner(text: string): ShellScript;
  constant(script: ShellScript): string | undefined;
  /** @param again characters that are read a second time */
  syntax(why: string, again?: number): void;
}

const ENDS = new Set([' ', '\t', '\n', '\r', ';', '&', '|', '<', '>', '(', ')']);
const MAX_WORDS = 256;

export function skipBlanks(scope: WordScope): void {
  for (;;) {
    const char = scope.text[scope.at];
    if (scope.at >= scope.end) return;
    if (char === ' ' || char === '\t' || char === '\r') scope.at += 1;
    else if (char === '\\' && scope.text[scope.at + 1] === '\n') scope.at += 2;
    else if (char === '\\' && scope.text.startsWith('\r\n', scope.at + 1)) scope.at += 3;
    else return;
  }
}

/** Several words where a variable or braces fall apart; none where nothing is left. */
export function readWord(scope: WordScope, assigned = false): readonly ShellWord[] {
  const builder = new Builder(scope);
  builder.read();
  return builder.words(assigned);
}

class Builder {
  readonly #scope: WordScope;
  readonly #from: number;
  #text = '';
  #known = true;
  #quoted = false;
  /** Quotes with letters of the same word on either side. */
  #inner = 0;
  readonly #runs: ShellScript[] = [];
  readonly #tricks = new Set<string>();

  constructor(scope: WordScope) {
    this.#scope = scope;
    this.#from = scope.at;
  }

  read(): void {
    const scope = this.#scope;
    while (scope.at < scope.end) {
      const char = scope.text[scope.at] ?? '';
      if ((char === '<' || char === '>') && scope.text[scope.at + 1] === '(') this.#process(char);
      else if (ENDS.has(char)) return;
      else if (char === "'") this.#single();
      else if (char === '"') this.#double();
      else if (char === '\\') this.#escape();
      else if (char === '$') this.#dollar(false);
      else if (char === '`') this.#backquote();
      else {
        this.#text += char;
        scope.at += 1;
      }
    }
  }

  words(assigned: boolean): readonly ShellWord[] {
    const raw = this.#scope.text.slice(this.#from, this.#scope.at).slice(0, 2000);
    if (this.#inner > 0 && /^[\w./-]+$/.test(this.#text)) this.#tricks.add('inner quotes');
    const word = (text: string): ShellWord => ({
      text,
      raw,
      known: this.#known,
      runs: this.#runs,
      tricks: [...this.#tricks],
    });
    if (assigned) return [word(this.#text.replaceAll(SPLIT, ' '))];
    const parts = this.#text.includes(SPLIT) ? this.#text.split(SPLIT).filter((part) => part !== '') : [this.#text];
    if (parts.length === 1 && parts[0] === '' && !this.#quoted && this.#runs.length === 0) return [];
    const expanded = !this.#quoted && this.#text.includes('{') ? parts.flatMap(expandBraces) : parts;
    return expanded.slice(0, MAX_WORDS).map(word);
  }

  #beside(start: number): void {
    const { text, at } = this.#scope;
    if (/[A-Za-z]/.test(text[start - 1] ?? '') || (/[A-Za-z]/.test(text[at] ?? '') && at < this.#scope.end))
      this.#inner += 1;
  }

  #single(): void {
    const scope = this.#scope;
    const start = scope.at;
    const close = scope.text.indexOf("'", scope.at + 1);
    this.#quoted = true;
    if (close < 0 || close >= scope.end) return this.#unclosed();
    this.#text += scope.text.slice(scope.at + 1, close);
    scope.at = close + 1;
    this.#beside(start);
  }

  /** A quote without its end: go on behind it, so that it hides nothing. */
  #unclosed(again = 0): void {
    this.#scope.syntax('a quote is not closed', again);
    this.#scope.at += 1;
  }

  #double(): void {
    const scope = this.#scope;
    const start = scope.at;
    const before = this.#text;
    this.#quoted = true;
    scope.at += 1;
    while (scope.at < scope.end) {
      const char = scope.text[scope.at] ?? '';
      if (char === '"') {
        scope.at += 1;
        return this.#beside(start);
      }
      if (char === '\\') {
        const next = scope.text[scope.at + 1] ?? '';
        if (next !== '\n') this.#text += '$`"\\'.includes(next) ? next : `\\${next}`;
        scope.at += 2;
      } else if (char === '$') this.#dollar(true);
      else if (char === '`') this.#backquote();
      else {
        this.#text += char;
        scope.at += 1;
      }
    }
    const again = scope.at - start;
    scope.at = start;
    this.#text = before;
    this.#unclosed(again);
  }

  #escape(): void {
    const scope = this.#scope;
    const next = scope.text[scope.at + 1];
    if (next !== undefined && next !== '\n') {
      this.#text += next;
      if (/[A-Za-z]/.test(next) && /[A-Za-z]/.test(scope.text[scope.at - 1] ?? '')) this.#inner += 1;
    }
    scope.at = Math.min(scope.end, scope.at + 2);
  }

  #dollar(quoted: boolean): void {
    const scope = this.#scope;
    const next = scope.text[scope.at + 1] ?? '';
    if (next === "'" && !quoted) return this.#ansi();
    if (next === '"' && !quoted) {
      scope.at += 1;
      return;
    }
    if (next === '(') {
      if (scope.text[scope.at + 2] === '(') {
        const close = scope.text.indexOf('))', scope.at);
        if (close > 0 && close < scope.end && close - scope.at < 500) {
          this.#open('$((...))');
          scope.at = close + 2;
          return;
        }
      }
      scope.at += 2;
      return this.#substitute(scope.nested(')'));
    }
    if (next === '{') return this.#braces(quoted);
    const name = /^(?:[A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!-])/.exec(scope.text.slice(scope.at + 1, scope.at + 200))?.[0];
    if (name === undefined) {
      this.#text += '$';
      scope.at += 1;
      return;
    }
    scope.at += 1 + name.length;
    const { tricks, ...value } = this.#scope.variables.get(name);
    this.#put(value, quoted, tricks);
  }

  #ansi(): void {
    const scope = this.#scope;
    const match = /^\$'((?:[^'\\]|\\.){0,100000})'/s.exec(
      scope.text.slice(scope.at, Math.min(scope.end, scope.at + 100_010)),
    );
    this.#quoted = true;
    if (match === null) {
      scope.at += 1;
      return this.#unclosed();
    }
    if (/\\(?:x|u|U|[0-7]{2})/.test(match[1] ?? '')) this.#tricks.add('ansi-c');
    this.#text += decodeEscapes(match[1] ?? '');
    scope.at += match[0].length;
  }

  #braces(quoted: boolean): void {
    const scope = this.#scope;
    const close = closingBrace(scope.text, scope.at + 2, scope.end);
    if (close < 0) {
      this.#text += '$';
      scope.at += 1;
      return;
    }
    const inner = scope.text.slice(scope.at + 2, close);
    const value = scope.variables.braces(inner, (text) => this.#sub(text));
    scope.at = close + 1;
    const { tricks, ...rest } = value;
    this.#put(rest, quoted, tricks);
  }

  /** The word of an operator inside `${...}`. */
  #sub(text: string): Value {
    if (!/[$`'"\\]/.test(text)) return { text, known: true, runs: [] };
    const script = this.#scope.inner(`x=${/^["'$`]/.test(text) ? text : `"${text}"`}`);
    const value = script.pipelines[0]?.commands[0]?.assignments[0]?.value;
    return value ?? { text, known: false, runs: [] };
  }

  #backquote(): void {
    const scope = this.#scope;
    let at = scope.at + 1;
    while (at < scope.end && scope.text[at] !== '`') at += scope.text[at] === '\\' ? 2 : 1;
    if (at >= scope.end) return this.#unclosed();
    const inner = scope.text.slice(scope.at + 1, at).replace(/\\([`\\$])/g, '$1');
    scope.at = at + 1;
    this.#substitute(scope.inner(inner));
  }

  #substitute(script: ShellScript): void {
    this.#runs.push(script);
    const output = this.#scope.constant(script);
    if (output === undefined) return this.#open('$(...)');
    if (decodesText(script)) this.#tricks.add('decoded');
    this.#text += output.replace(/\n+$/, '');
  }

  #process(sign: string): void {
    this.#scope.at += 2;
    this.#runs.push(this.#scope.nested(')'));
    this.#open(`${sign}(...)`);
  }

  #open(text: string): void {
    this.#text += text;
    this.#known = false;
  }

  #put(value: Value, quoted: boolean, tricks: readonly string[]): void {
    this.#runs.push(...value.runs.slice(0, 20));
    for (const trick of tricks) this.#tricks.add(trick);
    if (!value.known) this.#known = false;
    this.#text += quoted ? value.text.replaceAll(SPLIT, ' ') : value.text.replace(/\s+/g, SPLIT);
  }
}

/** Whether it takes more than printing to get the text: a decoder, a reversal, escapes. */
function decodesText(script: ShellScript): boolean {
  const commands = script.pipelines.flatMap((pipeline) => pipeline.commands);
  return commands.some(
    ({ words }) =>
      !/^(?:echo|printf|cat)$/.test(words[0]?.text ?? '') ||
      words.some(({ raw }) => /\\\\?(?:x[0-9a-fA-F]|[0-7]{3})/.test(raw)),
  );
}

/** The brace that closes `${`, past quotes and braces inside; -1 where there is none within 2,000 characters. */
function closingBrace(text: string, from: number, end: number): number {
  let depth = 1;
  const stop = Math.min(end, from + 2000);
  for (let at = from; at < stop; at++) {
    const char = text[at];
    if (char === '\\') at += 1;
    else if (char === '{') depth += 1;
    else if (char === '}' && --depth === 0) return at;
    else if (char === "'" && depth > 0) {
      const close = text.indexOf("'", at + 1);
      if (close > 0 && close < stop && !text.slice(at, close).includes('}')) at = close;
    }
  }
  return -1;
}

/** `{a,b}` and `a{b,c}d`, one pair a time. */
function expandBraces(text: string): readonly string[] {
  let words = [text];
  for (let round = 0; round < 4; round++) {
    const next = words.flatMap((word) => {
      const match = /^(.*?)\{([^{}]*,[^{}]*)\}(.*)$/s.exec(word);
      if (match === null || word.length > 4000) return [word];
      return (match[2] ?? '').split(',').map((part) => `${match[1] ?? ''}${part}${match[3] ?? ''}`);
    });
    if (next.length === words.length || next.length > MAX_WORDS) return next.slice(0, MAX_WORDS);
    words = next;
  }
  return words;
}
