// What Python code is judged by (`rules/python-code.json`): which names have which effect, and how grave an effect is by the
// moment at which it happens.
import type { Severity } from '@vallum/core';
import type { When } from '@vallum/formats';

/** `loaded`: in a function of a file that a loader or a build imports by its name. */
export type Column = When | 'loaded';

export interface PythonCodeRules {
  /** Patterns over file names, in lower case. */
  readonly roles: Readonly<Record<Role, readonly string[]>>;
  /** Methods that frameworks call by their name. */
  readonly implicit: readonly string[];
  /** Modules that are another by a second name. */
  readonly modules: Readonly<Record<string, string>>;
  /** Modules that are reached through others as well: `logging.os`. */
  readonly reexported: readonly string[];
  readonly effects: readonly Effect[];
  readonly severity: Readonly<Record<string, Readonly<Record<Column, Severity>>>>;
  readonly decoders: readonly string[];
  readonly wholeEnvironment: readonly string[];
  readonly environment: readonly string[];
  /** Arguments that carry a credential to its own service. */
  readonly headers: readonly string[];
  readonly knownHosts: readonly string[];
  readonly harmlessPrograms: readonly string[];
  readonly installers: readonly string[];
  readonly startPlaces: readonly string[];
  readonly secretPlaces: readonly string[];
  /** Lines of `.pth` files that well-known tools write. */
  readonly startupHooks: readonly string[];
  /** Libraries, and modules of diffusers, that `model_index.json` takes its parts from. */
  readonly loaderLibraries: readonly string[];
  readonly environmentSwitches: readonly string[];
  /** Modules and functions of the standard library that may be called while a file is imported. */
  readonly harmlessAtImport: readonly string[];
  /** Modules of tools that encrypt source. */
  readonly packers: readonly string[];
}

export type Role = 'loaded' | 'setup' | 'startup';

export interface Effect {
  readonly effect: string;
  readonly what: string;
  readonly rule: string;
  /** Full names; `a.*` for all below, `a.b*` for all that start so. */
  readonly names: readonly string[];
}

export class CodeRules {
  readonly data: PythonCodeRules;
  readonly standardLibrary: ReadonlySet<string>;
  readonly headers: ReadonlySet<string>;
  readonly programs: ReadonlySet<string>;
  readonly installers: ReadonlySet<string>;
  readonly startPlaces: RegExp;
  readonly secretPlaces: RegExp;
  readonly packers: RegExp;
  readonly decoders: Names<true>;
  readonly wholeEnvironment: Names<true>;
  readonly environment: Names<true>;
  readonly #effects: Names<Effect>;
  readonly #harmless: Names<true>;
  readonly #reexported: ReadonlySet<string>;
  readonly #implicit: ReadonlySet<string>;
  readonly #roles: readonly (readonly [Role, RegExp])[];

  constructor(data: PythonCodeRules, standardLibrary: readonly string[]) {
    this.data = data;
    this.standardLibrary = new Set(standardLibrary);
    this.headers = new Set(data.headers);
    this.programs = new Set(data.harmlessPrograms);
    this.installers = new Set(data.installers);
    this.startPlaces = any(data.startPlaces);
    this.secretPlaces = any(data.secretPlaces);
    this.packers = any(data.packers);
    this.decoders = names(data.decoders);
    this.wholeEnvironment = names(data.wholeEnvironment);
    this.environment = names(data.environment);
    this.#harmless = names(data.harmlessAtImport.flatMap((name) => [name, `${name}.*`]));
    this.#effects = new Names(data.effects.flatMap((effect) => effect.names.map((name) => [name, effect] as const)));
    this.#reexported = new Set(data.reexported);
    this.#implicit = new Set(data.implicit);
    this.#roles = (Object.entries(data.roles) as [Role, readonly string[]][]).map(([role, all]) => [role, any(all)]);
  }

