// Calls: what is handed to functions of the file, what is built, what goes on to the outside and is noted.
import { Evaluator } from './evaluate.js';
import type { Call } from './evaluate.js';
import { foldCall, foldMethod } from './fold.js';
import { constantText, itemOf, memberOf, pathValue, specialMethods } from './lookups.js';
import type { Definition, PythonValue } from './values.js';
import { choices, either, NOWHERE, textValue, UNKNOWN, unknownFrom } from './values.js';

const FILE_METHODS = new Set(
  'write_text write_bytes read_text read_bytes open unlink touch mkdir symlink_to hardlink_to rename replace chmod'.split(
    ' ',
  ),
);
export abstract class CallFollower extends Evaluator {
  /** What `operator.attrgetter` and `methodcaller` gave, by the value that they gave. */
  protected readonly getters = new WeakMap<PythonValue, Call & { method: boolean }>();

  /** Calls that only stand for another name, or run code from a text; undefined for all others. */
  protected abstract special(path: string, call: Call, line: number): PythonValue | undefined;
  protected abstract applyGetter(
    getter: Call & { method: boolean },
    args: readonly PythonValue[],
    line: number,
  ): PythonValue;

  protected callMethod(self: PythonValue, name: string, call: Call, line: number): PythonValue {
    if (self.kind === 'some')
      return self.of.map((one) => this.callMethod(one, name, call, line)).reduce((a, b) => either(a, b));
    const key = constantText(call.arguments[0]);
    if (self.kind === 'path' && key !== undefined) {
      if (name === '__getattribute__' || name === '__getattr__') return this.attribute(self, key);
      if (
        (name === 'get' || name === '__getitem__' || name === 'pop') &&
        /modules$|\)$|__$|^builtins$/.test(self.path)
      ) {
        const found = itemOf(self, call.arguments[0] ?? UNKNOWN, (one) => this.lookUp(one));
        if (found.kind === 'path' && !found.path.endsWith('[]')) return found;
      }
      if (name === 'load_module' || name === 'import_module') return pathValue(key, ...call.arguments);
    }
    if (self.kind === 'list' || self.kind === 'dict') return this.#callContainer(self, name, call);
    const folded = foldMethod(self, name, call.arguments);
    if (folded !== undefined) return folded;
    if (self.kind === 'text' && FILE_METHODS.has(name)) {
      const args = { ...call, arguments: [self, ...call.arguments] };
      return this.call(pathValue(`pathlib.Path().${name}`, self), args, line);
    }
    return this.call(this.attribute(self, name), call, line, self);
  }

  #callContainer(self: PythonValue & { kind: 'list' | 'dict' }, name: string, call: Call): PythonValue {
    const [first] = call.arguments;
    this.passed(call);
    if (self.kind === 'list' && first !== undefined && (name === 'append' || name === 'insert'))
      self.items.push(call.arguments.at(-1) ?? first);
    else if (self.kind === 'list' && first?.kind === 'list' && name === 'extend') self.items.push(...first.items);
    else if (
      self.kind === 'dict' &&
      first !== undefined &&
      (name === 'get' || name === 'pop' || name === '__getitem__')
    )
      return itemOf(self, first, (one) => this.lookUp(one));
    else if (self.kind === 'dict' && (name === 'update' || name === 'setdefault')) {
      if (first?.kind === 'dict') self.entries.push(...first.entries);
      for (const [key, value] of call.keywords) self.entries.push({ key, value });
    } else if (self.kind === 'dict' && name === 'values')
      return { kind: 'list', items: self.entries.map((entry) => entry.value), from: NOWHERE, open: true };
    else if (self.kind === 'dict' && name === 'items') {
      const items = self.entries.map(({ key, value }): PythonValue => {
        const shown = key === undefined ? UNKNOWN : textValue(key);
        return { kind: 'list', items: [shown, value], from: NOWHERE };
      });
      return { kind: 'list', items, from: NOWHERE, open: true };
    } else if (self.kind === 'list' && name === 'pop')
      return itemOf(self, first ?? { kind: 'number', value: -1, from: NOWHERE }, (one) => this.lookUp(one));
    return name === 'copy' ? self : unknownFrom(self, ...call.arguments);
  }

  protected call(callee: PythonValue, call: Call, line: number, self?: PythonValue): PythonValue {
    this.state.step();
    switch (callee.kind) {
      case 'some':
        return callee.of.map((one) => this.call(one, call, line, self)).reduce((a, b) => either(a, b), UNKNOWN);
      case 'path':
        return this.#callPath(callee, call, line);
      case 'local':
        this.passed(call);
        return callee.definition.kind === 'class'
          ? this.#construct(callee.definition, call, line)
          : this.#callLocal(callee.definition, call, self);
      case 'instance': {
        this.passed(call);
        const method = memberOf(callee.definition, '__call__') ?? memberOf(callee.definition, 'forward');
        if (method?.kind === 'local') return this.#callLocal(method.definition, call, callee);
        return unknownFrom(callee, ...call.arguments);
      }
      case 'text':
      case 'number':
      case 'plain':
      case 'list':
      case 'dict':
      case 'unknown':
        this.passed(call);
        this.note('?', call, line);
        return unknownFrom(callee, ...call.arguments, ...call.keywords.values());
    }
  }

  protected note(path: string, call: Call, line: number): void {
    const { place, layers } = this;
    const at = layers > 0 ? this.textLine : line;
    this.state.call({ path, arguments: call.arguments, keywords: call.keywords, line: at, place, layers });
  }

  /** Functions that are handed over may be called. */
  protected passed(call: Call): void {
    const visit = (value: PythonValue, depth: number): void => {
      for (const one of choices(value)) {
        if (one.kind === 'local' && one.definition.kind !== 'class') this.state.leads(this.place, one.definition);
        if (depth > 1) continue;
        if (one.kind === 'list') for (const item of one.items.slice(0, 64)) visit(item, depth + 1);
        if (one.kind === 'dict') for (const entry of one.entries.slice(0, 64)) visit(entry.value, depth + 1);
      }
    };
    for (const value of call.arguments) visit(value, 0);
    for (const value of call.keywords.values()) visit(value, 0);
  }

  #construct(definition: Definition, call: Call, line: number): PythonValue {
    const made: PythonValue = { kind: 'instance', definition, from: NOWHERE };
    for (const method of specialMethods(definition)) this.state.leads(this.place, method);
    const init = memberOf(definition, '__init__') ?? memberOf(definition, '__new__');
    if (init?.kind === 'local') this.#callLocal(init.definition, call, made);
    for (const base of definition.bases) if (base.kind === 'path') this.note(base.path, call, line);
    return made;
  }

  #callLocal(definition: Definition, call: Call, self?: PythonValue): PythonValue {
    this.state.leads(this.place, definition);
    this.give(definition, call, self);
    return definition.returns;
  }

  /** Notes what a call hands over to the parameters of a function. */
  protected give(definition: Definition, call: Call, self?: PythonValue): void {
    const bound = definition.owner !== undefined && self !== undefined && self.kind !== 'local' ? 1 : 0;
    const parameters = definition.parameters.filter(({ star }) => star === undefined).slice(bound);
    const give = (name: string, value: PythonValue): void => {
      definition.given.set(name, either(definition.given.get(name), value));
    };
    for (const [index, value] of call.arguments.slice(0, 64).entries()) {
      const name = parameters[index]?.name ?? definition.parameters.find(({ star }) => star === '*')?.name;
      if (name !== undefined) give(name, value);
    }
    for (const [name, value] of call.keywords) if (parameters.some((one) => one.name === name)) give(name, value);
  }

  #callPath(callee: PythonValue & { kind: 'path' }, call: Call, line: number): PythonValue {
    const { path } = callee;
    const args = call.arguments;
    const getter = this.getters.get(callee);
    if (getter !== undefined) return this.applyGetter(getter, args, line);
    const special = this.special(path, call, line);
    if (special !== undefined) return special;
    this.passed(call);
    const method = /^builtins\.(?:str|bytes|bytearray)\.(\w+)$/.exec(path)?.[1];
    const [self, ...rest] = args;
    const unbound = method === undefined || self === undefined ? undefined : foldMethod(self, method, rest);
    if (unbound !== undefined) return unbound;
    const folded = call.keywords.size <= 1 || path === 'urllib.request.Request' ? foldCall(path, args) : undefined;
    this.note(path, call, line);
    if (folded !== undefined)
      return call.keywords.size === 0
        ? folded
        : { ...folded, from: unknownFrom(folded, ...call.keywords.values()).from };
    const unknown = unknownFrom(callee, ...args, ...call.keywords.values(), ...fileNamed(path, args[0]));
    if (path.startsWith('?')) return unknown;
    return { ...pathValue(`${path}()`), from: unknown.from };
  }

  protected setAttribute(owner: PythonValue, name: string, value: PythonValue, line: number): void {
    for (const one of choices(owner)) {
      if (one.kind === 'instance' || one.kind === 'local')
        one.definition.attributes.set(name, either(one.definition.attributes.get(name), value));
      else {
        const path = one.kind === 'path' ? `${one.path}.${name}` : `?.${name}`;
        this.state.write({ path, key: undefined, value, line, place: this.place });
        this.passed({ arguments: [value], keywords: new Map() });
      }
    }
  }
}

const OPENS = /^(?:builtins|io|codecs)\.open$|^pathlib\.Path\(\)\.(?:open|read_text|read_bytes)$/;

/** Which file a value was read from, as an origin of its own. */
function fileNamed(path: string, first: PythonValue | undefined): readonly PythonValue[] {
  if (first?.kind !== 'text' || !OPENS.test(path)) return [];
  return [{ kind: 'unknown', from: new Set([`file:${first.text.slice(-60)}`]) }];
}
