// Reads a Jinja template into statements and expressions, and runs nothing. Chat templates travel inside model files
// and are rendered by whoever loads the model, in some loaders without a sandbox (CVE-2024-34359, CVE-2026-5760).
// The language is Jinja 3 with the tags that model libraries add: generation, break, continue, do.
import type { Body, Expression, Parameter, Statement } from './ast.js';
import { expression, filter, tuple } from './expressions.js';
import { TokenStream } from './stream.js';
import { JinjaFault, tokensOf } from './tokens.js';

export interface JinjaLimits {
  readonly maxCharacters: number;
  readonly maxTokens: number;
}

export const JINJA_LIMITS: JinjaLimits = { maxCharacters: 2 * 1024 * 1024, maxTokens: 150_000 };

export interface JinjaReport {
  readonly body: Body;
  /** Why it is no template that Jinja would take, or is over a budget. */
  readonly fault?: { readonly message: string; readonly at: number; readonly budget: boolean };
}

export function readJinja(text: string, limits: JinjaLimits = JINJA_LIMITS): JinjaReport {
  try {
    if (text.length > limits.maxCharacters) throw new JinjaFault(`it has ${text.length} characters`, 0, true);
    const tokens = new TokenStream(tokensOf(text, limits.maxTokens), text.length);
    const body = statements(tokens, []);
    if (tokens.current !== undefined) throw tokens.unexpected('the end');
    return { body };
  } catch (error) {
    if (!(error instanceof JinjaFault)) throw error;
    return { body: [], fault: { message: error.message, at: error.at, budget: error.budget } };
  }
}

/** Statements up to a tag of one of these words, which is left with its opening read. */
function statements(tokens: TokenStream, ends: readonly string[]): Body {
  const body: Statement[] = [];
  for (let token = tokens.current; token !== undefined; token = tokens.current) {
    const { at } = token;
    if (token.kind === 'text') {
      tokens.next();
      body.push({ kind: 'text', text: token.value, at });
    } else if (token.kind === 'begin' && token.value === 'output') {
      tokens.next();
      body.push({ kind: 'output', value: tuple(tokens), at });
      endTag(tokens);
    } else if (token.kind === 'begin') {
      const word = tokens.following;
      if (word?.kind !== 'name') throw new JinjaFault('a tag has no word', at);
      if (ends.includes(word.value)) return body;
      tokens.next();
      tokens.next();
      body.push(tokens.deeper(() => statement(tokens, word.value, at)));
    } else throw tokens.unexpected('a tag');
  }
  if (ends.length > 0) throw new JinjaFault(`"${ends.at(-1) ?? ''}" is missing`, tokens.at);
  return body;
}

function endTag(tokens: TokenStream): void {
  if (!tokens.take('end')) throw tokens.unexpected('the end of the tag');
}

/** The word of the tag that ends a body, with the tag's opening. */
function closing(tokens: TokenStream): string {
  tokens.next();
  return tokens.name();
}

function bodyUntil(tokens: TokenStream, end: string): Body {
  endTag(tokens);
  const body = statements(tokens, [end]);
  closing(tokens);
  return body;
}

type Reader = (tokens: TokenStream, at: number) => Statement;

const STATEMENTS: Readonly<Record<string, Reader>> = {
  for: readFor,
  if: readIf,
  set: readSet,
  macro: readMacro,
  call: readCall,
  filter: readFilter,
  with: readWith,
  block: readBlock,
  include: readInclude,
  import: readImport,
  from: readFrom,
  extends: (tokens, at) => ended(tokens, { kind: 'load', how: 'extends', template: expression(tokens), names: [], at }),
  do: (tokens, at) => ended(tokens, { kind: 'do', value: tuple(tokens), at }),
  break: (tokens, at) => ended(tokens, { kind: 'word', word: 'break', at }),
  continue: (tokens, at) => ended(tokens, { kind: 'word', word: 'continue', at }),
  debug: (tokens, at) => ended(tokens, { kind: 'word', word: 'debug', at }),
  generation: (tokens, at) => group(tokens, 'generation', at),
  autoescape: (tokens, at) => {
    const value = expression(tokens);
    const inner = group(tokens, 'autoescape', at);
    return { kind: 'group', word: 'autoescape', body: [{ kind: 'do', value, at }, inner], at };
  },
  trans: readTrans,
  print: (tokens, at) => ended(tokens, { kind: 'output', value: tuple(tokens), at }),
};

