// Ranges of the rows of a table, in one pass and with memory that does not grow with them.
import type { Sha256 } from '@vallum/core';
import { VallumError } from '@vallum/core';
import type { BatchOptions, NumberValues, Table } from '@vallum/formats';
import { ProfileBuilder } from '@vallum/stats';
import { learnFromProfile } from './from-profile.js';
import type { GatewayRanges } from './ranges.js';
import { DEFAULT_MARGIN, RANGES_SCHEMA } from './ranges.js';

export type LearnAs = 'columns' | 'tensor';

export interface LearnOptions {
  readonly sha256: Sha256;
  /** Default: a tensor for arrays of NumPy without names of fields, columns for all else. */
  readonly as?: LearnAs;
  readonly margin?: number;
  /** Columns that callers do not send, such as the label. @throws VallumError `LEARN_COLUMN` for one that is not there */
  readonly ignore?: readonly string[];
  /** Rows so far. */
  readonly progress?: (rows: number) => void;
  readonly signal?: AbortSignal;
}

/** Edges of distribution functions, of which nothing is kept here: as few as a profile has. */
const BINS = 8;

/** @throws VallumError `LEARN_COLUMN`, `LEARN_EMPTY`, `LEARN_TEXTS`, and those of the table */
export async function learnFromTable(table: Table, options: LearnOptions): Promise<GatewayRanges> {
  const { ignore = [] } = options;
  const unknown = ignore.find((name) => !table.columns.some((column) => column.name === name));
  if (unknown !== undefined)
    throw new VallumError('LEARN_COLUMN', `the table has no column ${JSON.stringify(unknown.slice(0, 80))}`, {
      fix: 'leave out names of its columns only',
    });
  const columns = table.columns.filter(({ name }) => !ignore.includes(name));
  const batches: BatchOptions = {
    columns: columns.map(({ name }) => name),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  };
  const as = options.as ?? (isBareArray(table) ? 'tensor' : 'columns');
  return as === 'tensor'
    ? learnTensor(table, columns, batches, options)
    : learnColumns(table, columns, batches, options);
}

/** Names of columns that `formats` makes up for the cells of an array. */
const CELL = /^c\d+$/;

function isBareArray({ format, columns }: Table): boolean {
  return (format === 'npy' || format === 'npz') && columns.every(({ name }) => CELL.test(name));
}

async function learnColumns(
  table: Table,
  columns: Table['columns'],
  batches: BatchOptions,
  { sha256, margin, progress }: LearnOptions,
): Promise<GatewayRanges> {
  const builder = new ProfileBuilder(columns, { bins: BINS });
  for await (const batch of table.batches(batches)) {
    builder.add(batch);
    progress?.(builder.rows);
  }
  if (builder.rows === 0 || columns.length === 0) throw empty();
  return learnFromProfile(builder.finish(), { kind: 'table', sha256, ...(margin === undefined ? {} : { margin }) });
}

async function learnTensor(
  table: Table,
  columns: Table['columns'],
  batches: BatchOptions,
  { sha256, margin = DEFAULT_MARGIN, progress }: LearnOptions,
): Promise<GatewayRanges> {
  const text = columns.find(({ type }) => type === 'text' || type === 'time');
  if (text !== undefined)
    throw new VallumError('LEARN_TEXTS', `the column ${JSON.stringify(text.name.slice(0, 80))} holds no numbers`, {
      fix: 'leave it out, or learn column by column',
    });
  let rows = 0;
  let minimum = Infinity;
  let maximum = -Infinity;
  for await (const batch of table.batches(batches)) {
    for (const column of batch.columns) {
      const { low, high } = extremes(column as NumberValues, batch.rows);
      if (low < minimum) minimum = low;
      if (high > maximum) maximum = high;
    }
    rows += batch.rows;
    progress?.(rows);
  }
  if (minimum > maximum) throw empty();
  return {
    schema: RANGES_SCHEMA,
    source: { kind: 'table', sha256 },
    rows,
    margin,
    tensor: { elements: columns.length, minimum, maximum },
  };
}

/** Of the finite values. */
function extremes({ values, missing }: NumberValues, rows: number): { readonly low: number; readonly high: number } {
  let low = Infinity;
  let high = -Infinity;
  for (let row = 0; row < rows; row += 1) {
    if (missing !== undefined && missing[row] !== 0) continue;
    // One sign of zero.
    const value = (values[row] as number) + 0;
    if (value - value !== 0) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return { low, high };
}

function empty(): VallumError {
  return new VallumError('LEARN_EMPTY', 'the table has no values to learn from', {
    fix: 'give the rows that the model was trained with',
  });
}
