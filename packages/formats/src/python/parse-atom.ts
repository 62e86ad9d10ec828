// Values in brackets, names, numbers and strings, and the cursor that all of the parser moves.
import { Lexer } from './lexer.js';
import type { Clause, Expression } from './syntax.js';
import { ParseBudget } from './tokens.js';
import type { Hole, Token } from './tokens.js';

/** Expressions inside expressions; CPython stops at about the same depth. */
export const MAX_DEPTH = 200;
const MAX_HOLES = 4;

/** Words that can end an expression, never start one. */
export const ENDS: ReadonlySet<string> = new Set([
  'if',
  'else',
  'for',
  'in',
  'and',
  'or',
  'is',
  'as',
  'import',
  'from',
  'async',
  'elif',
  'except',
]);

export abstract class AtomParser {
  readonly lexer: Lexer;
  /** F-strings that this source stands in. */
  protected readonly holes: number;
  protected depth = 0;

  constructor(lexer: Lexer, holes: number) {
    this.lexer = lexer;
    this.holes = holes;
  }

  abstract list(): Expression;
  abstract starred(): Expression;
  abstract value(): Expression;
  abstract targets(): Expression;
  /** An expression without `if` and `lambda`. */
  protected abstract disjunction(): Expression;
  protected abstract inside(lexer: Lexer): AtomParser;

  is(text: string, ahead = 0): boolean {
    const token = this.lexer.peek(ahead);
    return token.text === text && (token.kind === 'op' || token.kind === 'name');
  }

  take(text: string): boolean {
    if (!this.is(text)) return false;
    this.lexer.next();
    return true;
  }

  expect(text: string): void {
    if (!this.take(text)) this.lexer.fault(`${text} is missing`, this.lexer.peek().line);
  }

  protected atEnd(): boolean {
    const { kind } = this.lexer.peek();
    return kind === 'end' || kind === 'newline';
  }
  protected isFor(): boolean {
    return this.is('for') || (this.is('async') && this.is('for', 1));
  }

  protected comprehension(
    type: 'list' | 'set' | 'dict' | 'generator',
    element: Expression,
    value?: Expression,
  ): Expression {
    const clauses: Clause[] = [];
    while (this.isFor()) {
      this.take('async');
      this.lexer.next();
      const target = this.targets();
      this.expect('in');
      const iterable = this.disjunction();
      const conditions: Expression[] = [];
      while (this.take('if')) conditions.push(this.condition());
      clauses.push({ target, iterable, conditions });
    }
    return { kind: 'comprehension', type, element, clauses, ...(value === undefined ? {} : { value }) };
  }

  protected condition(): Expression {
    if (this.is('lambda') || this.is(':=', 1)) return this.value();
    return this.disjunction();
  }

  protected atom(): Expression {
    const token = this.lexer.peek();
    const { kind, text, line } = token;
    if (kind === 'name') {
      if (ENDS.has(text)) return this.#missing(token);
      this.lexer.next();
      const constant = CONSTANTS.get(text);
      return constant === undefined ? { kind: 'name', name: text, line } : { kind: 'constant', value: constant, line };
    }
    if (kind === 'number') return { kind: 'constant', value: numberOf(this.lexer.next().text), line };
    if (kind === 'string') return this.#strings();
    if (kind !== 'op') return this.#missing(token);
    if (text === '(') return this.#round();
    if (text === '[') return this.#square();
    if (text === '{') return this.#curly();
    if (text === '...') {
      this.lexer.next();
      return NOTHING;
    }
    if (text === '`') {
      this.lexer.next();
      const value = this.list();
      this.expect('`');
      return { kind: 'wrap', value };
    }
    return this.#missing(token);
  }