function statement(tokens: TokenStream, word: string, at: number): Statement {
  const read = Object.hasOwn(STATEMENTS, word) ? STATEMENTS[word] : undefined;
  if (read === undefined) throw new JinjaFault(`the tag "${word.slice(0, 40)}" is not known`, at);
  return read(tokens, at);
}

function ended(tokens: TokenStream, one: Statement): Statement {
  endTag(tokens);
  return one;
}

function group(tokens: TokenStream, word: string, at: number): Statement {
  return ended(tokens, { kind: 'group', word, body: bodyUntil(tokens, `end${word}`), at });
}

/** What a value is assigned to: a name, an attribute of a namespace, or several of them. */
function target(tokens: TokenStream): Expression {
  const { at } = tokens;
  const one = (): Expression => {
    if (tokens.take('operator', '(')) {
      const inner = target(tokens);
      tokens.operator(')');
      return inner;
    }
    const start = tokens.at;
    const name: Expression = { kind: 'name', name: tokens.name(), at: start };
    return tokens.take('operator', '.') ? { kind: 'attribute', object: name, name: tokens.name(), at: start } : name;
  };
  const first = tokens.deeper(one);
  if (!tokens.is('operator', ',')) return first;
  const items = [first];
  while (tokens.take('operator', ',')) {
    if (tokens.is('operator', '=', ')') || tokens.is('name', 'in')) break;
    items.push(tokens.deeper(one));
  }
  return { kind: 'list', items, at };
}

function readFor(tokens: TokenStream, at: number): Statement {
  const assigned = target(tokens);
  if (!tokens.take('name', 'in')) throw tokens.unexpected('"in"');
  const over = tuple(tokens, { withCondition: false, stop: 'recursive' });
  const test = tokens.take('name', 'if') ? expression(tokens) : undefined;
  tokens.take('name', 'recursive');
  endTag(tokens);
  const body = statements(tokens, ['else', 'endfor']);
  const otherwise = closing(tokens) === 'else' ? bodyUntil(tokens, 'endfor') : [];
  return ended(tokens, { kind: 'for', target: assigned, over, test, body, otherwise, at });
}

function readIf(tokens: TokenStream, at: number): Statement {
  const branches: { test: Expression; body: Body }[] = [];
  for (;;) {
    const test = tuple(tokens, { withCondition: false });
    endTag(tokens);
    branches.push({ test, body: statements(tokens, ['elif', 'else', 'endif']) });
    const word = closing(tokens);
    if (word === 'elif') continue;
    const otherwise = word === 'else' ? bodyUntil(tokens, 'endif') : [];
    return ended(tokens, { kind: 'if', branches, otherwise, at });
  }
}

function readSet(tokens: TokenStream, at: number): Statement {
  const assigned = target(tokens);
  if (tokens.take('operator', '=')) return ended(tokens, { kind: 'set', target: assigned, value: tuple(tokens), at });
  let piped: Expression | undefined;
  while (tokens.is('operator', '|')) piped = tokens.deeper(() => filter(tokens, piped));
  const body = bodyUntil(tokens, 'endset');
  return ended(tokens, { kind: 'set-block', target: assigned, filter: piped, body, at });
}

function parameters(tokens: TokenStream): Parameter[] {
  const found: Parameter[] = [];
  while (!tokens.take('operator', ')')) {
    if (found.length > 0) tokens.operator(',');
    if (tokens.take('operator', ')')) break;
    const name = tokens.name();
    found.push({ name, initial: tokens.take('operator', '=') ? expression(tokens) : undefined });
  }
  return found;
}

