// Attributes and items of what is known: the many ways in which Python reaches a name without writing it.
import { foldIndex } from './fold-operators.js';
import type { Definition, PythonValue } from './values.js';
import { choices, either, joinOrigins, originOf, UNKNOWN, unknownFrom } from './values.js';

const MAX_PATH = 200;

export function pathValue(path: string, ...from: readonly PythonValue[]): PythonValue {
  const origin = joinOrigins(...from.map((value) => originOf(value)));
  return path.length > MAX_PATH ? { kind: 'unknown', from: origin } : { kind: 'path', path, from: origin };
}

/** The text of a constant, when all of it is known. */
export function constantText(value: PythonValue | undefined): string | undefined {
  return value?.kind === 'text' && value.open !== true ? value.text : undefined;
}

export function attributeOf(value: PythonValue, name: string): PythonValue {
  switch (value.kind) {
    case 'some':
      return value.of.map((one) => attributeOf(one, name)).reduce((a, b) => either(a, b), UNKNOWN);
    case 'path':
      return attributeOfPath(value, name);
    case 'local':
    case 'instance': {
      const found = memberOf(value.definition, name);
      if (found !== undefined) return found;
      return name === '__class__' ? { ...value, kind: 'local' } : { kind: 'path', path: `?.${name}`, from: value.from };
    }
    case 'text':
    case 'number':
    case 'plain':
    case 'list':
    case 'dict':
    case 'unknown':
      return pathValue(`?.${name}`, value);
  }
}

/** An attribute of something unknown that has the name of a module is that module, as far as caution goes. */
const MODULES = /^\?\.(?:os|subprocess|builtins|socket|shutil|importlib|ctypes|pty)$/;

function attributeOfPath(value: PythonValue & { kind: 'path' }, name: string): PythonValue {
  const { path, from } = value;
  if (name === '__call__' || name === '__func__' || name === '__wrapped__') return value;
  if (name === '__self__' && path.startsWith('builtins.')) return { kind: 'path', path: 'builtins', from };
  if (MODULES.test(path)) return { kind: 'path', path: `${path.slice(2)}.${name}`, from };
  if (path.startsWith('?.')) return { kind: 'path', path: `?.${name}`, from };
  const next = `${path}.${name}`;
  return next.length > MAX_PATH ? { kind: 'unknown', from } : { kind: 'path', path: next, from };
}

/** A class and the classes of this file that it inherits from, nearest first. */
function ancestors(definition: Definition): ReadonlySet<Definition> {
  const found = new Set([definition]);
  for (const one of found)
    for (const base of one.bases)
      for (const each of choices(base)) if (each.kind === 'local' && found.size < 50) found.add(each.definition);
  return found;
}

/** An attribute of a class of this file, or of one that it inherits from. */
export function memberOf(definition: Definition, name: string): PythonValue | undefined {
  for (const one of ancestors(definition)) {
    const found = one.attributes.get(name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** All methods of a class whose names Python itself calls. */
export function* specialMethods(definition: Definition): Generator<Definition> {
  for (const { attributes } of ancestors(definition))
    for (const [name, member] of attributes)
      if (name.startsWith('__'))
        for (const one of choices(member))
          if (one.kind === 'local' && one.definition.kind !== 'class') yield one.definition;
}

const NAMESPACE =
  /(?:\.(?:__dict__|__globals__|func_globals|__builtins__|f_globals|f_builtins|f_locals)|\.(?:globals|locals)\(\))$/;

/** @param named what a name stands for in the file itself */
export function itemOf(value: PythonValue, index: PythonValue, named: (name: string) => PythonValue): PythonValue {
  switch (value.kind) {
    case 'some':
      return value.of.map((one) => itemOf(one, index, named)).reduce((a, b) => either(a, b), UNKNOWN);
    case 'path':
      return itemOfPath(value, index, named);
    case 'list':
    case 'dict': {
      const found = foldIndex(value, index);
      if (found !== undefined) return found;
      const members = value.kind === 'list' ? value.items : value.entries.map((entry) => entry.value);
      return members
        .slice(0, 256)
        .filter(canBeCalled)
        .reduce((a, b) => either(a, b), unknownFrom(value, index));
    }
    case 'text':
    case 'number':
    case 'plain':
    case 'local':
    case 'instance':
    case 'unknown':
      return foldIndex(value, index) ?? unknownFrom(value, index);
  }
}

function canBeCalled(value: PythonValue): boolean {
  return choices(value).some((one) => one.kind === 'path' || one.kind === 'local' || one.kind === 'instance');
}

function itemOfPath(
  value: PythonValue & { kind: 'path' },
  index: PythonValue,
  named: (name: string) => PythonValue,
): PythonValue {
  const { path } = value;
  const key = constantText(index);
  if (path === 'sys.modules')
    return key === undefined ? pathValue('sys.modules[]', value, index) : pathValue(key, index);
  if (path === 'builtins' || path.endsWith('.__builtins__'))
    return pathValue(key === undefined ? 'builtins.?' : `builtins.${key}`, index);
  if (!NAMESPACE.test(path)) return pathValue(`${path}[]`, { ...value, path: `${path}[]` }, index);
  if (key === undefined) return pathValue(`${path}[]`, value, index);
  if (key === '__builtins__') return pathValue('builtins', index);
  if (path === 'builtins.globals()' || path === 'builtins.locals()') return named(key);
  if (path.endsWith('.__dict__')) return attributeOf({ ...value, path: path.slice(0, -'.__dict__'.length) }, key);
  const own = named(key);
  return either(own.kind === 'unknown' ? pathValue(key, index) : own, pathValue(`__globals__.${key}`, index));
}
