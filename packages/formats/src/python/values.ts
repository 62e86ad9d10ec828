// What a name in Python source may stand for, as far as reading tells: constants, things that were imported, results of
// calls by the path that led to them (`requests.get().content`), and from which calls a value came.
import type { Block, Expression, Parameter } from './syntax.js';

/** Paths of everything that went into a value. */
export type Origin = ReadonlySet<string>;

export type PythonValue =
  /** `open` when parts are not known; each stands as U+FFFC. */
  | {
      readonly kind: 'text';
      readonly text: string;
      readonly bytes?: boolean;
      readonly open?: boolean;
      readonly from: Origin;
    }
  | { readonly kind: 'number'; readonly value: number | bigint; readonly from: Origin }
  | { readonly kind: 'plain'; readonly value: boolean | null; readonly from: Origin }
  /** `os.system`, `builtins.open().read`, `importlib.import_module().run`. */
  | { readonly kind: 'path'; readonly path: string; readonly from: Origin }
  | { readonly kind: 'list'; readonly items: PythonValue[]; readonly open?: boolean; readonly from: Origin }
  | { readonly kind: 'dict'; readonly entries: DictEntry[]; readonly from: Origin }
  | { readonly kind: 'local'; readonly definition: Definition; readonly from: Origin }
  | { readonly kind: 'instance'; readonly definition: Definition; readonly from: Origin }
  | { readonly kind: 'some'; readonly of: readonly PythonValue[]; readonly from: Origin }
  | { readonly kind: 'unknown'; readonly from: Origin };

export interface DictEntry {
  readonly key: string | undefined;
  readonly value: PythonValue;
}

/** A function, lambda or class of the file. */
export interface Definition {
  readonly kind: 'function' | 'lambda' | 'class';
  readonly name: string;
  readonly line: number;
  readonly parameters: readonly Parameter[];
  readonly body: Block | Expression;
  /** The class that a method belongs to. */
  readonly owner?: Definition | undefined;
  /** Where it was made; its body sees the names of that place. */
  scope: Scope;
  /** What calls in the file hand over, by parameter. */
  readonly given: Map<string, PythonValue>;
  /** Attributes of a class, and of `self`. */
  readonly attributes: Map<string, PythonValue>;
  readonly bases: PythonValue[];
  returns: PythonValue;
}

export interface Scope {
  readonly kind: 'module' | 'class' | 'function' | 'comprehension';
  /** What a name is now. */
  readonly names: Map<string, PythonValue>;
  /** All that a name ever was: what a function sees that runs later. */
  readonly ever: Map<string, PythonValue>;
  readonly globals: Set<string>;
  readonly parent?: Scope | undefined;
  readonly definition?: Definition | undefined;
}

export const NOWHERE: Origin = new Set();
export const UNKNOWN: PythonValue = { kind: 'unknown', from: NOWHERE };
export const HOLE = '\uFFFC';
const MAX_ORIGINS = 24;
const MAX_CHOICES = 8;
const MAX_PATHS = 16;
export const MAX_TEXT = 1024 * 1024;

export function newScope(kind: Scope['kind'], parent?: Scope, definition?: Definition): Scope {
  return { kind, names: new Map(), ever: new Map(), globals: new Set(), parent, definition };
}

export function joinOrigins(...sets: readonly Origin[]): Origin {
  const filled = sets.filter((set) => set.size > 0);
  const [first] = filled;
  if (first === undefined) return NOWHERE;
  if (filled.every((set) => set === first)) return first;
  const all = new Set<string>();
  for (const set of filled)
    for (const one of set) {
      if (all.size >= MAX_ORIGINS) return all;
      all.add(one);
    }
  return all;
}

const MAX_PARTS = 128;

/** Everything that a value was made from, through lists and dictionaries, and what it is itself. */
export function originOf(value: PythonValue): Origin {
  if (value.kind === 'path')
    return value.from.has(value.path) ? value.from : joinOrigins(value.from, new Set([value.path]));
  if (value.kind !== 'list' && value.kind !== 'dict' && value.kind !== 'some') return value.from;
  // Values can hold themselves, so parts are counted.
  const found: Origin[] = [];
  const queue: PythonValue[] = [value];
  for (let parts = 0; parts < MAX_PARTS; parts++) {
    const next = queue.shift();
    if (next === undefined) break;
    if (next.from.size > 0) found.push(next.from);
    if (next.kind === 'path') found.push(new Set([next.path]));
    else if (next.kind === 'list') queue.push(...next.items.slice(0, MAX_PARTS));
    else if (next.kind === 'dict') queue.push(...next.entries.slice(0, MAX_PARTS).map((entry) => entry.value));
    else if (next.kind === 'some') queue.push(...next.of);
  }
  return joinOrigins(...found);
}

export function unknownFrom(...values: readonly PythonValue[]): PythonValue {
  const from = joinOrigins(...values.map((value) => originOf(value)));
  return from.size === 0 ? UNKNOWN : { kind: 'unknown', from };
}

export function textValue(text: string, from: Origin = NOWHERE, bytes = false, open = false): PythonValue {
  if (text.length > MAX_TEXT) return { kind: 'unknown', from };
  return { kind: 'text', text, from, ...(bytes ? { bytes } : {}), ...(open ? { open } : {}) };
}

export function choices(value: PythonValue): readonly PythonValue[] {
  return value.kind === 'some' ? value.of : [value];
}

/** Either of them. Paths and definitions are kept before constants: they are what can be called. */
export function either(a: PythonValue | undefined, b: PythonValue): PythonValue {
  if (a === undefined || a === b) return b;
  const kept: PythonValue[] = [];
  const seen = new Set<string | Definition>();
  let plain = 0;
  for (const value of [...choices(a), ...choices(b)]) {
    const key = keyOf(value);
    if (key !== undefined && seen.has(key)) continue;
    if (key !== undefined) seen.add(key);
    const callable = value.kind === 'path' || value.kind === 'local' || value.kind === 'instance';
    if (callable ? kept.length - plain >= MAX_PATHS : plain >= MAX_CHOICES) continue;
    if (!callable) plain += 1;
    kept.push(value);
  }
  const [first] = kept;
  return kept.length === 1 && first !== undefined ? first : { kind: 'some', of: kept, from: NOWHERE };
}

function keyOf(value: PythonValue): string | Definition | undefined {
  switch (value.kind) {
    case 'path':
      return `path ${value.path} ${value.from.size}`;
    case 'text':
      return value.text.length < 4096 ? `text ${value.text}` : undefined;
    case 'number':
      return `number ${value.value}`;
    case 'plain':
      return `plain ${value.value}`;
    case 'local':
      return value.definition;
    case 'unknown':
      return `unknown ${[...value.from].join()}`;
    case 'instance':
      return `instance ${value.definition.name} ${value.definition.line}`;
    case 'list':
    case 'dict':
    case 'some':
      return undefined;
  }
}
