// The rules of `data.validation` as data: how bad each is, and above which share of the rows. The code finds rows; the
// file says what that means, so that a team argues about numbers in JSON and not about code.
import type { Severity, Sha256 } from '@vallum/core';
import { digestJson } from '@vallum/core';
import packaged from './rules.json' with { type: 'json' };

export const RULE_IDS = [
  'row.unreadable',
  'row.empty_text',
  'row.label',
  'row.date',
  'row.future',
  'duplicate.conflict',
  'duplicate.exact',
  'label.noise',
] as const;

export type RuleId = (typeof RULE_IDS)[number];

export interface Rule {
  readonly id: RuleId;
  /** Share of all rows, 0 to 1. */
  readonly maxShare: number;
  /** Severity when more rows than that are flagged. */
  readonly above: Severity;
  /** Severity when some are, but not more. */
  readonly upTo: Severity;
  readonly title: string;
  readonly fix: string;
}

export interface ValidationRules {
  readonly digest: Sha256;
  readonly rules: readonly Rule[];
  /** How many days after the feed a row may claim to be received (time zones, late deliveries). */
  readonly futureDays: number;
  /** Rows dated before this day count as unreadable dates: the epoch is what broken clocks write. */
  readonly earliest: string;
  /** Smallest share of the rarest label that draws no remark. */
  readonly minorityShare: number;
  /** Folds of the label-noise check. */
  readonly folds: number;
  /** Findings from this severity fail the control. */
  readonly gate: Severity;
}

/** The rules that come with Vallum; their values are checked by a test, not at run time. */
export function defaultValidationRules(): ValidationRules {
  const { rules, futureDays, earliest, minorityShare, folds, gate } = packaged;
  return {
    digest: digestJson(packaged),
    rules: rules as readonly Rule[],
    futureDays,
    earliest,
    minorityShare,
    folds,
    gate: gate as Severity,
  };
}
