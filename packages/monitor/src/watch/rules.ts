// What a monitor can see, as data: severities, sentences and fixes are in `rules.json`.
import type { Severity } from '@vallum/core';
import { digestJson } from '@vallum/core';
import rules from './rules.json' with { type: 'json' };

export type WatchRule = keyof typeof rules;

interface RuleFacts {
  readonly severity: Severity;
  readonly title: string;
  readonly fix: string;
  /** About the files and not about the reference: a new pin does not settle it. */
  readonly integrity: boolean;
}

export const WATCH_RULES_DIGEST = digestJson(rules);
const PERFORMANCE: ReadonlySet<WatchRule> = new Set(['VLM-MON-008', 'VLM-MON-009']);

export function ruleFacts(rule: WatchRule): RuleFacts {
  const { severity, title, fix, ...rest } = rules[rule];
  return { severity: severity as Severity, title, fix, integrity: 'integrity' in rest };
}

export function isWatchRule(text: string): text is WatchRule {
  return Object.hasOwn(rules, text);
}

export function isAboutPerformance(rule: WatchRule): boolean {
  return PERFORMANCE.has(rule);
}
