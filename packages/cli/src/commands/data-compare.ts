// `vallum data compare OLD NEW`: what became of the rows between two versions of a table. A report, not a judgement: it passes
// whatever it finds, because a version is made in order to differ.
import type { Difference, TableComparison } from '@vallum/data';
import { compareTables } from '@vallum/data';
import type { Answer, Io } from '../answer.js';
import { EXIT } from '../exit.js';
import type { Cell } from '../output/style.js';
import { printable, table } from '../output/style.js';
import { tellProgress, withTable } from '../project/open-named-table.js';

export interface CompareOptions {
  readonly key?: string;
  readonly label?: string;
  readonly source?: string;
}

const SHOWN = 10;

export async function dataCompareCommand(
  io: Io,
  before: string,
  after: string,
  options: CompareOptions,
): Promise<Answer> {
  const { key, label, source } = options;
  const found = await withTable(io, before, (old) =>
    withTable(io, after, (now) =>
      compareTables({
        old: { table: old, name: before },
        new: { table: now, name: after },
        progress: tellProgress(io, now),
        ...(key === undefined ? {} : { key: key.split(',').map((name) => name.trim()) }),
        ...(label === undefined ? {} : { label }),
        ...(source === undefined ? {} : { source }),
      }),
    ),
  );
  return { exit: EXIT.pass, text: comparisonText(found), json: found };
}

function comparisonText(found: TableComparison): string {
  const { columns, relabels, changedColumns, sources, ambiguous, notExamined, key } = found;
  const named = key.length === 0 ? 'rows are told by their content' : `rows are named by ${key.join(', ')}`;
  const list = (what: string, names: readonly string[]): readonly string[] =>
    names.length === 0 ? [] : [`  ${what}: ${names.slice(0, SHOWN).map(printable).join(', ')}${more(names.length)}`];
  return [
    `${printable(found.old.name)} (${found.old.rows} rows) to ${printable(found.new.name)} (${found.new.rows} rows); ${printable(named)}`,
    table([
      line('same', found.same, 'new'),
      line('added', found.added, 'new'),
      line('removed', found.removed, 'old'),
      line('relabelled', found.relabelled, 'new'),
      ...(key.length === 0 ? [] : [line('changed', found.changed, 'new')]),
    ]),
    ...(ambiguous.old + ambiguous.new === 0
      ? []
      : [`  not paired, because the key stands more than once: ${ambiguous.old} old and ${ambiguous.new} new rows`]),
    ...list('columns that are new', columns.added),
    ...list('columns that are gone', columns.removed),
    ...list(
      'columns of another type',
      columns.retyped.map(({ name, old, new: now }) => `${name} (${old} to ${now})`),
    ),
    ...list(
      'changed columns',
      changedColumns.map(({ column, count }) => `${column} in ${count} rows`),
    ),
    ...list(
      'labels',
      relabels.map(({ from, to, count }) => `${from} became ${to} in ${count} rows`),
    ),
    ...(sources.length === 0
      ? []
      : [
          sourceTable(sources.slice(0, SHOWN)),
          ...(sources.length > SHOWN ? [`  ${more(sources.length).trim()}`] : []),
        ]),
    ...notExamined.map(({ what, why }) => `  not examined ${printable(what)}: ${printable(why)}`),
  ].join('\n');
}

function more(count: number): string {
  return count > SHOWN ? ` and ${count - SHOWN} more, all of them in --format json` : '';
}

function line(name: string, { count, n, interval, rows }: Difference, side: string): readonly Cell[] {
  // Two digits, but never as a power of ten.
  const percent = (share: number): string => `${Number((share * 100).toPrecision(2))} %`;
  const share =
    n === 0 ? '' : `${percent(count / n)} of the ${side} rows [${percent(interval.low)}, ${percent(interval.high)}]`;
  const first = count === 0 || name === 'same' ? '' : `first: ${rows.join(', ')}`;
  return [{ text: name }, { text: String(count) }, { text: share }, { text: first }];
}

function sourceTable(sources: TableComparison['sources']): string {
  const head = ['source', 'old', 'new', 'added', 'removed', 'relabelled', 'changed'];
  const rows = sources.map((each) => [
    printable(each.source),
    ...[each.old, each.new, each.added, each.removed, each.relabelled, each.changed].map(String),
  ]);
  return table([head, ...rows].map((row) => row.map((text) => ({ text }))));
}
