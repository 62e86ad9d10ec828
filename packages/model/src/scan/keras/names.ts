// The names that a serialised Keras object may use, and what is said of one that does not keep to them.
import type { Severity } from '@vallum/core';
import type { KerasRules } from '../rule-types.js';

export interface KerasFinding {
  readonly rule: string;
  readonly detail: string;
  readonly severity?: Severity;
  /** It may be harmless, and nothing here says so. */
  readonly unknown?: boolean;
}

/** Lists of names as sets. */
export interface KerasNames {
  readonly modules: RegExp;
  readonly functionModules: RegExp;
  readonly noModels: RegExp;
  readonly takeFunctions: ReadonlySet<string>;
  readonly own: ReadonlySet<string>;
  readonly marks: ReadonlySet<string>;
  readonly pathKeys: ReadonlySet<string>;
  readonly tensorMethods: ReadonlySet<string>;
  readonly python: ReadonlySet<string>;
  readonly standardLibrary: ReadonlySet<string>;
  readonly classes: ReadonlySet<string>;
  readonly functions: ReadonlySet<string>;
  readonly tensorflowFunctions: ReadonlySet<string>;
  readonly tensorflowOperators: ReadonlySet<string>;
}

export function kerasNames(rules: KerasRules, standardLibrary: readonly string[]): KerasNames {
  return {
    modules: new RegExp(rules.modules),
    functionModules: new RegExp(rules.functionModules),
    noModels: new RegExp(rules.noModels),
    takeFunctions: new Set(rules.takeFunctions),
    own: new Set(rules.own),
    marks: new Set(rules.marks),
    pathKeys: new Set(rules.pathKeys),
    tensorMethods: new Set(rules.tensorMethods),
    python: new Set(rules.python),
    standardLibrary: new Set(standardLibrary),
    classes: new Set([...rules.classes, ...rules.hub]),
    functions: new Set(rules.functions),
    tensorflowFunctions: new Set(rules.tensorflowFunctions),
    tensorflowOperators: new Set(rules.tensorflowOperators),
  };
}

export function quoted(value: string): string {
  return JSON.stringify(value.slice(0, 120));
}
