// Personal data and secrets in one table feed, by class and column: which rows, how many values, one masked sample. The rows
// pass by; what is kept are counts, the first row numbers of each class, and nothing that was found.
import type { RunContext } from '@vallum/core';
import { pause } from '@vallum/core';
import type { Match, RuleSet } from '@vallum/detect';
import type { Table } from '@vallum/formats';
import { PersonalDataExaminer } from '../check/personal-data.js';
import type { TableDatasetFeed } from '../manifest/dataset.js';
import type { RowSource } from '../rows/row-source.js';

/** One class of personal data in one column. */
export interface ClassInColumn {
  readonly class: string;
  readonly rule: string;
  readonly severity: Match['severity'];
  readonly kind: Match['kind'];
  readonly feed: string;
  readonly column: string;
  /** Rows whose cell of this column holds it. */
  readonly rows: number;
  /** The first of them, counted from 1. */
  readonly firstRow: number;
  readonly values: number;
  /** Masked, of the first row. */
  readonly sample: string;
}

export interface TablePii {
  readonly found: readonly ClassInColumn[];
  /** Rows that hold the class in any column, by class. */
  readonly rows: ReadonlyMap<string, number>;
  readonly notExamined: readonly { readonly what: string; readonly why: string }[];
}

/** @throws VallumError `DATA_CHANGED`, `TABLE_*` */
export function scanTable(
  feed: TableDatasetFeed,
  source: RowSource,
  rules: RuleSet,
  context: RunContext,
): Promise<TablePii> {
  return source.rows(feed, (table) => scan(feed, table, rules, context), context.signal);
}

interface Counted extends Omit<ClassInColumn, 'rows' | 'values'> {
  rows: number;
  values: number;
}

async function scan(
  feed: TableDatasetFeed,
  table: Table,
  rules: RuleSet,
  { signal, progress }: RunContext,
): Promise<TablePii> {
  const { columns } = table;
  const found = new Map<string, Counted>();
  const rows = new Map<string, number>();
  // Cells come column by column, so rows of a class are told apart within a batch.
  let ofBatch = new Map<string, Set<number>>();
  const examiner = new PersonalDataExaminer(rules, columns, (at, row, matches) => {
    const column = columns[at]?.name ?? '';
    for (const name of new Set(matches.map((match) => match.class))) {
      const same = matches.filter((match) => match.class === name);
      const [first] = same as [Match, ...Match[]];
      const { rule, severity, kind, masked } = first;
      const key = JSON.stringify([name, at]);
      const known = found.get(key);
      if (known === undefined)
        found.set(key, {
          class: name,
          rule,
          severity,
          kind,
          feed: feed.name,
          column,
          rows: 1,
          firstRow: row + 1,
          values: same.length,
          sample: masked,
        });
      else {
        known.rows += 1;
        known.values += same.length;
      }
      const inBatch = ofBatch.get(name) ?? new Set();
      ofBatch.set(name, inBatch.add(row));
    }
  });
  let read = 0;
  for await (const batch of table.batches({ signal })) {
    await pause(signal);
    examiner.add(batch);
    for (const [name, set] of ofBatch) rows.set(name, (rows.get(name) ?? 0) + set.size);
    ofBatch = new Map();
    read += batch.rows;
    progress(`scanning ${feed.name}: ${read} of ${feed.rows} rows`);
  }
  const { notExamined } = examiner.finish(read);
  return {
    found: [...found.values()],
    rows,
    notExamined: notExamined.map(({ what, why }) => ({ what: `${feed.name}: ${what}`, why })),
  };
}
