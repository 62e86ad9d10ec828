// What a template itself defines: what is assigned to which name, its macros, its blocks, what it imports. Without this a
// name that is called, or a key that is looked up, could be anything that was stored under it before.
import type { JinjaArgument, JinjaBody, JinjaExpression, JinjaStatement } from '@vallum/formats';

type Macro = Extract<JinjaStatement, { kind: 'macro' }>;
type CallBlock = Extract<JinjaStatement, { kind: 'call-block' }>;

/** A value that a name may have: an expression, one element of it, or the text that a body makes. */
export type Source =
  | { readonly kind: 'value' | 'element'; readonly value: JinjaExpression }
  | { readonly kind: 'body'; readonly body: JinjaBody };

export interface Scope {
  /** By name; attributes of namespaces under `.name`. */
  readonly assigned: ReadonlyMap<string, readonly Source[]>;
  readonly macros: ReadonlyMap<string, readonly Macro[]>;
  readonly blocks: ReadonlySet<string>;
  readonly imported: ReadonlySet<string>;
  /** Texts that `caller()` may give. */
  readonly callers: readonly JinjaBody[];
  /** What a method may have put into a container after it was made, by the names that may lead to it. */
  readonly held: ReadonlyMap<string, readonly JinjaExpression[]>;
  /** What loops go over: `loop.nextitem` is an element of one of them. */
  readonly loops: readonly JinjaExpression[];
}

/** Methods that put what they are given into what they are called on. */
export const MUTATORS: ReadonlySet<string> = new Set([
  'append',
  'appendleft',
  'extend',
  'extendleft',
  'insert',
  'update',
  'setdefault',
  'add',
  'push',
]);

export interface Visitor {
  readonly statement?: (statement: JinjaStatement) => void;
  readonly expression?: (expression: JinjaExpression) => void;
}

/** Visits everything, parents before children. The parser has bounded the depth. */
export function walk(body: JinjaBody, visitor: Visitor): void {
  for (const statement of body) {
    visitor.statement?.(statement);
    for (const expression of expressionsOf(statement)) walkExpression(expression, visitor);
    for (const inner of bodiesOf(statement)) walk(inner, visitor);
  }
}

function walkExpression(expression: JinjaExpression, visitor: Visitor): void {
  visitor.expression?.(expression);
  for (const part of partsOf(expression)) walkExpression(part, visitor);
}

/** Expressions that a statement evaluates. What it assigns to is none, but for the namespace in `ns.x`. */
export function expressionsOf(statement: JinjaStatement): readonly JinjaExpression[] {
  switch (statement.kind) {
    case 'output':
    case 'do':
    case 'set':
      return [statement.value];
    case 'for':
      return statement.test === undefined ? [statement.over] : [statement.over, statement.test];
    case 'if':
      return statement.branches.map(({ test }) => test);
    case 'set-block':
      return statement.filter === undefined ? [] : [statement.filter];
    case 'filter-block':
      return [statement.filter];
    case 'macro':
      return statement.parameters.flatMap(({ initial }) => (initial === undefined ? [] : [initial]));
    case 'call-block':
      return [
        statement.call,
        ...statement.parameters.flatMap(({ initial }) => (initial === undefined ? [] : [initial])),
      ];
    case 'with':
      return statement.bindings.map(([, value]) => value);
    case 'load':
      return [statement.template];
    default:
      return [];
  }
}

export function bodiesOf(statement: JinjaStatement): readonly JinjaBody[] {
  if (statement.kind === 'if') return [...statement.branches.map(({ body }) => body), statement.otherwise];
  if (statement.kind === 'for') return [statement.body, statement.otherwise];
  return 'body' in statement ? [statement.body] : [];
}

export function partsOf(expression: JinjaExpression): readonly JinjaExpression[] {
  const values = (given: readonly JinjaArgument[]): readonly JinjaExpression[] => given.map(({ value }) => value);
  switch (expression.kind) {
    case 'list':
      return expression.items;
    case 'dict':
      return expression.pairs.flat();
    case 'attribute':
      return [expression.object];
    case 'subscript':
      return [expression.object, expression.index];
    case 'slice':
      return expression.parts;
    case 'call':
      return [expression.callee, ...values(expression.arguments)];
    case 'filter':
      return expression.input === undefined
        ? values(expression.arguments)
        : [expression.input, ...values(expression.arguments)];
    case 'test':
      return [expression.input, ...values(expression.arguments)];
    case 'unary':
      return [expression.value];
    case 'operation':
      return expression.operands;
    case 'condition': {
      const { test, then, otherwise } = expression;
      return otherwise === undefined ? [test, then] : [test, then, otherwise];
    }
    default:
      return [];
  }
}

