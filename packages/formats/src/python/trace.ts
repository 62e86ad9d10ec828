// Follows a whole file: module level first, then every function with what the module and its callers gave it. Three passes,
// since a function may be used before it is known what it returns.
import { elementOf, isBlock } from './evaluate.js';
import { itemsOf } from './fold.js';
import { foldOperator } from './fold-operators.js';
import { memberOf, specialMethods } from './lookups.js';
import { parsePython } from './parse-python.js';
import type { Argument, Block, Expression, Statement } from './syntax.js';
import { SpecialCalls } from './special-calls.js';
import type { Definition, PythonValue } from './values.js';
import { choices, either, newScope, NOWHERE, UNKNOWN, unknownFrom } from './values.js';

const PASSES = 3;
const MAX_LAYERS = 4;
const MAX_CODE = 256 * 1024;

export class Tracer extends SpecialCalls {
  #queue: Definition[] = [];
  /** Inside a branch or loop: an assignment may or may not happen. */
  #branches = 0;
  #lateAnnotations = false;
  #renamed = false;
  /** Of the statement at hand. */
  #line = 0;
  /** Code in strings is parsed once. */
  readonly #texts = new Map<string, Block>();

  file(body: Block): void {
    for (let pass = 0; pass < PASSES; pass++) {
      this.state.restart();
      this.scope.names.clear();
      this.place = 'module';
      this.#queue = [];
      this.#block(body);
      this.#drain();
    }
  }

