// The allowlist: which names a pickle may use, and how. Everything else is refused, whether anybody knows it is bad or
// not; lists of bad names are never complete (CVE-2025-1716 and the gadget papers), so they only explain.
import type { GlobalValue, Value } from '@vallum/formats';
import type { AllowEntry, ArgumentSpec, ClassPattern, How, RuleFiles, StateRule } from '../rule-types.js';

export interface Permit {
  readonly how: ReadonlySet<How>;
  readonly args: readonly ArgumentSpec[] | undefined;
  readonly builds: number | undefined;
  readonly state: ReadonlyMap<string, RegExp> | undefined;
  readonly sets: readonly ArgumentSpec[] | undefined;
}

interface Pattern {
  readonly modules: readonly string[];
  readonly except: readonly string[];
  readonly name: RegExp;
  readonly permit: Permit;
}

export class Allowlist {
  readonly #exact = new Map<string, Permit>();
  readonly #patterns: readonly Pattern[];
  readonly #persistent: readonly (readonly ArgumentSpec[])[];
  readonly #aliases: RuleFiles['aliases'];
  readonly #packages: ReadonlySet<string>;
  readonly #found = new WeakMap<GlobalValue, Permit | undefined>();
  /** Keys of states that some rule looks at. */
  readonly stateKeys: ReadonlySet<string>;

  constructor(files: RuleFiles) {
    for (const pack of files.packs)
      for (const entry of pack.allow) for (const name of entry.names) this.#exact.set(name, permit(entry));
    this.#patterns = files.packs.flatMap((pack) => (pack.classes ?? []).map(pattern));
    this.#persistent = files.packs.flatMap((pack) => pack.persistent ?? []);
    this.#aliases = files.aliases;
    const rules = [...files.packs.flatMap((pack) => pack.allow), ...files.packs.flatMap((pack) => pack.classes ?? [])];
    this.stateKeys = new Set(rules.flatMap(({ state }) => Object.keys(state ?? {})));
    this.#packages = new Set([...files.known.standardLibrary, ...files.packs.flatMap((pack) => pack.packages)]);
  }

  /** What the name may do; undefined when it is on no list. */
  find(value: GlobalValue): Permit | undefined {
    if (this.#found.has(value)) return this.#found.get(value);
    const key = this.canonical(value.module, value.name);
    const cut = key.indexOf(':');
    const found = this.#exact.get(key) ?? this.#byPattern(key.slice(0, cut), key.slice(cut + 1));
    this.#found.set(value, found);
    return found;
  }

  /** `module:name` under the name that Python 3 loads. */
  canonical(module: string, name: string): string {
    const renamed = Object.hasOwn(this.#aliases.modules, module) ? this.#aliases.modules[module] : module;
    const key = `${renamed}:${name}`;
    return (Object.hasOwn(this.#aliases.names, key) ? this.#aliases.names[key] : undefined) ?? key;
  }

  /** True for the standard library and for packages that a pack speaks for. */
  speaksFor(value: GlobalValue): boolean {
    const top = this.canonical(value.module, value.name).split(/[.:]/)[0] ?? '';
    return this.#packages.has(top);
  }

  allowsPersistent(id: Value): boolean {
    return this.#persistent.some((spec) => this.matches(spec, id));
  }

  /** True when the arguments have the shape that the rule gives; without one every shape is fine. */
  matches(spec: readonly ArgumentSpec[] | undefined, args: Value): boolean {
    if (spec === undefined) return true;
    if (args.kind !== 'tuple') return false;
    for (const [index, one] of spec.entries()) {
      if (one === '...') return true;
      const item = args.items[index];
      if (item === undefined) return isOptional(one) && args.size === index;
      if (!this.#fits(one, item)) return false;
    }
    return args.size === spec.length;
  }

  #fits(spec: ArgumentSpec, value: Value): boolean {
    if (typeof spec !== 'string') {
      if ('global' in spec)
        return value.kind === 'global' && spec.global.includes(this.canonical(value.module, value.name));
      return value.kind === 'text' && value.whole && spec.text.includes(value.text);
    }
    return spec
      .replace(/\?$/, '')
      .split('|')
      .some((kind) => this.#is(kind, value));
  }

  #is(kind: string, value: Value): boolean {
    if (kind === 'any') return true;
    if (kind === 'global') return value.kind === 'global' && this.find(value)?.how.has('reference') === true;
    // A class that only a medium finding speaks against is judged where it is built.
    if (kind === 'class') return value.kind === 'global';
    // joblib puts a wrapper object where pickle puts the array that a call returns.
    if (kind === 'result') return value.kind === 'result' || value.kind === 'instance';
    if (kind === 'pickle') return carriesPickle(value);
    return value.kind === kind;
  }

  #byPattern(module: string, name: string): Permit | undefined {
    return this.#patterns.find(
      (one) =>
        one.name.test(name) &&
        one.modules.some((prefix) => isWithin(module, prefix)) &&
        !one.except.some((prefix) => isWithin(module, prefix)),
    )?.permit;
  }
}

function permit(entry: AllowEntry): Permit {
  return {
    how: new Set(entry.how),
    args: entry.args,
    builds: entry.builds,
    state: stateOf(entry.state),
    sets: entry.sets,
  };
}

function pattern(rule: ClassPattern): Pattern {
  return {
    modules: rule.modules,
    except: rule.except ?? [],
    name: new RegExp(rule.name),
    permit: { how: new Set(rule.how), args: undefined, builds: undefined, state: stateOf(rule.state), sets: undefined },
  };
}

function stateOf(rule: StateRule | undefined): Permit['state'] {
  return rule && new Map(Object.entries(rule).map(([key, text]) => [key, new RegExp(text)]));
}

/** True when a state holds nothing that its class would run, as the rule tells. */
export function allowsState(permit: Permit, state: Value): boolean {
  if (permit.state === undefined) return true;
  if (state.kind !== 'dict' || !state.whole) return false;
  for (const [key, text] of permit.state) {
    const value = state.entries?.get(key);
    if (value === undefined || value.kind === 'none') continue;
    if (value.kind !== 'text' || !value.whole || !text.test(value.text)) return false;
  }
  return true;
}

/** By whole parts: `sklearn` covers `sklearn.tree`, never `sklearnx`. */
export function isWithin(module: string, prefix: string): boolean {
  return module === prefix || module.startsWith(`${prefix}.`);
}

/** Bytes that are read as a pickle of their own, also as protocols before 3 write bytes: `_codecs.encode(text, 'latin1')`. */
function carriesPickle(value: Value): boolean {
  if (value.kind === 'bytes') return value.content === 'pickle' || value.content === 'container';
  if (value.kind !== 'result' || value.callee.kind !== 'global' || value.args.kind !== 'tuple') return false;
  const [text] = value.args.items;
  return value.callee.name === 'encode' && text?.kind === 'text' && text.content === 'pickle';
}

function isOptional(spec: ArgumentSpec): boolean {
  return typeof spec === 'string' ? spec.endsWith('?') : 'optional' in spec && spec.optional === true;
}
