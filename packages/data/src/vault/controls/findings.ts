// A finding about the vault from its rule; severities, weaknesses and fixes are data.
import type { Finding, Location, Severity } from '@vallum/core';
import { atOrAbove, digestJson } from '@vallum/core';
import rules from './rules.json' with { type: 'json' };

export type VaultRule = keyof typeof rules;

export const RULES_DIGEST = digestJson(rules);
/** Findings at or above fail; those below are shown. */
export const GATE: Severity = 'high';
/** Model theft from storage, and data from the places where it is collected. */
const ATLAS = ['AML.T0025', 'AML.T0035'];

export function finding(rule: VaultRule, message: string, location: Location = {}): Finding {
  const { severity, cwe, fix } = rules[rule];
  return { rule, severity: severity as Severity, message, location, atlas: ATLAS, cve: [], cwe, fix };
}

export function outcomeOf(findings: readonly Finding[]): 'pass' | 'fail' {
  return findings.some(({ severity }) => atOrAbove(severity, GATE)) ? 'fail' : 'pass';
}
