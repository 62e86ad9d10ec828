// The rules of the scanner, read from JSON: what is found, what is allowed, what a name promises. Judgement is data, so
// that it can be corrected, digested and shipped; code only applies it.
import type { JsonValue, Sha256 } from '@vallum/core';
import { digestJson, SEVERITIES, VallumError } from '@vallum/core';
import { RULE_FILES } from './rule-files.js';
import type { FindingRule, RuleFiles } from './rule-types.js';

export interface Rules {
  readonly files: RuleFiles;
  readonly digest: Sha256;
  readonly finding: (id: string) => FindingRule;
}

export function buildRules(files: RuleFiles = RULE_FILES): Rules {
  const findings = new Map(files.findings.flatMap((family) => family.findings).map((rule) => [rule.id, rule]));
  let digest: Sha256 | undefined;
  return {
    files,
    // Worth its milliseconds only where somebody asks.
    get digest() {
      return (digest ??= digestJson(files as unknown as JsonValue));
    },
    finding: (id) => {
      const rule = findings.get(id);
      if (rule === undefined || !SEVERITIES.includes(rule.severity))
        throw new VallumError('SCAN_RULES', `the rule ${id} is missing or has no severity`, {}, 'internal');
      return rule;
    },
  };
}
