// Reads Jinja expressions by recursive descent, with the ranks of its operators as Jinja 3 has them. Chains of one rank
// are kept flat and every other nesting is counted, so that no template makes the judge behind this recurse without end.
import type { Argument, Expression } from './ast.js';
import type { TokenStream } from './stream.js';
import { JinjaFault } from './tokens.js';

const MAX_CHAIN = 200;
const WORDS: Readonly<Record<string, boolean | null>> = {
  true: true,
  True: true,
  false: false,
  False: false,
  none: null,
  None: null,
};
const COMPARES = ['==', '!=', '<', '<=', '>', '>='] as const;

export function expression(tokens: TokenStream, withCondition = true): Expression {
  return tokens.deeper(() => (withCondition ? condition(tokens) : or(tokens)));
}

function condition(tokens: TokenStream): Expression {
  const at = tokens.at;
  let then = or(tokens);
  for (let count = 0; tokens.take('name', 'if'); count++) {
    if (count > MAX_CHAIN) throw new JinjaFault('it is nested too deep', at, true);
    const test = or(tokens);
    const otherwise = tokens.take('name', 'else') ? expression(tokens) : undefined;
    then = { kind: 'condition', test, then, otherwise, at };
  }
  return then;
}

/** A chain of operators of one rank. `operator` takes one, or answers undefined. */
function chain(
  tokens: TokenStream,
  operand: (tokens: TokenStream) => Expression,
  operator: (tokens: TokenStream) => string | undefined,
): Expression {
  const at = tokens.at;
  const operands = [operand(tokens)];
  const operators: string[] = [];
  for (let one = operator(tokens); one !== undefined; one = operator(tokens)) {
    operators.push(one);
    operands.push(operand(tokens));
  }
  const [first] = operands;
  return operators.length === 0 && first !== undefined ? first : { kind: 'operation', operators, operands, at };
}

const oneOf =
  (kind: 'name' | 'operator', ...values: readonly string[]) =>
  (tokens: TokenStream): string | undefined => {
    const value = tokens.current?.value;
    return tokens.take(kind, ...values) ? String(value) : undefined;
  };

const or = (tokens: TokenStream): Expression => chain(tokens, and, oneOf('name', 'or'));
const and = (tokens: TokenStream): Expression => chain(tokens, not, oneOf('name', 'and'));

function not(tokens: TokenStream): Expression {
  const at = tokens.at;
  if (!tokens.take('name', 'not')) return compare(tokens);
  return { kind: 'unary', operator: 'not', value: tokens.deeper(() => not(tokens)), at };
}

const compare = (tokens: TokenStream): Expression => chain(tokens, sum, comparison);

function comparison(tokens: TokenStream): string | undefined {
  if (tokens.take('name', 'in')) return 'in';
  const { following } = tokens;
  if (tokens.is('name', 'not') && following?.kind === 'name' && following.value === 'in') {
    tokens.next();
    tokens.next();
    return 'not in';
  }
  return oneOf('operator', ...COMPARES)(tokens);
}

const sum = (tokens: TokenStream): Expression => chain(tokens, concat, oneOf('operator', '+', '-'));
const concat = (tokens: TokenStream): Expression => chain(tokens, product, oneOf('operator', '~'));
const product = (tokens: TokenStream): Expression => chain(tokens, power, oneOf('operator', '*', '/', '//', '%'));
const power = (tokens: TokenStream): Expression =>
  chain(tokens, (inner) => unary(inner, true), oneOf('operator', '**'));

function unary(tokens: TokenStream, withFilters: boolean): Expression {
  const at = tokens.at;
  const sign = oneOf('operator', '-', '+')(tokens);
  let value: Expression;
  if (sign === '-' || sign === '+')
    value = { kind: 'unary', operator: sign, value: tokens.deeper(() => unary(tokens, false)), at };
  else value = primary(tokens);
  value = postfix(tokens, value);
  return withFilters ? filters(tokens, value) : value;
}

export function primary(tokens: TokenStream): Expression {
  const token = tokens.next();
  const { at } = token;
  if (token.kind === 'name') {
    const word = Object.hasOwn(WORDS, token.value) ? WORDS[token.value] : undefined;
    return word === undefined ? { kind: 'name', name: token.value, at } : { kind: 'constant', value: word, at };
  }
  if (token.kind === 'number') return { kind: 'constant', value: token.value, at };
  if (token.kind === 'string') {
    const parts = [token.value];
    for (let { current } = tokens; current?.kind === 'string'; { current } = tokens) {
      parts.push(current.value);
      tokens.next();
    }
    return { kind: 'constant', value: parts.join(''), at };
  }
  if (token.kind === 'operator') {
    if (token.value === '(') return parenthesis(tokens, at);
    if (token.value === '[') return { kind: 'list', items: listed(tokens, ']'), at };
    if (token.value === '{') return dict(tokens, at);
  }
  throw new JinjaFault(`${JSON.stringify(token.value).slice(0, 60)} does not belong there`, at);
}

function parenthesis(tokens: TokenStream, at: number): Expression {
  if (tokens.take('operator', ')')) return { kind: 'list', items: [], at };
  const value = tuple(tokens, { closer: ')' });
  tokens.operator(')');
  return value;
}

function listed(tokens: TokenStream, closer: string): Expression[] {
  const items: Expression[] = [];
  while (!tokens.take('operator', closer)) {
    if (items.length > 0) tokens.operator(',');
    if (tokens.take('operator', closer)) break;
    items.push(expression(tokens));
  }
  return items;
}

