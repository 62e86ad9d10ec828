// Expressions of Python, by precedence. What does not fit becomes a fault and an empty value; parsing goes on.
import type { Lexer } from './lexer.js';
import { AtomParser, ENDS, MAX_DEPTH, namesOf, NOTHING } from './parse-atom.js';
import { ParseBudget } from './tokens.js';
import type { Argument, Expression, Parameter, Trail } from './syntax.js';

const LEVELS: readonly (readonly string[])[] = [
  ['|'],
  ['^'],
  ['&'],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '//', '%', '@'],
];
const COMPARISONS = new Set(['<', '>', '==', '>=', '<=', '!=', '<>', 'in', 'is']);
export class ExpressionParser extends AtomParser {
  /** Inside brackets of a `match` pattern, where `as name` may follow any value. */
  pattern = false;

  constructor(lexer: Lexer, holes = 0) {
    super(lexer, holes);
  }

  protected inside(lexer: Lexer): AtomParser {
    const inner = new ExpressionParser(lexer, this.holes + 1);
    inner.depth = this.depth;
    return inner;
  }

  protected disjunction(): Expression {
    return this.#logic('or', () => this.#logic('and', () => this.#not()));
  }

  /** `a, *b, c` without brackets: a tuple when there is a comma. */
  list(): Expression {
    const first = this.starred();
    if (!this.is(',')) return first;
    const items = [first];
    while (this.take(',')) {
      if (!this.#startsValue()) break;
      items.push(this.starred());
    }
    return { kind: 'sequence', type: 'tuple', items };
  }

  starred(): Expression {
    if (this.is('*') || this.is('**')) {
      const double = this.lexer.next().text === '**';
      return { kind: 'star', value: this.#binary(0), double };
    }
    return this.value();
  }

  value(): Expression {
    this.depth += 1;
    if (this.depth > MAX_DEPTH) throw new ParseBudget('its expressions are nested too deep');
    try {
      const value = this.#value();
      if (this.pattern && this.is('as') && this.lexer.peek(1).kind === 'name') {
        this.lexer.next();
        return { kind: 'named', name: this.lexer.next().text, value };
      }
      return value;
    } finally {
      this.depth -= 1;
    }
  }

  #value(): Expression {
    if (this.is('lambda')) return this.#lambda();
    if (this.is('yield')) {
      this.lexer.next();
      this.take('from');
      return { kind: 'wrap', value: this.#startsValue() ? this.list() : NOTHING };
    }
    if (this.lexer.peek().kind === 'name' && this.is(':=', 1)) {
      const { text } = this.lexer.next();
      this.lexer.next();
      return { kind: 'named', name: text, value: this.value() };
    }
    const then = this.disjunction();
    if (!this.is('if')) return then;
    this.lexer.next();
    const test = this.disjunction();
    if (!this.take('else')) return { kind: 'logic', operators: ['if'], items: [then, test] };
    return { kind: 'choice', test, then, other: this.value() };
  }

  #lambda(): Expression {
    const { line } = this.lexer.next();
    const parameters = this.parameters(':', false);
    this.expect(':');
    return { kind: 'lambda', parameters, body: this.value(), line };
  }

  #logic(word: string, inner: () => Expression): Expression {
    const first = inner();
    if (!this.is(word)) return first;
    const items = [first];
    const operators: string[] = [];
    while (this.take(word)) {
      operators.push(word);
      items.push(inner());
    }
    return { kind: 'logic', operators, items };
  }

  #not(): Expression {
    let nots = 0;
    while (this.take('not')) nots += 1;
    const first = this.#binary(0);
    const items = [first];
    const operators: string[] = [];
    for (;;) {
      const { text, kind } = this.lexer.peek();
      const not = text === 'not' && kind === 'name' && this.is('in', 1);
      if (!not && (!COMPARISONS.has(text) || (kind !== 'op' && kind !== 'name'))) break;
      if (not) this.lexer.next();
      this.lexer.next();
      const isNot = text === 'is' && this.take('not');
      operators.push(not ? 'not in' : isNot ? 'is not' : text);
      items.push(this.#binary(0));
    }
    const compared: Expression = operators.length === 0 ? first : { kind: 'logic', operators, items };
    return nots > 0 ? { kind: 'unary', operator: 'not', operand: compared } : compared;
  }

  #binary(level: number): Expression {
    const words = LEVELS[level];
    if (words === undefined) return this.#unary();
    const first = this.#binary(level + 1);
    if (!this.#isOne(words)) return first;
    const items = [first];
    const operators: string[] = [];
    while (this.#isOne(words)) {
      operators.push(this.lexer.next().text);
      items.push(this.#binary(level + 1));
    }
    return { kind: 'chain', operators, items };
  }

  #isOne(words: readonly string[]): boolean {
    const { kind, text } = this.lexer.peek();
    return kind === 'op' && words.includes(text);
  }

