// The rules of the scanner, read from JSON: what is found, what is allowed, what a name promises. Judgement is data, so
// that it can be corrected, digested and shipped; code only applies it.
import type { JsonValue, Severity, Sha256 } from '@vallum/core';
import { digestJson, SEVERITIES, VallumError } from '@vallum/core';
import findingsFile from './rules/findings.json' with { type: 'json' };
import jsonKeysFile from './rules/json-keys.json' with { type: 'json' };
import namesFile from './rules/names.json' with { type: 'json' };
import onnxFile from './rules/onnx.json' with { type: 'json' };
import aliasesFile from './rules/pickle/aliases.json' with { type: 'json' };
import explainFile from './rules/pickle/explain.json' with { type: 'json' };
import joblibFile from './rules/pickle/joblib.json' with { type: 'json' };
import knownFile from './rules/pickle/known-packages.json' with { type: 'json' };
import lightgbmFile from './rules/pickle/lightgbm.json' with { type: 'json' };
import numpyFile from './rules/pickle/numpy.json' with { type: 'json' };
import pandasFile from './rules/pickle/pandas.json' with { type: 'json' };
import pythonFile from './rules/pickle/python.json' with { type: 'json' };
import scipyFile from './rules/pickle/scipy.json' with { type: 'json' };
import sklearnFile from './rules/pickle/sklearn.json' with { type: 'json' };
import torchFile from './rules/pickle/torch.json' with { type: 'json' };
import transformersFile from './rules/pickle/transformers.json' with { type: 'json' };
import xgboostFile from './rules/pickle/xgboost.json' with { type: 'json' };

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

export interface NameRules {
  readonly expect: readonly {
    readonly extensions: readonly string[];
    readonly formats: readonly string[];
    readonly inert?: boolean;
  }[];
  readonly inert: readonly string[];
  readonly runnable: readonly string[];
  readonly programs: readonly string[];
  readonly examined: readonly string[];
  readonly notExaminedNames: readonly {
    readonly extensions?: readonly string[];
    readonly names?: readonly string[];
    readonly what: string;
  }[];
  readonly yaml: readonly string[];
  readonly markdown: readonly string[];
  readonly requirements: string;
}

/** All rule files as they are on disk; their canonical JSON gives the digest. */
export interface RuleFiles {
  readonly findings: { readonly findings: readonly FindingRule[] };
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

// TypeScript widens the literals of a JSON file; a test checks the files against these types' rules.
export const RULE_FILES = {
  findings: findingsFile,
  packs: [
    pythonFile,
    numpyFile,
    scipyFile,
    pandasFile,
    sklearnFile,
    joblibFile,
    torchFile,
    xgboostFile,
    lightgbmFile,
    transformersFile,
  ],
  explain: explainFile,
  aliases: aliasesFile,
  known: knownFile,
  jsonKeys: jsonKeysFile,
  names: namesFile,
  onnx: onnxFile,
} as unknown as RuleFiles;

export interface Rules {
  readonly files: RuleFiles;
  readonly digest: Sha256;
  readonly finding: (id: string) => FindingRule;
}

export function buildRules(files: RuleFiles = RULE_FILES): Rules {
  const findings = new Map(files.findings.findings.map((rule) => [rule.id, rule]));
  return {
    files,
    digest: digestJson(files as unknown as JsonValue),
    finding: (id) => {
      const rule = findings.get(id);
      if (rule === undefined || !SEVERITIES.includes(rule.severity))
        throw new VallumError('SCAN_RULES', `the rule ${id} is missing or has no severity`, {}, 'internal');
      return rule;
    },
  };
}
