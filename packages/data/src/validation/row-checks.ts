// Checks of one row at a time: can it be read, does it say anything, are label and date what they may be.
import { parseTime } from '@vallum/core';
import { isTime } from '../rows/feed-json.js';
import type { Flagged, PlacedRow } from './flagged.js';
import { textOf } from './flagged.js';
import type { RuleId, ValidationRules } from './rules.js';

const DAY_MS = 86_400_000;
const SAYS_SOMETHING = /[\p{L}\p{N}]/u;

export type RowRule = Extract<RuleId, `row.${string}`>;

/** One entry for each rule that the row breaks. */
export function checkRow(
  placedRow: PlacedRow,
  labels: readonly string[],
  rules: ValidationRules,
): [RowRule, Flagged][] {
  const { row } = placedRow;
  const broken: [RowRule, Flagged][] = [];
  const flag = (rule: RowRule, why: string): void => void broken.push([rule, { ...placedRow, why }]);
  if (row.problem !== undefined) flag('row.unreadable', row.problem);
  else if (!SAYS_SOMETHING.test(textOf(row)))
    flag('row.empty_text', row.unread === 0 ? 'no text at all' : `only parts that are not text (${row.unread})`);
  if (!labels.includes(row.label)) flag('row.label', `the label is ${JSON.stringify(row.label)}`);
  const date = dateProblem(placedRow, rules);
  if (date !== undefined) flag(...date);
  return broken;
}

function dateProblem({ feed, row }: PlacedRow, rules: ValidationRules): [RowRule, string] | undefined {
  if (!isTime(row.received)) return ['row.date', `received is ${JSON.stringify(row.received)}`];
  const time = parseTime(row.received).getTime();
  if (time < parseTime(rules.earliest).getTime()) return ['row.date', `received is ${row.received}`];
  // Judged against the day of the feed, not against the clock: the same bytes give the same answer tomorrow.
  const latest = parseTime(feed.received).getTime() + (rules.futureDays + 1) * DAY_MS;
  if (time >= latest) return ['row.future', `received ${row.received}, the feed arrived ${feed.received}`];
  return undefined;
}