  #unary(): Expression {
    let operator = '';
    while (this.is('-') || this.is('+') || this.is('~')) operator += this.lexer.next().text;
    const base = this.#power();
    return operator === '' ? base : { kind: 'unary', operator, operand: base };
  }

  #power(): Expression {
    const awaited = this.is('await') && this.#startsValue(1);
    if (awaited) this.lexer.next();
    const base = this.#trail(this.atom());
    if (!this.is('**')) return awaited ? { kind: 'wrap', value: base } : base;
    this.lexer.next();
    this.depth += 1;
    if (this.depth > MAX_DEPTH) throw new ParseBudget('its expressions are nested too deep');
    const power = this.#unary();
    this.depth -= 1;
    return { kind: 'chain', operators: ['**'], items: [base, power] };
  }

  #trail(base: Expression): Expression {
    const trail: Trail[] = [];
    const { line } = this.lexer.peek();
    for (;;) {
      if (this.is('(')) {
        const at = this.lexer.peek().line;
        trail.push({ kind: 'call', arguments: this.arguments(), line: at });
      } else if (this.is('[')) {
        this.lexer.next();
        trail.push({ kind: 'index', index: this.#index() });
      } else if (this.is('.') && this.lexer.peek(1).kind === 'name') {
        this.lexer.next();
        trail.push({ kind: 'attribute', name: this.lexer.next().text });
      } else return trail.length === 0 ? base : { kind: 'trail', base, trail, line };
    }
  }

  #index(): Expression {
    const items: Expression[] = [];
    do {
      if (this.is(']')) break;
      items.push(this.#slice());
    } while (this.take(','));
    this.expect(']');
    return items.length === 1 ? (items[0] ?? NOTHING) : { kind: 'sequence', type: 'tuple', items };
  }

  #slice(): Expression {
    const parts: (Expression | undefined)[] = [];
    let sliced = false;
    do {
      parts.push(this.is(':') || this.is(']') || this.is(',') ? undefined : this.starred());
      if (this.is(':')) sliced = true;
    } while (this.take(':'));
    return sliced ? { kind: 'slice', parts } : (parts[0] ?? NOTHING);
  }

  /** From the opening bracket to the closing one. */
  arguments(): readonly Argument[] {
    this.lexer.next();
    const found: Argument[] = [];
    while (!this.is(')') && !this.atEnd()) {
      const before = this.lexer.peek();
      found.push(this.#argument());
      if (!this.take(',') && !this.is(')')) {
        this.lexer.fault('an argument does not end', before.line);
        if (this.lexer.peek() === before) this.lexer.next();
      }
    }
    this.expect(')');
    return found;
  }

  #argument(): Argument {
    if (this.is('*') || this.is('**')) {
      const star = this.lexer.next().text === '**' ? '**' : '*';
      return { star, value: this.value() };
    }
    if (this.lexer.peek().kind === 'name' && this.is('=', 1)) {
      const keyword = this.lexer.next().text;
      this.lexer.next();
      return { keyword, value: this.value() };
    }
    const value = this.value();
    return { value: this.isFor() ? this.comprehension('generator', value) : value };
  }

  /** Names that a loop binds, up to `in`. */
  targets(): Expression {
    const items: Expression[] = [];
    do {
      if (this.is('in')) break;
      const star = this.take('*');
      const item = this.#trail(this.atom());
      items.push(star ? { kind: 'star', value: item, double: false } : item);
    } while (this.take(','));
    return items.length === 1 ? (items[0] ?? NOTHING) : { kind: 'sequence', type: 'tuple', items };
  }

  parameters(end: ')' | ':', annotated: boolean): readonly Parameter[] {
    const found: Parameter[] = [];
    while (!this.is(end) && !this.atEnd()) {
      const before = this.lexer.peek();
      if (!this.take('/')) found.push(...this.#parameter(annotated));
      if (!this.take(',') && !this.is(end)) {
        this.lexer.fault('a parameter does not end', before.line);
        if (this.lexer.peek() === before) this.lexer.next();
      }
    }
    return found;
  }

  #parameter(annotated: boolean): readonly Parameter[] {
    if (this.is('(')) {
      // Python 2 unpacks: def f(a, (b, c)).
      const names = namesOf(this.atom());
      const value = this.take('=') ? this.value() : undefined;
      return names.map((name) => ({ name, ...(value === undefined ? {} : { default: value }) }));
    }
    const star = this.take('**') ? '**' : this.take('*') ? '*' : undefined;
    const { kind, text } = this.lexer.peek();
    if (kind !== 'name') return [];
    this.lexer.next();
    const annotation = annotated && this.take(':') ? this.starred() : undefined;
    const value = this.take('=') ? this.value() : undefined;
    return [
      {
        name: text,
        ...(star === undefined ? {} : { star }),
        ...(annotation === undefined ? {} : { annotation }),
        ...(value === undefined ? {} : { default: value }),
      },
    ];
  }

  #startsValue(ahead = 0): boolean {
    const { kind, text } = this.lexer.peek(ahead);
    if (kind === 'name') return !ENDS.has(text);
    if (kind === 'op') return '([{-+~*`'.includes(text) || text === '**' || text === '...';
    return kind === 'number' || kind === 'string';
  }

  /** Whether what stands here is the start of a value: after the words `print` and `exec` of Python 2. */
  startsOperand(ahead: number): boolean {
    const { kind, text } = this.lexer.peek(ahead);
    if (kind === 'name') return !ENDS.has(text) && text !== 'not';
    return kind === 'number' || kind === 'string' || (kind === 'op' && (text === '`' || text === '{'));
  }
}
