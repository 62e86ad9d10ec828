// Follows the values of expressions without running anything: names, constants, attributes, calls. What is not known stays
// unknown and remembers where it came from.
import { itemsOf } from './fold.js';
import { foldOperator, foldSlice } from './fold-operators.js';
import { attributeOf, constantText, itemOf, memberOf } from './lookups.js';
import type { Argument, Block, Clause, Expression, Trail } from './syntax.js';
import type { Place, TraceState } from './trace-state.js';
import type { Definition, DictEntry, PythonValue, Scope } from './values.js';
import { choices, either, HOLE, newScope, NOWHERE, originOf, textValue, UNKNOWN, unknownFrom } from './values.js';

export interface Call {
  readonly arguments: PythonValue[];
  readonly keywords: Map<string, PythonValue>;
}

export const MAX_UNROLL = 8192;
const BUILTINS = new Set(
  (
    'abs aiter all anext any apply ascii bin bool breakpoint buffer bytearray bytes callable chr classmethod compile ' +
    'complex copyright delattr dict dir divmod enumerate eval exec execfile exit filter float format frozenset getattr ' +
    'globals hasattr hash help hex id input int intern isinstance issubclass iter len list locals map max memoryview min ' +
    'next object oct open ord pow print property quit range raw_input reduce reload repr reversed round set setattr slice ' +
    'sorted staticmethod str sum super tuple type unichr unicode vars xrange zip __import__ __build_class__'
  ).split(' '),
);

export abstract class Evaluator {
  protected readonly state: TraceState;
  protected scope: Scope;
  protected place: Place = 'module';
  protected layers = 0;
  /** Where the outermost code in a string is run. */
  protected textLine = 0;

  constructor(state: TraceState, scope: Scope) {
    this.state = state;
    this.scope = scope;
  }

  /** Runs code that stands in a string, in the scope of the call. */
  protected abstract runText(text: string, line: number): PythonValue;
  protected abstract call(callee: PythonValue, call: Call, line: number, self?: PythonValue): PythonValue;
  protected abstract callMethod(self: PythonValue, name: string, call: Call, line: number): PythonValue;
  protected abstract define(definition: Definition): void;
  protected abstract assign(target: Expression, value: PythonValue, line: number): void;

  protected module(): Scope {
    let at = this.scope;
    while (at.parent !== undefined) at = at.parent;
    return at;
  }

  protected lookUp(name: string): PythonValue {
    if (!this.scope.globals.has(name)) {
      const own = this.scope.names.get(name);
      if (own !== undefined) return own;
    }
    for (let at = this.scope.parent; at !== undefined; at = at.parent) {
      if (at.kind === 'class' && (this.scope.kind !== 'comprehension' || at !== this.scope.parent)) continue;
      // Code of a class body sees what a name is now; a function runs later.
      const found = this.#runsNow(at) ? at.names.get(name) : at.ever.get(name);
      if (found !== undefined) return found;
    }
    return this.#unassigned(name);
  }

