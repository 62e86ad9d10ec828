// The data that shell commands are judged by (`rules/shell-commands.json`), with its patterns compiled once.
import type { Severity } from '@vallum/core';

export interface ShellRules {
  readonly shells: readonly string[];
  readonly interpreters: readonly string[];
  /** Commands that stand in front of another, and their options that take a value. */
  readonly prefixes: Readonly<Record<string, readonly string[]>>;
  /** Programs that get something from another machine, and their short options that take a value. */
  readonly fetchers: Readonly<Record<string, string>>;
  readonly decoders: readonly string[];
  /** `host/path` beginnings whose installers many projects name; https only. */
  readonly publishers: readonly string[];
  readonly releases: readonly string[];
  readonly pastes: readonly string[];
  readonly shorteners: readonly string[];
  readonly indexes: readonly string[];
  readonly credentials: readonly string[];
  readonly secretCommands: readonly string[];
  readonly factCommands: readonly string[];
  readonly secretVariables: string;
  readonly tokenHosts: readonly string[];
  readonly persistence: readonly { readonly path: string; readonly severity: Severity; readonly what: string }[];
  readonly profiles: string;
  readonly profileLines: string;
  readonly wipes: string;
  readonly disks: string;
  readonly security: readonly { readonly command: string; readonly severity: Severity; readonly what: string }[];
  readonly miners: string;
  readonly programs: readonly ProgramPattern[];
  /** What a text inside a program must hold to be read as a command. */
  readonly strings: string;
  readonly windows: readonly ProgramPattern[];
}

export interface ProgramPattern {
  readonly pattern: string;
  readonly rule: string;
  readonly severity: Severity;
  readonly what: string;
}

export interface Pattern<T> {
  readonly test: RegExp;
  readonly row: T;
}

export interface CompiledShellRules {
  readonly data: ShellRules;
  readonly shells: ReadonlySet<string>;
  readonly interpreters: ReadonlySet<string>;
  readonly decoders: ReadonlySet<string>;
  readonly credentials: RegExp;
  readonly secretCommands: RegExp;
  readonly factCommands: RegExp;
  readonly secretVariables: RegExp;
  readonly persistence: readonly Pattern<ShellRules['persistence'][number]>[];
  readonly profiles: RegExp;
  readonly profileLines: RegExp;
  readonly wipes: RegExp;
  readonly disks: RegExp;
  readonly security: readonly Pattern<ShellRules['security'][number]>[];
  readonly miners: RegExp;
  readonly programs: readonly Pattern<ProgramPattern>[];
  readonly strings: RegExp;
  readonly windows: readonly Pattern<ProgramPattern>[];
}

const compiled = new WeakMap<ShellRules, CompiledShellRules>();

export function shellRules(data: ShellRules): CompiledShellRules {
  const known = compiled.get(data);
  if (known !== undefined) return known;
  const made = compile(data);
  compiled.set(data, made);
  return made;
}

const any = (patterns: readonly string[], flags = ''): RegExp =>
  new RegExp(patterns.map((one) => `(?:${one})`).join('|'), flags);

function compile(data: ShellRules): CompiledShellRules {
  return {
    data,
    shells: new Set(data.shells),
    interpreters: new Set(data.interpreters),
    decoders: new Set(data.decoders),
    credentials: any(data.credentials),
    secretCommands: any(data.secretCommands),
    factCommands: any(data.factCommands),
    secretVariables: new RegExp(data.secretVariables),
    persistence: data.persistence.map((row) => ({ test: new RegExp(row.path), row })),
    profiles: new RegExp(data.profiles),
    profileLines: new RegExp(data.profileLines),
    wipes: new RegExp(data.wipes),
    disks: new RegExp(data.disks),
    security: data.security.map((row) => ({ test: new RegExp(row.command, 'i'), row })),
    miners: new RegExp(data.miners, 'i'),
    programs: data.programs.map((row) => ({ test: new RegExp(row.pattern), row })),
    strings: new RegExp(data.strings, 'i'),
    windows: data.windows.map((row) => ({ test: new RegExp(row.pattern, 'im'), row })),
  };
}
