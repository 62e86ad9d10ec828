// Two versions of a table, row by row: what was added, removed, relabelled or changed, in all and by source. The answer that a
// poisoning shows itself in first: many new rows of one source, or labels that turned over.
import { VallumError } from '@vallum/core';
import type { Table } from '@vallum/formats';
import { countRows, missingOf } from '../duplicates/examine-leakage.js';
import { retypedColumns, typesOf } from '../tables/common-cell.js';
import { PASS_ENTRIES, passesFor } from '../tables/digest-map.js';
import { compareByContent } from './by-content.js';
import { compareByKey } from './by-key.js';
import { ChangedKeys, changedColumns } from './changed-columns.js';
import { Names } from './names.js';
import { limitsOf } from './reader-notes.js';
import type { TableComparison } from './result.js';
import { difference } from './result.js';
import { shownName } from '../tables/shown-name.js';
import type { Roles, Walk } from './sides.js';
import { Tally } from './tally.js';

export interface CompareRequest {
  readonly old: { readonly table: Table; readonly name: string };
  readonly new: { readonly table: Table; readonly name: string };
  /** Columns that name a row; none: a row is its content. */
  readonly key?: readonly string[];
  readonly label?: string;
  readonly source?: string;
  readonly progress: (message: string) => void;
  readonly signal?: AbortSignal;
  /** Rows that are held at once. */
  readonly entries?: number;
}

const MAX_LABELS = 100_000;
const MAX_SOURCES = 1000;

/** @throws VallumError `DATA_COLUMN` for a column that one version lacks, `DATA_COMPARE` for tables with nothing in common */
export async function compareTables(request: CompareRequest): Promise<TableComparison> {
  const { old, new: now, key = [], label, source, signal, progress } = request;
  for (const { table, name } of [old, now]) {
    const [absent] = missingOf(table.columns, [...key, label, source]);
    if (absent !== undefined)
      throw new VallumError('DATA_COLUMN', `${name} has no column ${JSON.stringify(absent.slice(0, 80))}`, {
        fix: 'name columns that both versions have',
      });
  }
  const columns = columnsOf(old.table, now.table);
  const roles = rolesOf(columns.compared, key, label, source);
  const labels = new Names(MAX_LABELS);
  const sources = new Names(MAX_SOURCES);
  const shared = { roles, labels, sources, signal, progress };
  const before: Walk = { ...shared, table: old.table, other: now.table };
  const after: Walk = { ...shared, table: now.table, other: old.table };
  const rows = { old: await countRows(old.table, signal), new: await countRows(now.table, signal) };
  const passes = passesFor(Math.max(rows.old, rows.new), request.entries ?? PASS_ENTRIES / 2);
  const tally = new Tally();
  const changed = new ChangedKeys(roles.content.length);
  let ambiguous = { old: 0, new: 0 };
  if (key.length === 0) await compareByContent(before, after, tally, passes);
  else ambiguous = await compareByKey(before, after, tally, passes, (digest) => changed.add(digest));
  const { kinds } = tally;
  const shown = (names: readonly string[]): readonly string[] => names.map(shownName);
  const columnsThatChanged = await changedColumns(before, after, changed);
  return {
    schema: 'vallum/data-compare/v1',
    old: { name: old.name, rows: rows.old },
    new: { name: now.name, rows: rows.new },
    key: shown(key),
    columns: {
      compared: shown(columns.compared),
      added: shown(columns.added),
      removed: shown(columns.removed),
      retyped: columns.retyped.map(({ name, ...types }) => ({ name: shownName(name), ...types })),
    },
    same: difference(kinds.same, rows.new),
    added: difference(kinds.added, rows.new),
    removed: difference(kinds.removed, rows.old),
    relabelled: difference(kinds.relabelled, rows.new),
    changed: difference(kinds.changed, rows.new),
    ambiguous,
    relabels: tally.relabels(labels),
    changedColumns: columnsThatChanged.map(({ column, count }) => ({ column: shownName(column), count })),
    sources: source === undefined ? [] : tally.sources(sources),
    notExamined: [
      ...(await retypedColumns(old, now, columns.compared, signal)),
      ...limitsOf([old, now]),
      ...(labels.left === 0
        ? []
        : [{ what: `labels of ${labels.left} readings`, why: `only ${MAX_LABELS} different ones are told apart` }]),
      ...(sources.left === 0
        ? []
        : [{ what: `sources of ${sources.left} readings`, why: `only ${MAX_SOURCES} different ones are told apart` }]),
      ...(changed.left === 0 ? [] : [{ what: `columns of ${changed.left} changed rows`, why: 'memory is bounded' }]),
    ],
  };
}

function columnsOf(old: Table, now: Table): TableComparison['columns'] {
  const [before, after] = [typesOf(old.columns), typesOf(now.columns)];
  const both = now.columns.filter(({ name }) => before.has(name));
  return {
    compared: both.map(({ name }) => name),
    added: now.columns.filter(({ name }) => !before.has(name)).map(({ name }) => name),
    removed: old.columns.filter(({ name }) => !after.has(name)).map(({ name }) => name),
    retyped: both
      .filter(({ name, type }) => before.get(name) !== type)
      .map(({ name, type }) => ({ name, old: before.get(name) ?? '', new: type })),
  };
}

/** With a key, where a row comes from is part of what it says: another source is a change. Without, the same content is the same row. */
function rolesOf(
  compared: readonly string[],
  key: readonly string[],
  label: string | undefined,
  source: string | undefined,
): Roles {
  const named = new Set(key);
  if (key.length > 0)
    return { key, content: compared.filter((name) => name !== label && !named.has(name)), label, source };
  const content = compared.filter((name) => name !== label && name !== source);
  if (content.length === 0)
    throw new VallumError('DATA_COMPARE', 'the two versions have no column in common that says what a row is', {
      fix: 'compare versions of one table, or give columns the same names',
    });
  return { key: content, content: [], label, source };
}
