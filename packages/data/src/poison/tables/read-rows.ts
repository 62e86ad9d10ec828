// The rows of a table feed as the ensemble compares them: name, label, source, text, and a matrix of numbers. The number of
// rows is bounded before anything is read. A number that is missing is the column's median, beside a column of its own that
// says where: leaving such rows out would let poison hide behind one empty cell.
import { pause, VallumError } from '@vallum/core';
import type { Batch, Column, Table } from '@vallum/formats';
import type { Matrix } from '@vallum/stats';
import type { TableDatasetFeed } from '../../manifest/dataset.js';
import type { RowSource } from '../../rows/row-source.js';
import { cellAt, textOf } from '../../tables/cells.js';
import { readable } from '../judge-feeds.js';
import type { PoisonRules } from '../rules.js';

export interface FeedRows {
  readonly feed: string;
  readonly ids: readonly string[];
  readonly labels: readonly string[];
  /** Where the rows come from: the feed, and the value of its column of sources. */
  readonly sources: readonly string[];
  /** Undefined where no column holds text. */
  readonly texts: readonly string[] | undefined;
  /** Undefined where there is nothing to compare rows by. */
  readonly features: NamedMatrix | undefined;
  /** Columns that are no features. */
  readonly left: readonly string[];
}

export interface NamedMatrix {
  readonly names: readonly string[];
  readonly matrix: Matrix;
}

/** Values of one matrix, 128 MiB. */
const MAX_VALUES = 16 * 1024 * 1024;

/** @throws VallumError `DATA_CHANGED`, `POISON_INPUT` for more values than are held, `TABLE_*` */
export async function readFeedRows(
  feed: TableDatasetFeed,
  source: RowSource,
  rules: PoisonRules,
  signal: AbortSignal,
): Promise<FeedRows> {
  const rows = await source.rows(feed, (table) => readRows(feed, table, rules, signal), signal);
  const declared = await source.features(feed, (features) => readMatrix(features, feed.rows, signal), signal);
  if (declared === undefined) return rows;
  if (declared.matrix.rows !== rows.ids.length)
    throw new VallumError(
      'POISON_INPUT',
      `${feed.name}: there are ${rows.ids.length} rows and ${declared.matrix.rows} rows of features`,
      { fix: 'write one row of features for each row of the table, in its order' },
    );
  return { ...rows, features: declared };
}

async function readRows(
  { name: feed, table: facts, rows: count }: TableDatasetFeed,
  table: Table,
  rules: PoisonRules,
  signal: AbortSignal,
): Promise<FeedRows> {
  const { columns } = table;
  const roles = [facts.id, facts.label, facts.received, facts.source];
  const at = (name: string | undefined): number => columns.findIndex((column) => column.name === name);
  const free = columns.flatMap((column, index) => (roles.includes(column.name) ? [] : [{ column, index }]));
  const numbers = free.filter(({ column: { type } }) => type === 'number' || type === 'boolean');
  const worded = free.filter(({ column: { type } }) => type === 'text');
  const values = facts.features === undefined ? emptyMatrix(count, numbers.length) : new Float64Array();
  const [ids, labels, sources, texts]: [string[], string[], string[], string[]] = [[], [], [], []];
  const cell = (batch: Batch, index: number, row: number): string | undefined => {
    const found = index < 0 ? undefined : cellAt(batch.columns[index] as Batch['columns'][number], row);
    return found === undefined ? undefined : textOf(found, (columns[index] as Column).type);
  };
  const [id, label, origin] = [at(facts.id), at(facts.label), at(facts.source)];
  for await (const batch of table.batches({ signal })) {
    await pause(signal);
    for (let row = 0; row < batch.rows; row += 1) {
      const number = batch.start + row;
      ids.push(cell(batch, id, row) ?? String(number + 1));
      labels.push(cell(batch, label, row) ?? '');
      sources.push(origin < 0 ? feed : `${feed}: ${cell(batch, origin, row) ?? ''}`);
      const body = worded.map(({ index }) => cell(batch, index, row) ?? '').join('\n');
      if (worded.length > 0) texts.push(readable({ subject: '', body }, rules));
      if (values.length > 0)
        for (const [place, { index }] of numbers.entries()) {
          const value = cellAt(batch.columns[index] as Batch['columns'][number], row);
          values[number * numbers.length + place] = typeof value === 'number' ? value : NaN;
        }
    }
  }
  const matrix = { rows: ids.length, columns: numbers.length, values };
  const used = new Set(values.length === 0 ? [] : numbers.map(({ column }) => column.name));
  return {
    feed,
    ids,
    labels,
    sources,
    texts: worded.length === 0 ? undefined : texts,
    features: values.length === 0 ? undefined : completed({ names: numbers.map(({ column }) => column.name), matrix }),
    left: free.map(({ column }) => column.name).filter((name) => !used.has(name)),
  };
}

function emptyMatrix(rows: number, columns: number): Float64Array {
  if (rows * columns <= MAX_VALUES) return new Float64Array(rows * columns);
  throw new VallumError('POISON_INPUT', `${rows} rows of ${columns} numbers are more than are compared`, {
    fix: 'declare a smaller matrix of features for this feed',
  });
}

/** Declared features are used as they are; what is no number in them is refused by the ensemble. */
async function readMatrix(table: Table, expected: number, signal: AbortSignal): Promise<NamedMatrix> {
  const { columns } = table;
  const odd = columns.find(({ type }) => type !== 'number' && type !== 'boolean');
  if (odd !== undefined)
    throw new VallumError('POISON_INPUT', `the features hold ${odd.type}, not numbers`, {
      fix: 'write an .npy file of floats',
    });
  const rows = table.rows ?? expected;
  const values = emptyMatrix(rows, columns.length);
  for await (const batch of table.batches({ signal })) {
    await pause(signal);
    for (const [place, part] of batch.columns.entries())
      for (let row = 0; row < batch.rows; row += 1) {
        const value = cellAt(part, row);
        values[(batch.start + row) * columns.length + place] = typeof value === 'number' ? value : NaN;
      }
  }
  return { names: columns.map(({ name }) => name), matrix: { rows, columns: columns.length, values } };
}

/** Without columns that never change, and with one more for each that has gaps. Undefined where nothing is left. */
export function completed({ names, matrix }: NamedMatrix): NamedMatrix | undefined {
  const { rows, columns, values } = matrix;
  const kept: { readonly name: string; readonly values: Float64Array }[] = [];
  for (const [column, name] of names.entries()) {
    const own = Float64Array.from({ length: rows }, (_, row) => values[row * columns + column] ?? NaN);
    const present = own.filter(Number.isFinite).sort();
    const median = present[Math.floor(present.length / 2)];
    if (median === undefined) continue;
    if (present.length < rows)
      kept.push({ name: `${name} is missing`, values: own.map((value) => (Number.isFinite(value) ? 0 : 1)) });
    if (present[0] !== present.at(-1))
      kept.push({ name, values: own.map((value) => (Number.isFinite(value) ? value : median)) });
  }
  if (kept.length === 0) return undefined;
  const all = new Float64Array(rows * kept.length);
  for (const [place, part] of kept.entries())
    for (let row = 0; row < rows; row += 1) all[row * kept.length + place] = part.values[row] ?? 0;
  return { names: kept.map(({ name }) => name), matrix: { rows, columns: kept.length, values: all } };
}
