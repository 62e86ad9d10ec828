// What findings of a probe weigh and how they are fixed, as data: rules.json; with everything else that shapes its result.
import { digestJson } from '@vallum/core';
import type { Finding, Severity } from '@vallum/core';
import admin from './admin-routes.json' with { type: 'json' };
import framing from './framing.json' with { type: 'json' };
import leaks from './leaks.json' with { type: 'json' };
import data from './rules.json' with { type: 'json' };

export type ProbeRule = keyof typeof data.rules;

export const PROBE_GATE = data.gate as Severity;
export const PROBE_BOUNDS = data.bounds;
export const PROBE_RULES_DIGEST = digestJson({ ...data, admin, framing, leaks });

export function probeFinding(rule: ProbeRule, message: string, entry: string): Finding {
  const { severity, atlas, cwe, fix } = data.rules[rule];
  return { rule, severity: severity as Severity, message, location: { entry }, atlas, cve: [], cwe, fix };
}