  #missing(token: Token): Expression {
    this.lexer.fault('a value is missing', token.line);
    return NOTHING;
  }

  /** Strings side by side are one. */
  #strings(): Expression {
    const parts: (string | Expression)[] = [];
    const { line, bytes } = this.lexer.peek();
    while (this.lexer.peek().kind === 'string') {
      const token = this.lexer.next();
      for (const part of token.parts ?? [token.text]) parts.push(typeof part === 'string' ? part : this.#hole(part));
    }
    if (parts.some((part) => typeof part !== 'string')) return { kind: 'format', parts, line };
    const text = parts.filter((part) => typeof part === 'string').join('');
    return bytes === true ? { kind: 'bytes', text, line } : { kind: 'constant', value: text, line };
  }

  #hole({ source, line }: Hole): Expression {
    if (this.holes >= MAX_HOLES) throw new ParseBudget('its f-strings are nested too deep');
    const inner = this.inside(new Lexer(`(${source.replace(/=\s*$/, '')}\n)`, this.lexer.budget, line));
    const value = inner.list();
    for (const fault of inner.lexer.faults) this.lexer.fault(fault.message, fault.line);
    this.lexer.oddities.push(...inner.lexer.oddities);
    return value;
  }

  #round(): Expression {
    this.lexer.next();
    if (this.take(')')) return { kind: 'sequence', type: 'tuple', items: [] };
    const first = this.starred();
    if (this.isFor()) {
      const made = this.comprehension('generator', first);
      this.expect(')');
      return made;
    }
    const items = this.#items(first, ')');
    return items === undefined ? first : { kind: 'sequence', type: 'tuple', items };
  }

  #square(): Expression {
    this.lexer.next();
    if (this.take(']')) return { kind: 'sequence', type: 'list', items: [] };
    const first = this.starred();
    if (this.isFor()) {
      const made = this.comprehension('list', first);
      this.expect(']');
      return made;
    }
    return { kind: 'sequence', type: 'list', items: this.#items(first, ']') ?? [first] };
  }

  /** The items up to the closing bracket; undefined when the first is all there is. */
  #items(first: Expression, close: ')' | ']' | '}'): Expression[] | undefined {
    const items = [first];
    let commas = 0;
    while (this.take(',')) {
      commas += 1;
      if (this.is(close)) break;
      items.push(this.starred());
    }
    this.#close(close);
    return commas === 0 ? undefined : items;
  }

  #close(close: string): void {
    if (this.take(close)) return;
    this.lexer.fault(`${close} is missing`, this.lexer.peek().line);
    while (!this.is(close) && !this.atEnd()) this.lexer.next();
    this.take(close);
  }

  #curly(): Expression {
    this.lexer.next();
    if (this.take('}')) return { kind: 'dict', entries: [] };
    const entries: [Expression | undefined, Expression][] = [];
    const items: Expression[] = [];
    do {
      if (this.is('}')) break;
      const key = this.starred();
      if (key.kind === 'star' && key.double) entries.push([undefined, key.value]);
      else if (this.take(':')) {
        const value = this.value();
        if (this.isFor()) {
          const made = this.comprehension('dict', key, value);
          this.#close('}');
          return made;
        }
        entries.push([key, value]);
      } else if (this.isFor()) {
        const made = this.comprehension('set', key);
        this.#close('}');
        return made;
      } else items.push(key);
    } while (this.take(','));
    this.#close('}');
    return items.length > 0 ? { kind: 'sequence', type: 'set', items } : { kind: 'dict', entries };
  }
}

export const NOTHING: Expression = { kind: 'constant', value: null, line: 0 };
const CONSTANTS = new Map<string, boolean | null>([
  ['True', true],
  ['False', false],
  ['None', null],
]);

function numberOf(text: string): number | bigint {
  const plain = text.replaceAll('_', '').replace(/[jJlL]$/, '');
  if (/^0[xXbBoO]/.test(plain) && plain.length > 2) return small(BigInt(plain));
  if (/^0[0-7]+$/.test(plain)) return small(BigInt(`0o${plain}`));
  // Digits beyond a few thousand are refused by Python as well.
  if (/^[0-9]{1,4000}$/.test(plain)) return small(BigInt(plain));
  return Number(plain);
}

function small(value: bigint): number | bigint {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}

export function namesOf(expression: Expression): readonly string[] {
  if (expression.kind === 'name') return [expression.name];
  return expression.kind === 'sequence' ? expression.items.flatMap(namesOf) : [];
}
