// Cuts a Jinja template into text and tokens as Jinja 3 does with its default delimiters: comments, raw blocks, the signs
// that strip white space, and the escapes of Python's texts. An escape is how a template hides a name (`"\x5f"`).

export class JinjaFault extends Error {
  readonly at: number;
  /** The template is larger or deeper than what is read, and may be a good one. */
  readonly budget: boolean;

  constructor(message: string, at: number, budget = false) {
    super(message);
    this.at = at;
    this.budget = budget;
  }
}

export type Token =
  | { readonly kind: 'text'; readonly value: string; readonly at: number }
  | { readonly kind: 'begin' | 'end'; readonly value: 'output' | 'statement'; readonly at: number }
  | { readonly kind: 'name' | 'string' | 'operator'; readonly value: string; readonly at: number }
  | { readonly kind: 'number'; readonly value: number; readonly whole: boolean; readonly at: number };

const OPEN = /\{[{%#]/g;
const RAW = /\{%[-+]?\s*raw\s*-?%\}/y;
const END_RAW = /\{%[-+]?\s*endraw\s*[-+]?%\}/g;
const SPACE = /\s+/y;
const NAME = /[\p{L}\p{N}_\p{Mn}\p{Mc}\p{Pc}]+/uy;
const NUMBER =
  /0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0[xX](?:_?[\da-fA-F])+|\d+(?:_\d+)*(?:\.\d+(?:_\d+)*)?(?:[eE][+-]?\d+(?:_\d+)*)?/y;
const DIGITS = /\d+/y;
const STRING = /'(?:[^'\\]|\\[\s\S])*'|"(?:[^"\\]|\\[\s\S])*"/y;
const OPERATOR = /\/\/|\*\*|==|!=|>=|<=|[-+/*%~[\](){}<>=.:|,;]/y;
const ENDS = { output: /[-+]?\}\}/y, statement: /[-+]?%\}/y } as const;
const CLOSERS: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/** @throws JinjaFault where Jinja would, or above `maxTokens` */
export function tokensOf(text: string, maxTokens: number): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    if (tokens.length > maxTokens) throw new JinjaFault('it is longer than what is read', at, true);
    OPEN.lastIndex = at;
    const open = OPEN.exec(text);
    const start = open?.index ?? text.length;
    if (start > at) tokens.push({ kind: 'text', value: text.slice(at, start), at });
    if (open === null) break;
    if (open[0] === '{#') at = endOfComment(text, start);
    else {
      const raw = match(RAW, text, start);
      if (raw !== undefined) at = readRaw(text, start, start + raw.length, tokens);
      else at = readTag(text, start, open[0] === '{{' ? 'output' : 'statement', tokens, maxTokens);
    }
  }
  return tokens;
}

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

function endOfComment(text: string, start: number): number {
  const end = text.indexOf('#}', start + 2);
  if (end < 0) throw new JinjaFault('a comment does not end', start);
  return end + 2;
}

function readRaw(text: string, start: number, from: number, tokens: Token[]): number {
  END_RAW.lastIndex = from;
  const end = END_RAW.exec(text);
  if (end === null) throw new JinjaFault('a raw block does not end', start);
  tokens.push({ kind: 'text', value: text.slice(from, end.index), at: from });
  return end.index + end[0].length;
}

function readTag(
  text: string,
  start: number,
  kind: 'output' | 'statement',
  tokens: Token[],
  maxTokens: number,
): number {
  tokens.push({ kind: 'begin', value: kind, at: start });
  let at = start + 2;
  // `{%-` and `{%+`: a sign, not an operator.
  if (text[at] === '-' || text[at] === '+') at += 1;
  const open: string[] = [];
  while (at < text.length) {
    at += match(SPACE, text, at)?.length ?? 0;
    const end = open.length === 0 ? match(ENDS[kind], text, at) : undefined;
    if (end !== undefined) {
      tokens.push({ kind: 'end', value: kind, at });
      return at + end.length;
    }
    if (at >= text.length) break;
    const token = readToken(text, at);
    if (tokens.length > maxTokens) throw new JinjaFault('it is longer than what is read', at, true);
    if (token.token.kind === 'operator') balance(open, token.token.value, at);
    tokens.push(token.token);
    at = token.end;
  }
  throw new JinjaFault('a tag does not end', start);
}

function balance(open: string[], operator: string, at: number): void {
  const closer = CLOSERS[operator];
  if (closer !== undefined) open.push(closer);
  else if (operator === ')' || operator === ']' || operator === '}')
    if (open.pop() !== operator) throw new JinjaFault(`"${operator}" closes nothing`, at);
}

function readToken(text: string, at: number): { token: Token; end: number } {
  const digit = /\d/.test(text[at] ?? '');
  // Behind a point only digits are a number: `x.0.1` is an element of an element.
  const number = digit ? match(text[at - 1] === '.' ? DIGITS : NUMBER, text, at) : undefined;
  if (number !== undefined) {
    const whole = !/^\d[\d_]*[.eE]/.test(number);
    return { token: { kind: 'number', value: Number(number.replaceAll('_', '')), whole, at }, end: at + number.length };
  }
  const name = match(NAME, text, at);
  if (name !== undefined) return { token: { kind: 'name', value: name, at }, end: at + name.length };
  const string = match(STRING, text, at);
  if (string !== undefined)
    return { token: { kind: 'string', value: unescape(string.slice(1, -1)), at }, end: at + string.length };
  const operator = match(OPERATOR, text, at);
  if (operator === undefined) throw new JinjaFault(`${JSON.stringify(text[at])} does not belong there`, at);
  return { token: { kind: 'operator', value: operator, at }, end: at + operator.length };
}

const ESCAPE =
  /\\(?:([abfnrtv\\'"])|\r?\n|([0-7]{1,3})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|N\{([^}]*)\})/g;
const SIMPLE: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
};

/** The text that Python's `unicode-escape` makes of a literal. */
function unescape(literal: string): string {
  if (!literal.includes('\\')) return literal;
  return literal.replace(
    ESCAPE,
    (_all, simple?: string, octal?: string, x?: string, u?: string, big?: string, named?: string) => {
      if (simple !== undefined) return SIMPLE[simple] ?? '';
      if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8));
      const code = x ?? u ?? big;
      if (code !== undefined) {
        const point = Number.parseInt(code, 16);
        return point <= 0x10ffff ? String.fromCodePoint(point) : '\ufffd';
      }
      // A character by its name: only the one that private names begin with matters to a reader of names.
      if (named !== undefined) return /\bLOW LINE\b/i.test(named) ? '_' : '\ufffd';
      return '';
    },
  );
}
