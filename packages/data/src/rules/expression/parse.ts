// Reads an expression into a typed tree: recursive descent with a bound on depth and parts. A comparison of a number with
// a text is refused here and not answered with false for every row.
import { parseTime } from '@vallum/core';
import type { Arithmetic, Comparison, FunctionName, Node, Value, ValueType } from './ast.js';
import { refuseExpression } from './ast.js';
import type { Token } from './tokens.js';
import { tokensOf } from './tokens.js';
import { compilePattern } from '../pattern/pattern.js';

const MAX_DEPTH = 64;
const MAX_PARTS = 1000;
const COMPARISONS = ['==', '!=', '<', '<=', '>', '>='];

/** Type of a column, or undefined when there is none of that name. */
export type TypeOf = (name: string) => ValueType | undefined;

/**
 * An expression that is true or false for a row.
 * @throws VallumError `DATA_EXPRESSION` for what cannot be read or has the wrong types, `DATA_COLUMN` for a column that is
 * not there
 */
export function parseExpression(text: string, typeOf: TypeOf): Node {
  const parser = new Parser(tokensOf(text), typeOf);
  return parser.whole();
}

/** Columns that an expression reads. */
export function columnsOf(node: Node): ReadonlySet<string> {
  const names = new Set<string>();
  const open = [node];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next.kind === 'column') names.add(next.name);
    if ('of' in next) open.push(next.of);
    if ('left' in next) open.push(next.left, next.right);
  }
  return names;
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #typeOf: TypeOf;
  #at = 0;
  #parts = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], typeOf: TypeOf) {
    this.#tokens = tokens;
    this.#typeOf = typeOf;
  }

  whole(): Node {
    const node = this.#or();
    if (this.#next.kind !== 'end') throw this.#unexpected();
    if (node.type !== 'boolean') throw refuseExpression(`it gives a ${node.type}, not true or false`, 0);
    return node;
  }

  get #next(): Token {
    return this.#tokens[this.#at] ?? { kind: 'end', text: 'the end', at: 0 };
  }

  #take(kind: Token['kind'], ...texts: readonly string[]): Token | undefined {
    const token = this.#next;
    if (token.kind !== kind || (texts.length > 0 && !texts.includes(token.text))) return undefined;
    this.#at += 1;
    return token;
  }

  #need(kind: Token['kind'], text: string): void {
    if (this.#take(kind, text) === undefined) throw this.#unexpected(text);
  }

  #unexpected(wanted?: string): ReturnType<typeof refuseExpression> {
    const { text, at } = this.#next;
    const instead = wanted === undefined ? '' : `, where ${JSON.stringify(wanted)} is needed`;
    return refuseExpression(`${JSON.stringify(text.slice(0, 40))} does not fit here${instead}`, at);
  }

  #part<T extends Node>(node: T): T {
    this.#parts += 1;
    if (this.#parts > MAX_PARTS) throw refuseExpression(`it has more than ${MAX_PARTS} parts`, this.#next.at);
    return node;
  }

  #deeper(work: () => Node): Node {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw refuseExpression(`it is nested deeper than ${MAX_DEPTH}`, this.#next.at);
    const node = work();
    this.#depth -= 1;
    return node;
  }

  #or(): Node {
    return this.#chain('or', () => this.#chain('and', () => this.#not()));
  }

  #chain(operator: 'and' | 'or', operand: () => Node): Node {
    let left = operand();
    for (let token = this.#take('word', operator); token !== undefined; token = this.#take('word', operator)) {
      const right = operand();
      this.#want(left, ['boolean'], token.at);
      this.#want(right, ['boolean'], token.at);
      left = this.#part({ kind: 'logic', type: 'boolean', operator, left, right });
    }
    return left;
  }

  #not(): Node {
    const token = this.#take('word', 'not');
    if (token === undefined) return this.#comparison();
    const of = this.#deeper(() => this.#not());
    this.#want(of, ['boolean'], token.at);
    return this.#part({ kind: 'not', type: 'boolean', of });
  }

  #comparison(): Node {
    const left = this.#sum();
    const token = this.#next;
    const sign = this.#take('sign', ...COMPARISONS);
    if (sign !== undefined) {
      const right = this.#sum();
      const operator = sign.text as Comparison;
      if (left.type !== right.type) throw refuseExpression(`a ${left.type} is compared with a ${right.type}`, token.at);
      if (left.type === 'boolean' && operator !== '==' && operator !== '!=')
        throw refuseExpression('true and false have no order', token.at);
      return this.#part({ kind: 'compare', type: 'boolean', operator, left, right });
    }
    if (this.#take('word', 'is') !== undefined) {
      const negated = this.#take('word', 'not') !== undefined;
      this.#need('word', 'null');
      return this.#part({ kind: 'null', type: 'boolean', of: left, negated });
    }
    const negated = this.#take('word', 'not') !== undefined;
    if (!negated && this.#next.text !== 'in') return left;
    this.#need('word', 'in');
    return this.#part({ kind: 'in', type: 'boolean', of: left, values: this.#values(left.type), negated });
  }

  #values(type: ValueType): readonly Value[] {
    const values: Value[] = [];
    this.#need('sign', '(');
    do {
      const { at } = this.#next;
      const item = this.#unary();
      const isNegative = item.kind === 'negate' && item.of.kind === 'literal';
      if (item.kind !== 'literal' && !isNegative) throw refuseExpression('a list holds plain values only', at);
      if (item.type !== type) throw refuseExpression(`a ${type} is looked for in a list with a ${item.type}`, at);
      values.push(item.kind === 'literal' ? item.value : -Number((item.of as Node & { kind: 'literal' }).value));
    } while (this.#take('sign', ',') !== undefined);
    this.#need('sign', ')');
    return values;
  }

  #sum(): Node {
    return this.#binary(['+', '-'], () => this.#binary(['*', '/', '%'], () => this.#unary()));
  }

  #binary(operators: readonly string[], operand: () => Node): Node {
    let left = operand();
    for (;;) {
      const token = this.#take('sign', ...operators);
      if (token === undefined) return left;
      const right = operand();
      // The difference of two times is a number of days.
      const isSpan = token.text === '-' && left.type === 'time' && right.type === 'time';
      if (!isSpan) for (const side of [left, right]) this.#want(side, ['number'], token.at);
      left = this.#part({ kind: 'arithmetic', type: 'number', operator: token.text as Arithmetic, left, right });
    }
  }

  #unary(): Node {
    const token = this.#take('sign', '-');
    if (token === undefined) return this.#primary();
    const of = this.#deeper(() => this.#unary());
    this.#want(of, ['number'], token.at);
    return this.#part({ kind: 'negate', type: 'number', of });
  }

  #primary(): Node {
    const token = this.#next;
    this.#at += 1;
    if (token.kind === 'number') return this.#literal('number', Number(token.text));
    if (token.kind === 'text') return this.#literal('text', token.text);
    if (token.kind === 'word' && (token.text === 'true' || token.text === 'false'))
      return this.#literal('boolean', token.text === 'true');
    if (token.kind === 'sign' && token.text === '(') {
      const inner = this.#deeper(() => this.#or());
      this.#need('sign', ')');
      return inner;
    }
    if (token.kind !== 'name') {
      this.#at -= 1;
      throw this.#unexpected();
    }
    if (this.#next.text === '(' && this.#next.kind === 'sign') return this.#call(token);
    const type = this.#typeOf(token.text);
    if (type === undefined)
      throw refuseExpression(`there is no column ${JSON.stringify(token.text.slice(0, 80))}`, token.at);
    return this.#part({ kind: 'column', type, name: token.text });
  }

  #literal(type: ValueType, value: Value): Node {
    return this.#part({ kind: 'literal', type, value });
  }

  #call({ text: name, at }: Token): Node {
    this.#need('sign', '(');
    const of = this.#deeper(() => this.#or());
    if (name === 'matches') return this.#matches(of, at);
    this.#need('sign', ')');
    const known = FUNCTIONS[name as keyof typeof FUNCTIONS];
    if (known === undefined || !Object.hasOwn(FUNCTIONS, name))
      throw refuseExpression(`there is no function ${JSON.stringify(name.slice(0, 40))}`, at);
    this.#want(of, [known.takes], at);
    if (name === 'time') return this.#literal('time', timeOf(of, at));
    return this.#part({ kind: 'call', type: known.gives, name: name as FunctionName, of });
  }

  #matches(of: Node, at: number): Node {
    this.#want(of, ['text'], at);
    this.#need('sign', ',');
    const pattern = this.#take('text');
    if (pattern === undefined) throw this.#unexpected('a pattern in quotation marks');
    this.#need('sign', ')');
    compilePattern(pattern.text);
    return this.#part({ kind: 'matches', type: 'boolean', of, pattern: pattern.text });
  }

  #want(node: Node, types: readonly ValueType[], at: number): void {
    if (!types.includes(node.type))
      throw refuseExpression(`a ${node.type} stands where a ${types.join(' or ')} is needed`, at);
  }
}

const FUNCTIONS = {
  length: { takes: 'text', gives: 'number' },
  lower: { takes: 'text', gives: 'text' },
  upper: { takes: 'text', gives: 'text' },
  abs: { takes: 'number', gives: 'number' },
  time: { takes: 'text', gives: 'time' },
} as const satisfies Readonly<Record<string, { takes: ValueType; gives: ValueType }>>;

function timeOf(node: Node, at: number): number {
  try {
    if (node.kind === 'literal' && typeof node.value === 'string') return parseTime(node.value).getTime();
  } catch {
    // Said below, with the place.
  }
  throw refuseExpression("a time is written time('2026-12-31') or time('2026-12-31T00:00:00Z')", at);
}
