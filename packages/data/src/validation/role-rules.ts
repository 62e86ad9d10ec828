// What the columns that feed.json names have to hold, as rules of the same engine that runs a team's own: labels that the model
// knows, names that name one row, times that were before the feed arrived.
import { parseTime } from '@vallum/core';
import type { Column } from '@vallum/formats';
import type { FeedFacts } from '../rows/feed-json.js';
import type { TableFacts } from '../rows/table-facts.js';
import type { DataRule, DataRules } from '../rules/rule.js';
import type { RuleId, ValidationRules } from './rules.js';

const DAY_MS = 86_400_000;

/** First instant that no row of a feed can have: judged against the feed's day, so that the same bytes answer alike tomorrow. */
export function tooLate({ received }: Pick<FeedFacts, 'received'>, { futureDays }: ValidationRules): number {
  return parseTime(received).getTime() + (futureDays + 1) * DAY_MS;
}

export function roleRules(
  feed: Pick<FeedFacts, 'received'> & { readonly table: TableFacts },
  columns: readonly Column[],
  labels: readonly string[],
  rules: ValidationRules,
): DataRules {
  const { id, label, received } = feed.table;
  const of = (rule: RuleId): Pick<DataRule, 'severity' | 'atMost' | 'why'> => {
    const { above, maxShare, fix } = rules.rules.find((each) => each.id === rule) ?? {
      above: 'high',
      maxShare: 0,
      fix: undefined,
    };
    return { severity: above, atMost: maxShare, why: fix };
  };
  const strict = { severity: 'high', atMost: 0, why: 'give every row a name of its own' } as const;
  const known = new Set(
    labels.map((name) =>
      asValue(
        name,
        columns.find((column) => column.name === label),
      ),
    ),
  );
  return {
    digest: rules.digest,
    rules: [
      { id: 'row.label', check: 'values', column: label, values: known, ...of('row.label') },
      { id: 'row.label-missing', check: 'missing', column: label, ...of('row.label') },
      ...(id === undefined
        ? []
        : ([
            { id: 'row.id', check: 'unique', columns: [id], ...strict },
            { id: 'row.id-missing', check: 'missing', column: id, ...strict },
          ] as const)),
      ...(received === undefined
        ? []
        : ([
            { id: 'row.date', check: 'type', column: received, type: 'time', ...of('row.date') },
            { id: 'row.date-missing', check: 'missing', column: received, ...of('row.date') },
            {
              id: 'row.date-early',
              check: 'range',
              column: received,
              min: parseTime(rules.earliest).getTime(),
              max: Infinity,
              ...of('row.date'),
            },
            {
              id: 'row.future',
              check: 'range',
              column: received,
              min: -Infinity,
              max: tooLate(feed, rules) - 1,
              ...of('row.future'),
            },
          ] as const)),
    ],
  };
}

/** Labels are written as text in vallum.yaml, and may be numbers in the table. */
function asValue(label: string, column: Column | undefined): string | number | boolean {
  if (column?.type === 'number') return label.trim() === '' ? label : Number(label);
  return column?.type === 'boolean' ? label === 'true' : label;
}
