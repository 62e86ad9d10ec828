// What the controls of the gateway look for, as data: severities, bounds and fixes are in rules.json.
import { atOrAbove, digestJson } from '@vallum/core';
import type { Coverage, Finding, Metric, Outcome, Severity } from '@vallum/core';
import data from './rules.json' with { type: 'json' };

export type GatewayRule = keyof typeof data.rules;

export const GATE = data.gate as Severity;
export const BOUNDS = data.bounds;
export const RULES_DIGEST = digestJson(data);

/** @param entry the part of gateway.yaml that it is about: `routes oip/spam-filter` */
export function findingOf(rule: GatewayRule, message: string, entry?: string): Finding {
  const { severity, atlas, cwe, fix } = data.rules[rule];
  const location = entry === undefined ? {} : { entry };
  return { rule, severity: severity as Severity, message, location, atlas, cve: [], cwe, fix };
}

/** Fails at a finding of the gate or above; those below are shown. */
export function judged(
  findings: readonly Finding[],
  metrics: readonly Metric[],
): {
  readonly outcome: Outcome;
  readonly findings: readonly Finding[];
  readonly metrics: readonly Metric[];
  readonly coverage: Coverage;
} {
  const fails = findings.some(({ severity }) => atOrAbove(severity, GATE));
  return { outcome: fails ? 'fail' : 'pass', findings, metrics, coverage: { examined: {}, notExamined: [] } };
}