function readMacro(tokens: TokenStream, at: number): Statement {
  const name = tokens.name();
  tokens.operator('(');
  const taken = parameters(tokens);
  return ended(tokens, { kind: 'macro', name, parameters: taken, body: bodyUntil(tokens, 'endmacro'), at });
}

function readCall(tokens: TokenStream, at: number): Statement {
  const taken = tokens.take('operator', '(') ? parameters(tokens) : [];
  const called = expression(tokens);
  if (called.kind !== 'call') throw new JinjaFault('a call block calls nothing', at);
  return ended(tokens, { kind: 'call-block', parameters: taken, call: called, body: bodyUntil(tokens, 'endcall'), at });
}

function readFilter(tokens: TokenStream, at: number): Statement {
  let piped = filter(tokens, undefined, true);
  while (tokens.is('operator', '|')) {
    const input = piped;
    piped = tokens.deeper(() => filter(tokens, input));
  }
  return ended(tokens, { kind: 'filter-block', filter: piped, body: bodyUntil(tokens, 'endfilter'), at });
}

function readWith(tokens: TokenStream, at: number): Statement {
  const bindings: (readonly [Expression, Expression])[] = [];
  while (!tokens.is('end')) {
    if (bindings.length > 0) tokens.operator(',');
    const start = tokens.at;
    const bound: Expression = { kind: 'name', name: tokens.name(), at: start };
    tokens.operator('=');
    bindings.push([bound, expression(tokens)]);
  }
  return ended(tokens, { kind: 'with', bindings, body: bodyUntil(tokens, 'endwith'), at });
}

function readBlock(tokens: TokenStream, at: number): Statement {
  const name = tokens.name();
  while (tokens.take('name', 'scoped', 'required'));
  const body = bodyUntil(tokens, 'endblock');
  tokens.take('name');
  return ended(tokens, { kind: 'block', name, body, at });
}

function context(tokens: TokenStream): void {
  if (tokens.take('name', 'with', 'without')) tokens.take('name', 'context');
}

function readInclude(tokens: TokenStream, at: number): Statement {
  const template = expression(tokens);
  if (tokens.take('name', 'ignore')) tokens.take('name', 'missing');
  context(tokens);
  return ended(tokens, { kind: 'load', how: 'include', template, names: [], at });
}

function readImport(tokens: TokenStream, at: number): Statement {
  const template = expression(tokens);
  if (!tokens.take('name', 'as')) throw tokens.unexpected('"as"');
  const name = tokens.name();
  context(tokens);
  return ended(tokens, { kind: 'load', how: 'import', template, names: [name], at });
}

function readFrom(tokens: TokenStream, at: number): Statement {
  const template = expression(tokens);
  if (!tokens.take('name', 'import')) throw tokens.unexpected('"import"');
  const names: string[] = [];
  while (!tokens.is('end') && !tokens.is('name', 'with', 'without')) {
    if (names.length > 0) tokens.operator(',');
    if (tokens.is('end')) break;
    const name = tokens.name();
    names.push(tokens.take('name', 'as') ? tokens.name() : name);
  }
  context(tokens);
  return ended(tokens, { kind: 'load', how: 'from', template, names, at });
}

/** Texts for translation, with values of their own. */
function readTrans(tokens: TokenStream, at: number): Statement {
  const body: Statement[] = [];
  tokens.take('string');
  while (!tokens.is('end')) {
    tokens.take('operator', ',');
    const start = tokens.at;
    const name = tokens.name();
    const value = tokens.take('operator', '=') ? expression(tokens) : undefined;
    if (value !== undefined) body.push({ kind: 'set', target: { kind: 'name', name, at: start }, value, at: start });
  }
  endTag(tokens);
  body.push(...statements(tokens, ['pluralize', 'endtrans']));
  if (closing(tokens) === 'pluralize') {
    tokens.take('name');
    body.push(...bodyUntil(tokens, 'endtrans'));
  }
  return ended(tokens, { kind: 'group', word: 'trans', body, at });
}
