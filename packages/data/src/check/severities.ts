// How bad each thing is that a check finds by itself, and what to do: data that a team can argue about.
import type { Severity } from '@vallum/core';
import packaged from './severities.json' with { type: 'json' };

export type DefaultRule = keyof typeof packaged;

export function severityOf(rule: DefaultRule): { readonly severity: Severity; readonly fix: string } {
  return packaged[rule] as { readonly severity: Severity; readonly fix: string };
}