export function scopeOf(body: JinjaBody): Scope {
  const assigned = new Map<string, Source[]>();
  const macros = new Map<string, Macro[]>();
  const blocks = new Set<string>();
  const imported = new Set<string>();
  const callBlocks: CallBlock[] = [];
  const add = (name: string, source: Source): void => {
    const known = assigned.get(name);
    if (known === undefined) assigned.set(name, [source]);
    else known.push(source);
  };
  const assign = (target: JinjaExpression, source: Source): void => {
    if (target.kind === 'name') add(target.name, source);
    else if (target.kind === 'attribute') add(`.${target.name}`, source);
    else if (target.kind === 'list')
      for (const item of target.items)
        assign(item, source.kind === 'body' ? source : { kind: 'element', value: source.value });
  };
  const calls: Extract<JinjaExpression, { kind: 'call' }>[] = [];
  const loops: Extract<JinjaStatement, { kind: 'for' }>[] = [];
  walk(body, {
    statement: (one) => {
      if (one.kind === 'set') assign(one.target, { kind: 'value', value: one.value });
      else if (one.kind === 'set-block') {
        assign(one.target, { kind: 'body', body: one.body });
        if (one.filter !== undefined) assign(one.target, { kind: 'value', value: one.filter });
      } else if (one.kind === 'for') {
        assign(one.target, { kind: 'element', value: one.over });
        loops.push(one);
      } else if (one.kind === 'with') for (const [name, value] of one.bindings) assign(name, { kind: 'value', value });
      else if (one.kind === 'macro') {
        const known = macros.get(one.name);
        if (known === undefined) macros.set(one.name, [one]);
        else known.push(one);
      } else if (one.kind === 'block') blocks.add(one.name);
      else if (one.kind === 'load') for (const name of one.names) imported.add(name);
      if (one.kind === 'call-block') callBlocks.push(one);
      if (one.kind === 'macro' || one.kind === 'call-block')
        for (const { name, initial } of one.parameters) {
          add(name, { kind: 'value', value: initial ?? { kind: 'constant', value: null, at: one.at } });
        }
    },
    expression: (one) => {
      if (one.kind === 'call') calls.push(one);
    },
  });
  // A parameter may be whatever any call hands over: calls of macros by their place, `caller(...)` to call blocks.
  const signatures = new Map([...macros].map(([name, ones]) => [name, signaturesOf(ones)]));
  signatures.set('caller', signaturesOf(callBlocks));
  for (const { callee, arguments: given } of calls) {
    if (callee.kind !== 'name') continue;
    if (callee.name === 'namespace')
      for (const { name, value } of given) if (name !== undefined) add(`.${name}`, { kind: 'value', value });
    // A recursive loop goes over what it is called with.
    if (callee.name === 'loop')
      for (const { value } of given)
        for (const { target } of loops.slice(0, 100)) assign(target, { kind: 'element', value });
    for (const names of signatures.get(callee.name) ?? []) handOver(names, given, add);
  }
  return {
    assigned,
    macros,
    blocks,
    imported,
    callers: callBlocks.map(({ body: inner }) => inner),
    held: heldBy(calls, assigned),
    loops: loops.map(({ over }) => over),
  };
}

/** Names share containers: whatever the receiver may come from may hold it afterwards. */
function heldBy(
  calls: readonly Extract<JinjaExpression, { kind: 'call' }>[],
  assigned: ReadonlyMap<string, readonly Source[]>,
): ReadonlyMap<string, readonly JinjaExpression[]> {
  const held = new Map<string, JinjaExpression[]>();
  for (const { callee, arguments: given } of calls) {
    if (callee.kind !== 'attribute' || !MUTATORS.has(callee.name)) continue;
    const values = given.map(({ value }) => value);
    for (const { name, value } of given)
      if (name !== undefined) values.push({ kind: 'constant', value: name, at: value.at });
    const key = namesIn(callee.object);
    for (const name of key) held.set(name, [...(held.get(name) ?? []), ...values].slice(-MAX_HELD));
  }
  // Back along the assignments, until nothing new is reached.
  const queue = [...held.keys()];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    const values = held.get(name) ?? [];
    for (const source of assigned.get(name) ?? [])
      for (const from of source.kind === 'body' ? [] : namesIn(source.value)) {
        const known = held.get(from) ?? [];
        const fresh = values.filter((value) => !known.includes(value));
        if (fresh.length === 0 || known.length >= MAX_HELD) continue;
        held.set(from, [...known, ...fresh]);
        queue.push(from);
      }
  }
  return held;
}

const MAX_HELD = 200;

/** Names and attributes (`.x`) that an expression is made of. */
function namesIn(expression: JinjaExpression): ReadonlySet<string> {
  const names = new Set<string>();
  walkExpression(expression, {
    expression: (one) => {
      if (one.kind === 'name') names.add(one.name);
      else if (one.kind === 'attribute') names.add(`.${one.name}`);
    },
  });
  return names;
}

/** Lists of parameter names, each once: a template may define one macro a thousand times. */
function signaturesOf(ones: readonly (Macro | CallBlock)[]): readonly (readonly string[])[] {
  const found = new Map<string, readonly string[]>();
  for (const { parameters } of ones) {
    const names = parameters.map(({ name }) => name);
    if (found.size < 100) found.set(names.join(' '), names);
  }
  return [...found.values()];
}

function handOver(
  names: readonly string[],
  given: readonly JinjaArgument[],
  add: (name: string, source: Source) => void,
): void {
  for (const [index, { name, spread, value }] of given.entries()) {
    if (spread === true) for (const one of [...names, 'varargs', 'kwargs']) add(one, { kind: 'element', value });
    else if (name !== undefined) add(names.includes(name) ? name : 'kwargs', { kind: 'value', value });
    else add(names[index] ?? 'varargs', { kind: 'value', value });
  }
}