function dict(tokens: TokenStream, at: number): Expression {
  const pairs: (readonly [Expression, Expression])[] = [];
  while (!tokens.take('operator', '}')) {
    if (pairs.length > 0) tokens.operator(',');
    if (tokens.take('operator', '}')) break;
    const key = expression(tokens);
    tokens.operator(':');
    pairs.push([key, expression(tokens)]);
  }
  return { kind: 'dict', pairs, at };
}

/** One expression, or several with commas between: a tuple. */
export function tuple(
  tokens: TokenStream,
  options: { readonly withCondition?: boolean; readonly closer?: string; readonly stop?: string } = {},
): Expression {
  const { at } = tokens;
  const ends = (): boolean =>
    tokens.is('end') ||
    (options.closer !== undefined && tokens.is('operator', options.closer)) ||
    (options.stop !== undefined && tokens.is('name', options.stop));
  const first = expression(tokens, options.withCondition ?? true);
  if (!tokens.is('operator', ',')) return first;
  const items = [first];
  while (tokens.take('operator', ',')) {
    if (ends() || tokens.is('operator', '=') || tokens.is('name', 'in')) break;
    items.push(expression(tokens, options.withCondition ?? true));
  }
  return { kind: 'list', items, at };
}

export function postfix(tokens: TokenStream, start: Expression): Expression {
  let value = start;
  for (let count = 0; ; count++) {
    if (count > MAX_CHAIN) throw new JinjaFault('a chain is too long', tokens.at, true);
    const { at } = tokens;
    if (tokens.take('operator', '.')) value = member(tokens, value, at);
    else if (tokens.take('operator', '[')) value = { kind: 'subscript', object: value, index: index(tokens), at };
    else if (tokens.take('operator', '(')) value = { kind: 'call', callee: value, arguments: call(tokens), at };
    else return value;
  }
}

function member(tokens: TokenStream, object: Expression, at: number): Expression {
  const token = tokens.next();
  if (token.kind === 'name') return { kind: 'attribute', object, name: token.value, at };
  if (token.kind === 'number' && token.whole)
    return { kind: 'subscript', object, index: { kind: 'constant', value: token.value, at: token.at }, at };
  throw new JinjaFault('a name or a number is expected behind the point', at);
}

function index(tokens: TokenStream): Expression {
  const { at } = tokens;
  const items: Expression[] = [];
  while (!tokens.take('operator', ']')) {
    if (items.length > 0) tokens.operator(',');
    items.push(sliceOrOne(tokens));
  }
  const [first] = items;
  if (first === undefined) throw new JinjaFault('an index is missing', at);
  return items.length === 1 ? first : { kind: 'list', items, at };
}

function sliceOrOne(tokens: TokenStream): Expression {
  const { at } = tokens;
  const parts: Expression[] = [];
  let colons = 0;
  while (!tokens.is('operator', ']', ',')) {
    if (tokens.take('operator', ':')) colons += 1;
    else parts.push(expression(tokens));
    if (colons > 2 || parts.length > 3) throw tokens.unexpected('"]"');
  }
  const [first] = parts;
  if (colons > 0) return { kind: 'slice', parts, at };
  if (first === undefined || parts.length > 1) throw tokens.unexpected('an index');
  return first;
}

/** Behind the opening parenthesis. */
export function call(tokens: TokenStream): Argument[] {
  const found: Argument[] = [];
  while (!tokens.take('operator', ')')) {
    if (found.length > 0) tokens.operator(',');
    if (tokens.take('operator', ')')) break;
    if (tokens.take('operator', '*', '**')) found.push({ spread: true, value: expression(tokens) });
    else {
      const { current, following } = tokens;
      if (current?.kind === 'name' && following?.kind === 'operator' && following.value === '=') {
        tokens.next();
        tokens.next();
        found.push({ name: current.value, value: expression(tokens) });
      } else found.push({ value: expression(tokens) });
    }
  }
  return found;
}

function dotted(tokens: TokenStream): string {
  let name = tokens.name();
  while (tokens.take('operator', '.')) name += `.${tokens.name()}`;
  return name;
}

/** Filters and tests behind a value, and calls of what they give. */
export function filters(tokens: TokenStream, start: Expression): Expression {
  let value = start;
  for (let count = 0; ; count++) {
    if (count > MAX_CHAIN) throw new JinjaFault('a chain is too long', tokens.at, true);
    const { at } = tokens;
    if (tokens.is('operator', '|')) value = filter(tokens, value);
    else if (tokens.take('name', 'is')) value = test(tokens, value, at);
    else if (tokens.take('operator', '(')) value = { kind: 'call', callee: value, arguments: call(tokens), at };
    else return value;
  }
}

/** @param input undefined in a filter block */
export function filter(tokens: TokenStream, input: Expression | undefined, first = false): Expression {
  const { at } = tokens;
  if (!first) tokens.operator('|');
  const name = dotted(tokens);
  return { kind: 'filter', input, name, arguments: tokens.take('operator', '(') ? call(tokens) : [], at };
}

function test(tokens: TokenStream, input: Expression, at: number): Expression {
  const negated = tokens.take('name', 'not');
  const name = dotted(tokens);
  let given: Argument[] = [];
  if (tokens.take('operator', '(')) given = call(tokens);
  else if (
    (tokens.is('name') && !tokens.is('name', 'else', 'or', 'and', 'is', 'if', 'in', 'not', 'recursive')) ||
    tokens.is('string') ||
    tokens.is('number') ||
    tokens.is('operator', '[', '{')
  )
    given = [{ value: postfix(tokens, primary(tokens)) }];
  const value: Expression = { kind: 'test', input, name, arguments: given, at };
  return negated ? { kind: 'unary', operator: 'not', value, at } : value;
}
