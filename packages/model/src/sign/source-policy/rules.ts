// The rules of `source.policy` as code reads them; their texts are data.
import type { Finding, Location, Severity } from '@vallum/core';
import { digestJson } from '@vallum/core';
import type { Pin } from '../../provenance/answer.js';
import rules from './rules.json' with { type: 'json' };

interface Rule {
  readonly id: string;
  readonly severity: Severity;
  readonly title: string;
  readonly atlas: readonly string[];
  readonly cwe: readonly string[];
  readonly cve: readonly string[];
  readonly fix: string;
}

const RULES = rules.findings as readonly Rule[];

export const SCHEMES: readonly string[] = rules.schemes;
export const RULES_DIGEST = digestJson(rules);

export type RuleName = keyof typeof IDS;

const IDS = {
  'origin-not-allowed': 'VLM-SRC-001',
  'origin-form': 'VLM-SRC-002',
  unpinned: 'VLM-SRC-003',
  'other-bytes': 'VLM-SRC-004',
  digest: 'VLM-SRC-005',
  signer: 'VLM-SRC-006',
  workflow: 'VLM-SRC-007',
  branch: 'VLM-SRC-008',
  builder: 'VLM-SRC-009',
  signature: 'VLM-SRC-010',
  'name-reused': 'VLM-SRC-011',
} as const satisfies Readonly<Record<Exclude<Pin, 'form'>, string>> & Readonly<Record<string, string>>;

/** @param detail what exactly, in a sentence of its own */
export function findingOf(name: RuleName, who: string, detail: string, location: Location = {}): Finding {
  const id = IDS[name];
  const rule = RULES.find((each) => each.id === id);
  if (rule === undefined) throw new Error(`rules.json has no ${id}`);
  const { severity, title, atlas, cve, cwe, fix } = rule;
  return { rule: id, severity, message: `${who} ${title}: ${detail}`, location, atlas, cve, cwe, fix };
}