  implicit = (name: string, method: boolean): boolean =>
    /^__\w+__$/.test(name) || (method && this.#implicit.has(name)) || HOOKS.test(name);

  rolesOf(base: string): ReadonlySet<Role> {
    return new Set(this.#roles.filter(([, pattern]) => pattern.test(base)).map(([role]) => role));
  }

  /** One name for one thing, whichever way the source reached it. */
  canonical(path: string): string {
    const parts = path
      .replaceAll('()', '')
      .replace(/\[\](?=.)/g, '')
      .replace(/^\.+/, '')
      .split('.');
    let start = 0;
    for (let index = parts.length - 2; index > 0; index--)
      if (this.#reexported.has(parts[index] ?? '') && parts[index] !== parts[0]) {
        start = index;
        break;
      }
    const plain = parts.slice(start);
    // A name out of the globals of some function: those of `os` and of Python itself are what such a walk is after.
    if (plain[0] === '__globals__' && plain.length > 1) {
      const rest = plain.slice(1).join('.');
      return this.#effects.get(`os.${rest}`) === undefined ? `builtins.${rest}` : `os.${rest}`;
    }
    for (let length = Math.min(3, plain.length); length > 0; length--) {
      const head = plain.slice(0, length).join('.');
      const other = Object.hasOwn(this.data.modules, head) ? this.data.modules[head] : undefined;
      if (other !== undefined) return [other, ...plain.slice(length)].join('.');
    }
    return plain.join('.');
  }

  effectOf(canonical: string): Effect | undefined {
    return this.#effects.get(canonical);
  }

  /** A method of what a call with an effect gives: the call itself is told. */
  isBelowEffect(canonical: string): boolean {
    for (let at = canonical.lastIndexOf('.'); at > 0; at = canonical.lastIndexOf('.', at - 1))
      if (this.effectOf(canonical.slice(0, at)) !== undefined) return true;
    return false;
  }

  /** A name of the standard library that nobody has found harmless to call during an import. */
  isUnlisted(canonical: string): boolean {
    return this.standardLibrary.has(canonical.split('.')[0] ?? '') && this.#harmless.get(canonical) === undefined;
  }

  severity(kind: string, column: Column): Severity {
    return this.data.severity[kind]?.[column] ?? 'medium';
  }
}

/** Functions that a test runner calls by their name. */
const HOOKS = /^pytest_\w+$/;

const any = (patterns: readonly string[]): RegExp => new RegExp(patterns.map((one) => `(?:${one})`).join('|'));
const names = (all: readonly string[]): Names<true> => new Names(all.map((name) => [name, true] as const));

/** Names with what is known of them: whole names first, then all below a name, then beginnings. */
export class Names<T> {
  readonly #whole = new Map<string, T>();
  readonly #below = new Map<string, T>();
  readonly #beginnings: (readonly [string, T])[] = [];

  constructor(rows: readonly (readonly [string, T])[]) {
    for (const [name, value] of rows)
      if (name.endsWith('.*')) this.#below.set(name.slice(0, -2), value);
      else if (name.endsWith('*')) this.#beginnings.push([name.slice(0, -1), value]);
      else this.#whole.set(name, value);
  }

  get(name: string): T | undefined {
    const whole = this.#whole.get(name);
    if (whole !== undefined) return whole;
    for (let at = name.lastIndexOf('.'); at > 0; at = name.lastIndexOf('.', at - 1)) {
      const below = this.#below.get(name.slice(0, at));
      if (below !== undefined) return below;
    }
    return this.#beginnings.find(([start]) => name.startsWith(start) && !name.slice(start.length).includes('.'))?.[1];
  }
}

const compiled = new WeakMap<PythonCodeRules, CodeRules>();

export function codeRules(data: PythonCodeRules, standardLibrary: readonly string[]): CodeRules {
  const known = compiled.get(data) ?? new CodeRules(data, standardLibrary);
  compiled.set(data, known);
  return known;
}
