// An expression as words. One character decides what a word is, so that the work is linear in the text.
import { refuseExpression } from './ast.js';

export interface Token {
  readonly kind: 'number' | 'text' | 'name' | 'word' | 'sign' | 'end';
  readonly text: string;
  /** Offset of its first character. */
  readonly at: number;
}

export const MAX_EXPRESSION = 4000;
/** Longest first. */
const SIGNS = ['==', '!=', '<=', '>=', '<', '>', '+', '-', '*', '/', '%', '(', ')', ','];
const NUMBER = /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /[\p{L}_][\p{L}\p{N}_.]*/uy;
const WORDS = new Set(['and', 'or', 'not', 'is', 'null', 'in', 'true', 'false']);

/** @throws VallumError `DATA_EXPRESSION` */
export function tokensOf(text: string): readonly Token[] {
  if (text.length > MAX_EXPRESSION) throw refuseExpression(`it has more than ${MAX_EXPRESSION} characters`, 0);
  const tokens: Token[] = [];
  for (let at = 0; at < text.length;) {
    const character = text[at] ?? '';
    if (/\s/.test(character)) at += 1;
    else {
      const token = tokenAt(text, at, character);
      tokens.push(token.token);
      at = token.end;
    }
  }
  return [...tokens, { kind: 'end', text: 'the end', at: text.length }];
}

function tokenAt(text: string, at: number, first: string): { readonly token: Token; readonly end: number } {
  if (first === "'" || first === '"') return quoted(text, at, first, 'text');
  if (first === '`') return quoted(text, at, first, 'name');
  const number = matchAt(NUMBER, text, at);
  if (number !== undefined) {
    const end = at + number.length;
    if (!Number.isFinite(Number(number))) throw refuseExpression('a number is too large', at);
    return { token: { kind: 'number', text: number, at }, end };
  }
  const word = matchAt(WORD, text, at);
  if (word !== undefined)
    return { token: { kind: WORDS.has(word) ? 'word' : 'name', text: word, at }, end: at + word.length };
  const sign = SIGNS.find((each) => text.startsWith(each, at));
  if (sign === undefined) throw refuseExpression(`it holds ${JSON.stringify(first)}`, at);
  return { token: { kind: 'sign', text: sign, at }, end: at + sign.length };
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

/** Between two equal marks; a doubled mark stands for itself, as in SQL. */
function quoted(text: string, start: number, mark: string, kind: 'text' | 'name'): ReturnType<typeof tokenAt> {
  let value = '';
  for (let at = start + 1; ;) {
    const close = text.indexOf(mark, at);
    if (close < 0) throw refuseExpression('a quotation mark is missing', start);
    value += text.slice(at, close);
    if (text[close + 1] !== mark) return { token: { kind, text: value, at: start }, end: close + 1 };
    value += mark;
    at = close + 2;
  }
}
