// Parameters of a run against the minimum that a requirement asks for, and one run against another.
import type { JsonObject, JsonValue } from '@vallum/core';
import { canonicalJson } from '@vallum/core';
import type { ParameterRule, ParameterRules } from '../requirement.js';

/** Names of the parameters that are missing or weaker than the requirement asks for. */
export function weakParameters(parameters: JsonObject, rules: ParameterRules = {}): readonly string[] {
  return Object.entries(rules).flatMap(([name, rule]) =>
    rule.free === true || (Object.hasOwn(parameters, name) && meets(parameters[name] ?? null, rule)) ? [] : [name],
  );
}

function meets(value: JsonValue, rule: ParameterRule): boolean {
  const same = (other: JsonValue): boolean => canonicalJson(other) === canonicalJson(value);
  if (rule.atLeast !== undefined && !(typeof value === 'number' && value >= rule.atLeast)) return false;
  if (rule.atMost !== undefined && !(typeof value === 'number' && value <= rule.atMost)) return false;
  if (rule.equals !== undefined && !same(rule.equals)) return false;
  return rule.oneOf === undefined || rule.oneOf.some(same);
}

/**
 * True when the later run was made with the same or stronger parameters. The rules of the floor say which way is
 * stronger, or that a parameter is free; whatever they do not speak about must be the same, so that nobody tries seeds until one passes.
 */
export function sameOrStronger(later: JsonObject, earlier: JsonObject, rules: ParameterRules = {}): boolean {
  const names = new Set([...Object.keys(later), ...Object.keys(earlier)]);
  return [...names].every((name) => {
    const [a, b] = [later[name], earlier[name]];
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (rule?.free === true) return true;
    if (a === undefined || b === undefined) return false;
    if (typeof a === 'number' && typeof b === 'number' && rule !== undefined) {
      if (rule.atLeast !== undefined && rule.atMost === undefined && a >= b) return true;
      if (rule.atMost !== undefined && rule.atLeast === undefined && a <= b) return true;
    }
    return canonicalJson(a) === canonicalJson(b);
  });
}