  #runsNow(outer: Scope): boolean {
    for (let at: Scope | undefined = this.scope; at !== undefined && at !== outer; at = at.parent)
      if (at.kind === 'function') return false;
    return true;
  }

  #unassigned(name: string): PythonValue {
    if (BUILTINS.has(name)) return { kind: 'path', path: `builtins.${name}`, from: NOWHERE };
    if (name === '__builtins__') return { kind: 'path', path: 'builtins', from: NOWHERE };
    if (name === '__file__') return textValue(HOLE, NOWHERE, false, true);
    if (name === 'get_ipython') return { kind: 'path', path: 'IPython.get_ipython', from: NOWHERE };
    if (name === '__loader__' || name === '__spec__') return { kind: 'path', path: name, from: NOWHERE };
    const star = this.module().names.get('*');
    if (star === undefined) return UNKNOWN;
    return choices(star)
      .map((one) => attributeOf(one, name))
      .reduce((a, b) => either(a, b));
  }

  evaluate(expression: Expression): PythonValue {
    this.state.step();
    switch (expression.kind) {
      case 'name':
        return this.lookUp(expression.name);
      case 'constant': {
        const { value } = expression;
        if (typeof value === 'string') return textValue(value);
        if (typeof value === 'number' || typeof value === 'bigint') return { kind: 'number', value, from: NOWHERE };
        return { kind: 'plain', value, from: NOWHERE };
      }
      case 'bytes':
        return textValue(expression.text, NOWHERE, true);
      case 'format':
        return this.#format(expression.parts);
      case 'trail':
        return this.#trail(expression.base, expression.trail);
      case 'chain':
        return this.#chain(expression.operators, expression.items);
      case 'logic':
        return this.#logic(expression.operators, expression.items);
      case 'unary':
        return this.#unary(expression.operator, this.evaluate(expression.operand));
      case 'choice':
        this.evaluate(expression.test);
        return either(this.evaluate(expression.then), this.evaluate(expression.other));
      case 'sequence':
        return this.#sequence(expression.items);
      case 'dict':
        return this.#dict(expression.entries);
      case 'comprehension':
        return this.#comprehension(expression);
      case 'lambda': {
        for (const parameter of expression.parameters)
          if (parameter.default !== undefined) this.evaluate(parameter.default);
        const made = this.state.definition(expression, 'lambda', 'lambda', expression.body, this.scope);
        this.define(made);
        return { kind: 'local', definition: made, from: NOWHERE };
      }
      case 'star':
      case 'wrap':
        return this.evaluate(expression.value);
      case 'named': {
        const value = this.evaluate(expression.value);
        this.assign({ kind: 'name', name: expression.name, line: 0 }, value, 0);
        return value;
      }
      case 'slice':
        for (const part of expression.parts) if (part !== undefined) this.evaluate(part);
        return UNKNOWN;
    }
  }

  #format(parts: readonly (string | Expression)[]): PythonValue {
    const values: PythonValue[] = [];
    let open = false;
    const text = parts
      .map((part) => {
        if (typeof part === 'string') return part;
        const value = this.evaluate(part);
        values.push(value);
        if (value.kind === 'text') open ||= value.open === true;
        if (value.kind === 'text') return value.text;
        if (value.kind === 'number') return String(value.value);
        open = true;
        return HOLE;
      })
      .join('');
    return textValue(text, unknownFrom(...values).from, false, open);
  }

  #chain(operators: readonly string[], items: readonly Expression[]): PythonValue {
    const values = items.map((item) => this.evaluate(item));
    return values.reduce((a, b, index) => foldOperator(operators[index - 1] ?? '', a, b));
  }

  #logic(operators: readonly string[], items: readonly Expression[]): PythonValue {
    const values = items.map((item) => this.evaluate(item));
    const passes = operators[0] === 'or' || operators[0] === 'and' || operators[0] === 'if';
    return passes ? values.reduce((a, b) => either(a, b)) : UNKNOWN;
  }

  #unary(operator: string, value: PythonValue): PythonValue {
    if (value.kind === 'number' && typeof value.value === 'number' && /^[-+]$/.test(operator))
      return { ...value, value: operator === '-' ? -value.value : value.value };
    return operator === 'not' ? UNKNOWN : unknownFrom(value);
  }

  #sequence(items: readonly Expression[]): PythonValue {
    const values: PythonValue[] = [];
    let open = false;
    for (const item of items) {
      const value = this.evaluate(item);
      if (item.kind !== 'star') values.push(value);
      else if (value.kind === 'list') values.push(...value.items);
      else {
        open = true;
        values.push(value);
      }
    }
    return { kind: 'list', items: values, from: NOWHERE, ...(open ? { open: true } : {}) };
  }

  #dict(entries: readonly (readonly [Expression | undefined, Expression])[]): PythonValue {
    const found: DictEntry[] = [];
    for (const [key, value] of entries) {
      const known = key === undefined ? undefined : this.evaluate(key);
      const text = constantText(known) ?? (known?.kind === 'number' ? String(known.value) : undefined);
      const held = this.evaluate(value);
      if (key === undefined && held.kind === 'dict') found.push(...held.entries);
      else found.push({ key: text, value: held });
    }
    return { kind: 'dict', entries: found, from: NOWHERE };
  }

  #comprehension(expression: Expression & { kind: 'comprehension' }): PythonValue {
    const outer = this.scope;
    this.scope = newScope('comprehension', outer);
    const items: PythonValue[] = [];
    const { element, value, clauses } = expression;
    let complete = true;
    const visit = (): void => {
      const made = this.evaluate(element);
      if (value !== undefined) this.evaluate(value);
      items.push(made);
    };
    try {
      complete = this.#clauses(clauses, 0, visit, { left: MAX_UNROLL });
    } finally {
      this.scope = outer;
    }
    if (expression.type === 'dict') return unknownFrom(...items.slice(0, 16));
    return { kind: 'list', items, from: NOWHERE, ...(complete ? {} : { open: true }) };
  }

  /** @returns whether every turn was worked out */
  #clauses(clauses: readonly Clause[], index: number, visit: () => void, budget: { left: number }): boolean {
    const clause = clauses[index];
    if (clause === undefined) {
      visit();
      return true;
    }
    const subject = this.evaluate(clause.iterable);
    const items = itemsOf(subject);
    const known =
      items !== undefined && items.length > 0 && items.length <= budget.left && clause.conditions.length === 0;
    const turns = known ? items : [items?.[0] ?? elementOf(subject)];
    budget.left -= turns.length;
    let complete = known;
    for (const [turn, item] of turns.entries()) {
      const run = (): void => {
        this.assign(clause.target, item, 0);
        for (const condition of clause.conditions) this.evaluate(condition);
        complete = this.#clauses(clauses, index + 1, visit, budget) && complete;
      };
      if (turn === 0) run();
      else this.state.quietly(run);
    }
    return complete;
  }

  #trail(base: Expression, trail: readonly Trail[]): PythonValue {
    let value = this.evaluate(base);
    for (let at = 0; at < trail.length; at++) {
      const step = trail[at];
      const next = trail[at + 1];
      if (step === undefined) break;
      this.state.step();
      if (step.kind === 'attribute' && next?.kind === 'call') {
        value = this.callMethod(value, step.name, this.arguments(next.arguments), next.line);
        at += 1;
      } else if (step.kind === 'attribute') value = this.attribute(value, step.name);
      else if (step.kind === 'call') value = this.call(value, this.arguments(step.arguments), step.line);
      else value = this.#item(value, step.index);
    }
    return value;
  }

  protected attribute(value: PythonValue, name: string): PythonValue {
    for (const one of choices(value))
      if (one.kind === 'instance' && name === 'start') this.#reach(memberOf(one.definition, 'run'));
    return attributeOf(value, name);
  }

  #reach(value: PythonValue | undefined): void {
    for (const one of value === undefined ? [] : choices(value))
      if (one.kind === 'local') this.state.leads(this.place, one.definition);
  }

  #item(value: PythonValue, index: Expression): PythonValue {
    if (index.kind === 'slice') {
      const parts = index.parts.map((part) => (part === undefined ? undefined : this.evaluate(part)));
      return foldSlice(value, parts) ?? unknownFrom(value);
    }
    return itemOf(value, this.evaluate(index), (name) => this.lookUp(name));
  }

  protected arguments(args: readonly Argument[]): Call {
    const call: Call = { arguments: [], keywords: new Map() };
    for (const { keyword, star, value } of args) {
      const known = this.evaluate(value);
      if (keyword !== undefined) call.keywords.set(keyword, known);
      else if (star === undefined) call.arguments.push(known);
      else if (star === '*') call.arguments.push(...(known.kind === 'list' ? known.items : [unknownFrom(known)]));
      else if (known.kind === 'dict')
        for (const entry of known.entries) call.keywords.set(entry.key ?? '**', entry.value);
      else call.keywords.set('**', known);
    }
    return call;
  }
}

export function isBlock(body: Block | Expression): body is Block {
  return Array.isArray(body);
}

/** What a loop over a value that is not known in full may see. */
export function elementOf(value: PythonValue): PythonValue {
  if (value.kind === 'list' && value.items.length > 0) return value.items.slice(0, 64).reduce((a, b) => either(a, b));
  return originOf(value).size === 0 ? UNKNOWN : unknownFrom(value);
}
