// The judged list of TensorFlow operators, ready to be asked: harmless, judged by a rule, or not TensorFlow's at all.
import type { Severity } from '@vallum/core';
import type { TensorflowOperatorRule, TensorflowRules } from '../rule-types.js';

export interface Operators {
  readonly rules: TensorflowRules;
  readonly judged: ReadonlyMap<string, readonly OperatorRule[]>;
  readonly harmless: ReadonlySet<string>;
  readonly records: ReadonlySet<string>;
  readonly sensitive: readonly RegExp[];
}

export interface OperatorRule {
  readonly rule: TensorflowOperatorRule;
  readonly policy: Readonly<Record<string, Severity>>;
  readonly allow: RegExp | undefined;
}

const words = (text: string): readonly string[] => text.split(' ').filter((word) => word !== '');
const cache = new WeakMap<TensorflowRules, Operators>();

export function operatorsOf(rules: TensorflowRules): Operators {
  const known = cache.get(rules);
  if (known !== undefined) return known;
  const judged = new Map<string, OperatorRule[]>();
  for (const rule of rules.operators) {
    const allow = rule.allow === undefined ? undefined : new RegExp(rule.allow);
    const one = { rule, policy: rules.policies[rule.policy] ?? {}, allow };
    for (const op of words(rule.ops)) judged.set(op, [...(judged.get(op) ?? []), one]);
  }
  const made = {
    rules,
    judged,
    harmless: new Set(rules.harmless.flatMap(words)),
    records: new Set(words(rules.records)),
    sensitive: rules.sensitive.map((text) => new RegExp(text)),
  };
  cache.set(rules, made);
  return made;
}
