// Calls that only stand for another name (`getattr`, `__import__`, `partial`), run code from a text, or call what they are
// handed (`map`, `reduce`).
import { CallFollower } from './calls.js';
import type { Call } from './evaluate.js';
import { elementOf, isBlock, MAX_UNROLL } from './evaluate.js';
import { itemsOf } from './fold.js';
import { constantText, pathValue } from './lookups.js';
import type { Definition, PythonValue } from './values.js';
import { choices, either, newScope, NOWHERE, UNKNOWN, unknownFrom } from './values.js';

export abstract class SpecialCalls extends CallFollower {
  protected special(path: string, call: Call, line: number): PythonValue | undefined {
    const [first, second, third] = call.arguments;
    switch (path) {
      case 'builtins.getattr':
      case 'builtins.object.__getattribute__':
      case 'inspect.getattr_static': {
        if (first === undefined || second === undefined) return undefined;
        const found = choices(second)
          .map((one) => this.#dynamicAttribute(first, one))
          .reduce((a, b) => either(a, b));
        return third === undefined ? found : either(found, third);
      }
      case 'builtins.setattr': {
        const name = constantText(second);
        if (first !== undefined && third !== undefined) this.setAttribute(first, name ?? '?', third, line);
        return UNKNOWN;
      }
      case 'builtins.__import__':
      case 'importlib.__import__':
      case 'importlib.import_module': {
        this.note(path, call, line);
        const name = constantText(first);
        if (name === undefined || name.startsWith('.')) return pathValue(`${path}()`, ...call.arguments);
        this.state.import({ module: name, names: [], line, place: this.place });
        return pathValue(path.endsWith('__') && call.keywords.size === 0 ? (name.split('.')[0] ?? name) : name);
      }
      case 'pkgutil.resolve_name':
      case 'pydoc.locate': {
        const name = constantText(first);
        return name === undefined ? undefined : pathValue(name.replace(':', '.'));
      }
      case 'builtins.vars':
        return first?.kind === 'path' ? pathValue(`${first.path}.__dict__`, first) : pathValue('builtins.globals()');
      case 'builtins.eval':
      case 'builtins.exec':
      case 'builtins.compile': {
        this.note(path, call, line);
        const texts =
          first === undefined
            ? []
            : choices(first)
                .map(constantText)
                .filter((text) => text !== undefined);
        if (texts.length > 0) return texts.map((text) => this.runText(text, line)).reduce((a, b) => either(a, b));
        return { ...pathValue(`${path}()`), from: unknownFrom(...call.arguments).from };
      }
      case 'functools.partial':
        for (const one of first === undefined ? [] : choices(first))
          if (one.kind === 'local') this.give(one.definition, { ...call, arguments: call.arguments.slice(1) });
        return first;
      case 'builtins.map':
      case 'builtins.filter':
        return this.#map(call, line);
      case 'functools.reduce':
      case 'builtins.reduce':
        return this.#reduce(call, line);
      case 'operator.attrgetter':
      case 'operator.methodcaller': {
        const getter = pathValue(`${path}()`, ...call.arguments);
        this.getters.set(getter, { ...call, method: path.endsWith('methodcaller') });
        return getter;
      }
      case 'operator.call':
        return first === undefined
          ? undefined
          : this.call(first, { ...call, arguments: call.arguments.slice(1) }, line);
      default:
        return undefined;
    }
  }

  #dynamicAttribute(owner: PythonValue, name: PythonValue): PythonValue {
    const text = constantText(name);
    if (text !== undefined) return this.attribute(owner, text);
    const found = choices(owner).filter((one) => one.kind === 'path' && !one.path.startsWith('?'));
    return found.length === 0
      ? unknownFrom(owner, name)
      : found.map((one) => pathValue(`${one.kind === 'path' ? one.path : ''}.?`, name)).reduce((a, b) => either(a, b));
  }

  protected applyGetter(getter: Call & { method: boolean }, args: readonly PythonValue[], line: number): PythonValue {
    const [owner] = args;
    const name = constantText(getter.arguments[0]);
    if (owner === undefined || name === undefined) return unknownFrom(...args);
    const found = name.split('.').reduce((value, part) => this.attribute(value, part), owner);
    if (!getter.method) return found;
    return this.call(found, { arguments: getter.arguments.slice(1), keywords: getter.keywords }, line);
  }

  #map(call: Call, line: number): PythonValue {
    const [run, ...lists] = call.arguments;
    if (run === undefined) return UNKNOWN;
    this.passed(call);
    const [list] = lists;
    const items = list === undefined ? undefined : itemsOf(list);
    if (items === undefined || lists.length > 1 || items.length > MAX_UNROLL) {
      const made = this.call(run, { arguments: lists.map(elementOf), keywords: new Map() }, line);
      return { kind: 'list', items: [made], open: true, from: unknownFrom(...lists).from };
    }
    const made = items.map((item, index) => {
      const one = { arguments: [item], keywords: new Map<string, PythonValue>() };
      if (run.kind === 'local' && run.definition.kind === 'lambda') return this.#inline(run.definition, one, line);
      return index < 16 ? this.call(run, one, line) : this.state.quietly(() => this.call(run, one, line));
    });
    return { kind: 'list', items: made, from: NOWHERE };
  }

  /** A lambda over a constant, worked out for each item. */
  #inline(definition: Definition, call: Call, line: number): PythonValue {
    this.call({ kind: 'local', definition, from: NOWHERE }, call, line);
    const outer = this.scope;
    this.scope = newScope('function', definition.scope, definition);
    for (const [index, { name }] of definition.parameters.entries())
      this.scope.names.set(name, call.arguments[index] ?? UNKNOWN);
    try {
      return this.state.quietly(() => (isBlock(definition.body) ? UNKNOWN : this.evaluate(definition.body)));
    } finally {
      this.scope = outer;
    }
  }

  #reduce(call: Call, line: number): PythonValue {
    const [run, list, start] = call.arguments;
    const items = list === undefined ? undefined : itemsOf(list);
    if (run === undefined) return UNKNOWN;
    this.passed(call);
    if (items === undefined || items.length > 64)
      return this.call(run, { arguments: [start ?? UNKNOWN, UNKNOWN], keywords: new Map() }, line);
    const all = start === undefined ? items : [start, ...items];
    if (all.length === 0) return UNKNOWN;
    return all.reduce((a, b) => this.call(run, { arguments: [a, b], keywords: new Map() }, line));
  }
}
