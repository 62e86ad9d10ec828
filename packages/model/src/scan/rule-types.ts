// The shapes of the rule files.
import type { Severity } from '@vallum/core';

export interface FindingRule {
  readonly id: string;
  readonly severity: Severity;
  readonly title: string;
  readonly atlas: readonly string[];
  readonly cwe: readonly string[];
  readonly cve: readonly string[];
  readonly fix: string;
}

/** How a name may be used: stand in data, be called, be built without a call and given its state, be given items. */
export type How = 'reference' | 'call' | 'build' | 'items';

/** Kinds joined by `|`, a trailing `?` where it may be missing, `...` where anything may follow; or one of some texts or names. */
export type ArgumentSpec =
  string | { readonly text: readonly string[]; readonly optional?: boolean } | { readonly global: readonly string[] };

export interface AllowEntry {
  /** `module:name` */
  readonly names: readonly string[];
  readonly how: readonly How[];
  readonly args?: readonly ArgumentSpec[];
  /** The result is an instance of the class in this argument. */
  readonly builds?: number;
}

/** Classes by pattern: never a way to allow a call. */
export interface ClassPattern {
  /** A module allows its submodules too, by whole parts. */
  readonly modules: readonly string[];
  readonly except?: readonly string[];
  readonly name: string;
  readonly how: readonly Exclude<How, 'call'>[];
}

export interface AllowPack {
  readonly pack: string;
  /** Top-level packages that the pack speaks for: what it does not list there is refused. */
  readonly packages: readonly string[];
  readonly allow: readonly AllowEntry[];
  readonly classes?: readonly ClassPattern[];
  /** Shapes of persistent ids. */
  readonly persistent?: readonly (readonly ArgumentSpec[])[];
}

export interface Explanation {
  /** `module:name`, with `*` for every name, and `module.*` for submodules. */
  readonly names: readonly string[];
  readonly severity: Severity;
  readonly why: string;
}

export interface JsonKeyRule {
  readonly finding?: string;
  /** Instead of a finding: what is not examined here. */
  readonly notExamined?: string;
  readonly keys: readonly string[];
  /** Applies only where these keys stand in the same object. */
  readonly beside?: readonly string[];
  /** Values, as text, that are fine. */
  readonly allow?: readonly string[];
  /** Values, as text, that are not; without it every value is a finding. */
  readonly deny?: readonly string[];
  /** Looks into texts below the key, not only at the value itself. */
  readonly deep?: boolean;
  readonly scalarsOnly?: boolean;
}

/** What tells a kind of text: its name, or how it starts. */
export interface TextKindRule {
  readonly kind: string;
  /** As a person would name it. */
  readonly what: string;
  readonly extensions?: readonly string[];
  /** Whole names without folder, in lower case. */
  readonly names?: readonly string[];
  /** Matches the name without folder, in lower case. */
  readonly pattern?: string;
  /** Matches the path as shown, in lower case. */
  readonly path?: string;
  /** Matches the first 4 KiB. */
  readonly start?: string;
}

export interface NameRules {
  readonly expect: readonly {
    readonly extensions: readonly string[];
    readonly formats: readonly string[];
    readonly inert?: boolean;
  }[];
  readonly runnable: readonly string[];
  readonly programs: readonly string[];
  /** Formats that do nothing when they are read. */
  readonly harmless: readonly string[];
  /** Kinds of text; every row that fits applies. */
  readonly texts: readonly TextKindRule[];
}

/** All rule files as they are on disk; their canonical JSON gives the digest. */
export interface RuleFiles {
  /** One file for each family of rules. */
  readonly findings: readonly { readonly findings: readonly FindingRule[] }[];
  readonly packs: readonly AllowPack[];
  readonly explain: { readonly explain: readonly Explanation[]; readonly tampering: readonly string[] };
  readonly aliases: {
    readonly modules: Readonly<Record<string, string>>;
    readonly names: Readonly<Record<string, string>>;
  };
  readonly known: { readonly standardLibrary: readonly string[] };
  readonly jsonKeys: { readonly rules: readonly JsonKeyRule[] };
  readonly names: NameRules;
  readonly onnx: { readonly domains: readonly string[]; readonly python: readonly string[] };
}
