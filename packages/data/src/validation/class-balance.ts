// How the labels are spread over the whole dataset. A dataset with one label trains nothing; a rare label is often a
// feed that failed to arrive. Single feeds may hold one label only.
import type { Finding, Metric } from '@vallum/core';
import type { ValidationRules } from './rules.js';

/** @param seen rows by label @param total rows of the dataset, labelled or not */
export function classBalance(
  seen: ReadonlyMap<string, number>,
  total: number,
  labels: readonly string[],
  rules: ValidationRules,
): { readonly findings: readonly Finding[]; readonly metrics: readonly Metric[] } {
  const counts = labels.map((label) => seen.get(label) ?? 0);
  const smallest = Math.min(...counts);
  const share = smallest / total;
  const label = labels[counts.indexOf(smallest)] ?? '';
  const metrics = labels.map((name, index) => ({
    id: `validation.label.${name}`,
    value: counts[index] ?? 0,
    unit: 'rows',
    n: total,
  }));
  if (share >= rules.minorityShare) return { findings: [], metrics };
  const finding: Finding = {
    rule: smallest === 0 ? 'class.missing' : 'class.rare',
    severity: smallest === 0 ? 'high' : 'medium',
    message:
      smallest === 0
        ? `no row is labelled ${label}`
        : `only ${smallest} of ${total} rows are labelled ${label} (${(share * 100).toFixed(1)} %)`,
    location: {},
    atlas: [],
    cve: [],
    cwe: [],
    fix: `add rows labelled ${label}, or check that every feed arrived`,
  };
  return { findings: [finding], metrics };
}
