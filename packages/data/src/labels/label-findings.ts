// What the label check tells a person, and what it is not: an attacker's rows are labelled consistently, so the model
// learns them and agrees (out-of-fold confidence ranks backdoors the wrong way round, AUC 0.27). It must never be read,
// shown or counted as a poisoning check.
import type { Finding } from '@vallum/core';
import { quote } from '../rows/quote.js';

/** Goes with every report of label issues or outliers, whatever the outcome. */
export const NOT_A_POISONING_CHECK =
  'this looks for careless labels; it does not look for poisoning, and planted rows usually pass it';

export interface DoubtfulLabel {
  readonly feed: string;
  readonly row: string;
  readonly given: string;
  /** The class that the model finds likeliest. */
  readonly likely: string;
  /** Label quality, 0 to 1. */
  readonly score: number;
}

/** One finding for each row, in the order given: the lowest quality first is the order to look at them. */
export function labelFindings(rows: readonly DoubtfulLabel[]): readonly Finding[] {
  return rows.map(({ feed, row, given, likely, score }) => ({
    rule: 'label.issue',
    severity: 'low',
    message: `labelled ${quote(given)}, and a model that did not see the row says ${quote(likely)} (label quality ${score.toFixed(3)}); ${NOT_A_POISONING_CHECK}`,
    location: { feed, row },
    atlas: [],
    cve: [],
    cwe: [],
    fix: 'look at the row: correct the label, or keep it as an honest hard row',
  }));
}

export interface FarRow {
  readonly feed: string;
  readonly row: string;
  readonly score: number;
}

export function outlierFindings(rows: readonly FarRow[]): readonly Finding[] {
  return rows.map(({ feed, row, score }) => ({
    rule: 'row.outlier',
    severity: 'info',
    message: `far from every other row (typicality ${score.toFixed(3)} of 1); ${NOT_A_POISONING_CHECK}`,
    location: { feed, row },
    atlas: [],
    cve: [],
    cwe: [],
    fix: 'look at the row: a broken record, another kind of data, or a rare honest case',
  }));
}