  #drain(): void {
    const seen = new Set<Definition>();
    for (let next = this.#queue.pop(); next !== undefined; next = this.#queue.pop()) {
      if (seen.has(next)) continue;
      seen.add(next);
      this.#body(next);
    }
  }

  #body(definition: Definition): void {
    const outer = this.scope;
    this.scope = newScope('function', definition.scope, definition);
    this.place = definition;
    const method = definition.owner !== undefined;
    for (const [index, { name, star, default: fallback }] of definition.parameters.entries()) {
      let value = definition.given.get(name) ?? UNKNOWN;
      if (fallback !== undefined)
        value = either(
          value,
          this.state.quietly(() => this.evaluate(fallback)),
        );
      if (star !== undefined) value = unknownFrom(value);
      if (method && index === 0 && definition.owner !== undefined)
        value = { kind: name === 'cls' ? 'local' : 'instance', definition: definition.owner, from: NOWHERE };
      this.#set(name, value);
    }
    if (isBlock(definition.body)) this.#block(definition.body);
    else definition.returns = either(definition.returns, this.evaluate(definition.body));
    this.scope = outer;
    this.place = 'module';
  }

  protected define(definition: Definition): void {
    this.#queue.push(definition);
  }

  protected runText(text: string, line: number): PythonValue {
    if (this.layers >= MAX_LAYERS || text.length > MAX_CODE) return UNKNOWN;
    let body = this.#texts.get(text);
    if (body === undefined) {
      body = parsePython(text.trim(), 100_000).body;
      this.#texts.set(text, body);
    }
    if (this.layers === 0) this.textLine = line;
    this.layers += 1;
    let value: PythonValue = UNKNOWN;
    for (const statement of body) value = this.#statement(statement) ?? value;
    this.layers -= 1;
    return value;
  }

  #block(body: Block): void {
    for (const statement of body) this.#statement(statement);
  }

  #branch(body: Block): void {
    this.#branches += 1;
    this.#block(body);
    this.#branches -= 1;
  }

  /** @returns the value of an expression that stands alone */
  #statement(statement: Statement): PythonValue | undefined {
    this.state.step();
    this.#line = this.layers > 0 ? this.textLine : statement.line;
    switch (statement.kind) {
      case 'expression':
        return this.evaluate(statement.value);
      case 'assign':
        return void this.#assignment(statement);
      case 'import':
        return void this.#import(statement);
      case 'from':
        return void this.#from(statement);
      case 'function':
        return void this.#function(statement);
      case 'class':
        return void this.#class(statement);
      case 'if':
        return void this.#if(statement);
      case 'loop':
        return void this.#loop(statement);
      case 'with':
        for (const { value, target } of statement.items) {
          const entered = this.#entered(this.evaluate(value));
          if (target !== undefined) this.assign(target, entered, statement.line);
        }
        return void this.#block(statement.body);
      case 'blocks': {
        const subject = statement.subjects.map((one) => this.evaluate(one))[0] ?? UNKNOWN;
        for (const { values, name, target, body } of statement.blocks) {
          if (target !== undefined) this.assign(target, subject, statement.line);
          for (const value of values) this.evaluate(value);
          if (name !== undefined) this.#set(name, UNKNOWN);
          this.#branch(body);
        }
        return undefined;
      }
      case 'return': {
        const value = this.evaluate(statement.value);
        const { definition } = this.scope;
        if (definition !== undefined) {
          definition.returns = either(definition.returns, value);
          if (/^__reduce(?:_ex)?__$/.test(definition.name)) this.#reduced(value, statement.line);
        }
        return undefined;
      }
      case 'global':
        for (const name of statement.names) this.scope.globals.add(name);
        return undefined;
      case 'values':
        for (const value of statement.values) this.evaluate(value);
        return undefined;
    }
  }

  /** What `__reduce__` answers is called with its arguments when a pickle of the object is loaded. */
  #reduced(value: PythonValue, line: number): void {
    for (const one of choices(value)) {
      const [callee, given] = one.kind === 'list' ? one.items : [];
      if (callee === undefined) continue;
      this.call(callee, { arguments: given?.kind === 'list' ? [...given.items] : [], keywords: new Map() }, line);
    }
  }

  /** `with X() as y`: what `__enter__` gives is taken to be the thing itself. */
  #entered(value: PythonValue): PythonValue {
    for (const one of choices(value))
      if (one.kind === 'instance')
        for (const method of specialMethods(one.definition)) this.state.leads(this.place, method);
    return value;
  }

  #assignment(statement: Statement & { kind: 'assign' }): void {
    const { targets, value, operator, annotation, line } = statement;
    if (annotation !== undefined && !this.#lateAnnotations && this.scope.kind !== 'function') this.evaluate(annotation);
    if (value === undefined) return;
    const known = this.evaluate(value);
    const [first] = targets;
    if (operator !== undefined && first !== undefined) {
      const current = this.evaluate(first);
      if (current.kind === 'list' && known.kind === 'list') current.items.push(...known.items.slice(0, 1000));
      else this.assign(first, foldOperator(operator, current, known), line);
      return;
    }
    for (const target of targets) this.assign(target, known, line);
  }

  protected assign(target: Expression, value: PythonValue, line: number): void {
    switch (target.kind) {
      case 'name':
        return this.#set(target.name, value);
      case 'named':
        this.#set(target.name, value);
        return this.assign(target.value, value, line);
      case 'star':
        return this.assign(target.value, { kind: 'list', items: [value], open: true, from: NOWHERE }, line);
      case 'sequence': {
        const items = itemsOf(value);
        const exact = items?.length === target.items.length && !target.items.some(({ kind }) => kind === 'star');
        for (const [index, item] of target.items.entries())
          this.assign(item, exact ? (items?.[index] ?? UNKNOWN) : elementOf(value), line);
        return;
      }
      case 'trail':
        return this.#assignTrail(target, value, line);
      case 'bytes':
      case 'chain':
      case 'choice':
      case 'comprehension':
      case 'constant':
      case 'dict':
      case 'format':
      case 'lambda':
      case 'logic':
      case 'slice':
      case 'unary':
      case 'wrap':
        return;
    }
  }

  #assignTrail({ base, trail, line: at }: Expression & { kind: 'trail' }, value: PythonValue, line: number): void {
    const last = trail.at(-1);
    const before: Expression = trail.length === 1 ? base : { kind: 'trail', base, trail: trail.slice(0, -1), line: at };
    const owner = this.evaluate(before);
    if (last?.kind === 'attribute') return this.setAttribute(owner, last.name, value, line);
    if (last?.kind !== 'index') return;
    const index = this.evaluate(last.index);
    const key = index.kind === 'text' && index.open !== true ? index.text : undefined;
    for (const one of choices(owner)) {
      if (one.kind === 'dict') one.entries.push({ key, value });
      else if (one.kind === 'list') one.items.push(value);
      else if (one.kind === 'path') {
        this.state.write({ path: `${one.path}[]`, key, value, line, place: this.place });
        if (/^builtins\.(?:globals|locals)\(\)$/.test(one.path) && key !== undefined) this.#set(key, value);
      }
    }
  }

  #set(name: string, value: PythonValue): void {
    const scope = this.scope.globals.has(name) ? this.module() : this.scope;
    if (name === '__name__') this.#renamed = true;
    const before = scope.names.get(name);
    scope.names.set(name, this.#branches > 0 && before !== undefined ? either(before, value) : value);
    scope.ever.set(name, either(scope.ever.get(name), value));
    if (scope.kind === 'class') {
      const attributes = scope.definition?.attributes;
      attributes?.set(name, either(attributes.get(name), value));
      // `__add__ = os.system`: an operator calls it.
      if (/^__\w+__$/.test(name) && choices(value).some(({ kind }) => kind === 'path'))
        this.state.call({
          path: '?',
          arguments: [value],
          keywords: new Map(),
          line: this.#line,
          place: this.place,
          layers: this.layers,
        });
    }
  }

  #import({ names, line }: Statement & { kind: 'import' }): void {
    for (const { name, as } of names) {
      this.state.import({ module: name, names: [], line, place: this.place });
      const path = as === undefined ? (name.split('.')[0] ?? name) : name;
      this.#set(as ?? path, { kind: 'path', path, from: NOWHERE });
    }
  }

  #from({ level, module, names, line }: Statement & { kind: 'from' }): void {
    const from = '.'.repeat(level) + module;
    if (from === '__future__') {
      this.#lateAnnotations ||= names?.some(({ name }) => name === 'annotations') === true;
      return;
    }
    this.state.import({ module: from, names: names?.map(({ name }) => name) ?? ['*'], line, place: this.place });
    const dot = module === '' ? '' : '.';
    for (const { name, as } of names ?? [])
      this.#set(as ?? name, { kind: 'path', path: `${from}${dot}${name}`, from: NOWHERE });
    if (names === undefined) {
      const { names: known, ever } = this.module();
      known.set('*', either(known.get('*'), { kind: 'path', path: from, from: NOWHERE }));
      ever.set('*', either(ever.get('*'), { kind: 'path', path: from, from: NOWHERE }));
    }
  }

  #function(statement: Statement & { kind: 'function' }): void {
    const { name, parameters, decorators, returns, body, line } = statement;
    const owner = this.scope.kind === 'class' ? this.scope.definition : undefined;
    const runners = decorators.map((decorator) => this.evaluate(decorator));
    const bare = decorators.some((one) => one.kind === 'name' && one.name === 'staticmethod');
    for (const { default: fallback, annotation } of parameters) {
      if (fallback !== undefined) this.evaluate(fallback);
      if (annotation !== undefined && !this.#lateAnnotations) this.evaluate(annotation);
    }
    if (returns !== undefined && !this.#lateAnnotations) this.evaluate(returns);
    const definition = this.state.definition(statement, 'function', name, body, this.scope, bare ? undefined : owner);
    this.define(definition);
    let value: PythonValue = { kind: 'local', definition, from: NOWHERE };
    for (const runner of runners.reverse()) value = this.#decorate(runner, value, line);
    this.#set(name, value);
  }

  #decorate(decorator: PythonValue, value: PythonValue, line: number): PythonValue {
    const result = choices(decorator).map((one) => {
      const call = { arguments: [value], keywords: new Map<string, PythonValue>() };
      // What an imported decorator does with a function is not followed, or every decorated one would count as called.
      if (one.kind !== 'path') return this.call(one, call, line);
      this.state.call({ path: one.path, ...call, line, place: this.place, layers: this.layers });
      if (RUNNERS.test(one.path))
        for (const each of choices(value)) if (each.kind === 'local') this.state.leads(this.place, each.definition);
      return UNKNOWN;
    });
    return result.reduce((a, b) => either(a, b), value);
  }

  #class(statement: Statement & { kind: 'class' }): void {
    const { name, bases, decorators, body, line } = statement;
    const runners = decorators.map((decorator) => this.evaluate(decorator));
    const outer = this.scope;
    const definition = this.state.definition(statement, 'class', name, body, outer);
    definition.bases.length = 0;
    for (const argument of bases) this.#base(definition, argument, line);
    this.scope = newScope('class', outer, definition);
    const branches = this.#branches;
    this.#branches = 0;
    this.#block(body);
    this.#branches = branches;
    this.scope = outer;
    let value: PythonValue = { kind: 'local', definition, from: NOWHERE };
    for (const runner of runners.reverse()) value = this.#decorate(runner, value, line);
    this.#set(name, value);
  }

  #base(definition: Definition, { keyword, value }: Argument, line: number): void {
    const base = this.evaluate(value);
    if (keyword === undefined) definition.bases.push(base);
    for (const one of choices(base)) {
      if (one.kind === 'local' && keyword === 'metaclass') {
        for (const method of specialMethods(one.definition)) this.state.leads(this.place, method);
        // A function serves as a metaclass too.
        if (one.definition.kind !== 'class') this.call(one, { arguments: [], keywords: new Map() }, line);
      } else if (one.kind === 'local') {
        const hook = memberOf(one.definition, '__init_subclass__');
        if (hook?.kind === 'local') this.state.leads(this.place, hook.definition);
      } else if (keyword === 'metaclass' && one.kind === 'path' && one.path !== 'builtins.type')
        this.state.call({ path: one.path, arguments: [], keywords: new Map(), line, place: this.place, layers: 0 });
    }
  }

  #if({ branches, other }: Statement & { kind: 'if' }): void {
    const [first] = branches;
    const before = this.place;
    for (const { test, body } of branches) {
      this.evaluate(test);
      if (test === first?.test && this.#isMainGuard(test)) {
        this.place = 'main';
        this.#branch(body);
        this.place = before;
      } else if (!isForTypeCheckers(test)) this.#branch(body);
    }
    this.#branch(other);
  }

  /** `if __name__ == '__main__':` at module level, and nothing else beside it. */
  #isMainGuard(test: Expression): boolean {
    if (this.scope.kind !== 'module' || this.#renamed || this.place !== 'module') return false;
    if (test.kind !== 'logic' || test.operators.length !== 1 || test.operators[0] !== '==') return false;
    const [a, b] = test.items;
    const isName = (one: Expression | undefined): boolean => one?.kind === 'name' && one.name === '__name__';
    const isMain = (one: Expression | undefined): boolean => one?.kind === 'constant' && one.value === '__main__';
    return (isName(a) && isMain(b)) || (isMain(a) && isName(b));
  }

  #loop({ target, subject, body, line }: Statement & { kind: 'loop' }): void {
    const value = this.evaluate(subject);
    const items = itemsOf(value);
    if (target !== undefined) {
      const shown = items !== undefined && items.length <= 16 ? items : [elementOf(value)];
      this.assign(
        target,
        shown.reduce((a, b) => either(a, b), UNKNOWN),
        line,
      );
    }
    this.#branch(body);
  }
}

/** Decorators of the standard library that call what they are given, now or later. */
const RUNNERS = /^(?:atexit\.register|threading\.\w+|\?\.(?:submit|apply_async))$/;

function isForTypeCheckers(test: Expression): boolean {
  if (test.kind === 'name') return test.name === 'TYPE_CHECKING';
  const last = test.kind === 'trail' ? test.trail.at(-1) : undefined;
  return (
    test.kind === 'trail' && test.trail.length === 1 && last?.kind === 'attribute' && last.name === 'TYPE_CHECKING'
  );
}
