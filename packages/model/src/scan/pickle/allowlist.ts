// The allowlist: which names a pickle may use, and how. Everything else is refused, whether anybody knows it is bad or
// not; lists of bad names are never complete (CVE-2025-1716 and the gadget papers), so they only explain.
import type { GlobalValue, Value } from '@vallum/formats';
import type { AllowEntry, ArgumentSpec, ClassPattern, How, RuleFiles, StateRule } from '../rule-types.js';

export interface Permit {
  readonly how: ReadonlySet<How>;
  readonly args: readonly ArgumentSpec[] | undefined;
  readonly builds: number | undefined;
  readonly state: ReadonlyMap<string, RegExp> | undefined;
  readonly newArgs: readonly ArgumentSpec[];
  readonly sets: readonly ArgumentSpec[] | undefined;
  /** Listed by its own name. */
  readonly exact: boolean;
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
  /** Keys of states that some rule looks at, with the texts that are fine under each. */
  readonly stateKeys: ReadonlyMap<string, readonly RegExp[]>;

  constructor(files: RuleFiles) {
    for (const pack of files.packs)
      for (const entry of pack.allow) for (const name of entry.names) this.#exact.set(name, permit(entry));
    this.#patterns = files.packs.flatMap((pack) => (pack.classes ?? []).map(pattern));
    this.#persistent = files.packs.flatMap((pack) => pack.persistent ?? []);
    this.#aliases = files.aliases;
    const rules = [...files.packs.flatMap((pack) => pack.allow), ...files.packs.flatMap((pack) => pack.classes ?? [])];
    this.stateKeys = keyRules(rules.map(({ state }) => state ?? {}));
    this.#packages = new Set([...files.known.standardLibrary, ...files.packs.flatMap((pack) => pack.packages)]);
  }

  /** What the name may do; undefined when it is on no list. */
  find(value: GlobalValue): Permit | undefined {
    if (this.#found.has(value)) return this.#found.get(value);
    const key = this.nameOf(value);
    const cut = key.indexOf(':');
    const found = this.#exact.get(key) ?? this.#byPattern(key.slice(0, cut), key.slice(cut + 1));
    this.#found.set(value, found);
    return found;
  }

  /** `module:name` under the name that Python 3 loads: it knows those of Python 2 below protocol 3 only. */
  nameOf({ module, name, python2 }: GlobalValue): string {
    return this.canonical(module, name, python2);
  }

  canonical(module: string, name: string, python2: boolean): string {
    let key = renamed(`${module}:${name}`, this.#aliases.always);
    if (python2) key = renamed(key, this.#aliases.python2);
    return key;
  }

  /** True for the standard library and for packages that a pack speaks for. */
  speaksFor(value: GlobalValue): boolean {
    const top = this.nameOf(value).split(/[.:]/)[0] ?? '';
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
        return value.kind === 'global'
          ? spec.global.includes(this.nameOf(value))
          : spec.or !== undefined && this.#fits(spec.or, value);
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
    // What is called later with arguments of its own: listed by name, never a class by pattern.
    if (kind === 'function') return value.kind === 'global' && this.#isListed(value);
    // Bytes as protocols before 3 write them.
    if (kind === 'encoded')
      return (
        value.kind === 'result' && value.callee.kind === 'global' && this.nameOf(value.callee) === '_codecs:encode'
      );
    if (kind === 'pickle') return carriesPickle(value);
    return value.kind === kind;
  }

  #isListed(value: GlobalValue): boolean {
    const found = this.find(value);
    return found?.exact === true && found.how.has('reference');
  }

  /** True where an argument may be a name that is fit for nothing else than this call. */
  coversName(spec: readonly ArgumentSpec[] | undefined, index: number): boolean {
    const one = spec?.[index];
    if (one === undefined) return false;
    if (typeof one !== 'string') return 'global' in one;
    return one.split('|').some((kind) => kind === 'class');
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
    newArgs: entry.newArgs ?? [],
    sets: entry.sets,
    exact: true,
  };
}

function pattern(rule: ClassPattern): Pattern {
  return {
    modules: rule.modules,
    except: rule.except ?? [],
    name: new RegExp(rule.name),
    permit: {
      how: new Set(rule.how),
      args: undefined,
      builds: undefined,
      state: stateOf(rule.state),
      newArgs: rule.newArgs ?? [],
      sets: undefined,
      exact: false,
    },
  };
}

function stateOf(rule: StateRule | undefined): Permit['state'] {
  return rule && new Map(Object.entries(rule).map(([key, text]) => [key, new RegExp(text)]));
}

interface Names {
  readonly modules: Readonly<Record<string, string>>;
  readonly names: Readonly<Record<string, string>>;
}

function renamed(key: string, { modules, names }: Names): string {
  const cut = key.indexOf(':');
  const module = key.slice(0, cut);
  const moved = (Object.hasOwn(modules, module) ? modules[module] : undefined) ?? module;
  const full = `${moved}${key.slice(cut)}`;
  return (Object.hasOwn(names, full) ? names[full] : undefined) ?? full;
}

/** One class takes over the loading of another, and modules hold classes of others: a key is judged on every class. */
function keyRules(rules: readonly StateRule[]): ReadonlyMap<string, readonly RegExp[]> {
  const found = new Map<string, Set<string>>();
  for (const rule of rules)
    for (const [key, text] of Object.entries(rule)) found.set(key, (found.get(key) ?? new Set()).add(text));
  return new Map([...found].map(([key, texts]) => [key, [...texts].map((text) => new RegExp(text))]));
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
