// Rows of one or two tables that are nearly the same: by each column of free text, and by the cells of wide numeric tables.
// Memory is bounded, so that of large tables only the first rows are compared; what was left out is said.
import { pause } from '@vallum/core';
import type { Batch, Column, Table } from '@vallum/formats';
import { typesOf } from '../tables/common-cell.js';
import type { ColumnFacts } from '../check/column-facts.js';
import { deviationOf } from '../check/column-facts.js';
import { MAX_NEAR_ROWS, missProbability, NearIndex } from './near-index.js';
import type { NearOptions } from './near-index.js';
import { cellMarks, MAX_CHARACTERS, textMarks } from './shingles.js';
import type { NumberColumn } from './shingles.js';

/** Texts of fewer characters on average are names and titles: that they repeat is their nature. */
const FREE_TEXT = 50;
/** With fewer cells, honest rows have most of them in common. */
const FEWEST_CELLS = 8;
const TEXT = { bands: 20, width: 5, threshold: 0.8, maxMarks: 32_000_000 };
/** Four of five cells in common are a likeness of 2/3 as sets. */
const CELLS = { bands: 25, width: 4, threshold: 2 / 3, maxMarks: 32_000_000 };

/** What is compared: a column of text, or all cells that are numbers. */
export type Aspect =
  | { readonly kind: 'text'; readonly column: Column }
  | { readonly kind: 'cells'; readonly columns: readonly (ColumnFacts & { readonly column: Column })[] };

export interface NearResult {
  readonly aspect: Aspect;
  /** Rows, counted from 0, that are much like an earlier row of the same table; the earlier one, and how much. */
  readonly within: ReadonlyMap<number, Alike>;
  /** Rows of the second table that are much like a row of the first. */
  readonly across: ReadonlyMap<number, Alike>;
  readonly compared: number;
  readonly notExamined: readonly { readonly what: string; readonly why: string }[];
  /** Probability that a pair at the threshold was missed. */
  readonly miss: number;
  readonly threshold: number;
}

export interface Alike {
  readonly row: number;
  readonly likeness: number;
}

/** What can be compared in a table, by what one pass learned of its columns; `without` are label, id and source. */
export function aspectsOf(facts: readonly ColumnFacts[], rows: number, without: readonly string[]): readonly Aspect[] {
  const free = facts.filter(({ column }) => !without.includes(column.name));
  const texts = free.filter(
    ({ column, characters, missing }) =>
      column.type === 'text' && characters >= FREE_TEXT * Math.max(1, rows - missing),
  );
  const numbers = free.filter((each) => each.column.type === 'number' && deviationOf(each) > 0);
  return [
    ...texts.map(({ column }): Aspect => ({ kind: 'text', column })),
    ...(numbers.length >= FEWEST_CELLS ? [{ kind: 'cells', columns: numbers } as const] : []),
  ];
}

/** What of it is in another table too, with the same type: a column that is not must not hide the others. */
export function sharedAspects(aspects: readonly Aspect[], other: Table): readonly Aspect[] {
  const types = typesOf(other.columns);
  const isThere = ({ name, type }: Column): boolean => types.get(name) === type;
  return aspects.flatMap((aspect): readonly Aspect[] => {
    if (aspect.kind === 'text') return isThere(aspect.column) ? [aspect] : [];
    const columns = aspect.columns.filter(({ column }) => isThere(column));
    return columns.length >= FEWEST_CELLS ? [{ kind: 'cells', columns }] : [];
  });
}

/** @param second rows of it are compared with those of the first too @param seed not to be guessed by who made the rows */
export async function findNear(
  first: Table,
  second: Table | undefined,
  aspect: Aspect,
  { seed, signal }: { readonly seed: number; readonly signal?: AbortSignal },
): Promise<NearResult> {
  const options: NearOptions = { ...(aspect.kind === 'text' ? TEXT : CELLS), maxRows: MAX_NEAR_ROWS, seed };
  const index = new NearIndex(options);
  /** Row of its table by number; those of the second table are told apart by their number. */
  const rows: number[] = [];
  await fill(index, first, aspect, rows, signal);
  const firstRows = rows.length;
  const firstLeft = index.left;
  if (second !== undefined) await fill(index, second, aspect, rows, signal);
  const within = new Map<number, Alike>();
  const across = new Map<number, Alike>();
  for (const pairs of index.pairs()) {
    await pause(signal);
    for (const { a, b, likeness } of pairs) {
      const crosses = a < firstRows && b >= firstRows;
      if (b >= firstRows && !crosses) continue;
      const target = crosses ? across : within;
      const row = rows[b] ?? 0;
      if ((target.get(row)?.likeness ?? 0) < likeness) target.set(row, { row: rows[a] ?? 0, likeness });
    }
  }
  const left = index.left === 0 ? [] : [leftOut(firstLeft, index.left - firstLeft)];
  return {
    aspect,
    within,
    across,
    compared: second === undefined ? index.rows : rows.length - firstRows,
    notExamined: [...left, ...crowded(index.crowds, aspect)],
    miss: missProbability(options.threshold, options),
    threshold: options.threshold,
  };
}

async function fill(
  index: NearIndex,
  table: Table,
  aspect: Aspect,
  rows: number[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const names = aspect.kind === 'text' ? [aspect.column.name] : aspect.columns.map(({ column }) => column.name);
  for await (const batch of table.batches({ columns: names, ...(signal === undefined ? {} : { signal }) })) {
    await pause(signal);
    const marksOf = aspect.kind === 'text' ? textMarker(batch) : cellMarker(aspect.columns, batch);
    for (let row = 0; row < batch.rows; row += 1) {
      // A signature costs up to a millisecond, so that a batch would block everybody else.
      if (row % 1000 === 999) await pause(signal);
      const number = index.add(marksOf(row));
      if (number >= 0) rows[number] = batch.start + row;
    }
  }
}

function textMarker(batch: Batch): (row: number) => Uint32Array {
  const [values] = batch.columns;
  return (row) => {
    const code = values?.type === 'text' ? (values.codes[row] ?? -1) : -1;
    return code < 0 || values?.type !== 'text' ? new Uint32Array() : textMarks(values.levels[code] ?? '');
  };
}

function cellMarker(columns: readonly ColumnFacts[], batch: Batch): (row: number) => Uint32Array {
  const numbers = columns.map((facts, index): NumberColumn => ({
    index,
    deviation: deviationOf(facts),
    min: facts.min,
  }));
  return (row) => cellMarks(numbers, batch.columns, row);
}

function leftOut(first: number, second: number): { readonly what: string; readonly why: string } {
  const rows = second === 0 ? `${first} rows` : `${first} rows and ${second} test rows`;
  return { what: `near duplicates of ${rows}`, why: 'memory is bounded: the rows before them were compared' };
}

function crowded(crowds: number, aspect: Aspect): NearResult['notExamined'] {
  if (crowds === 0) return [];
  return [
    {
      what: `some pairs in ${crowds} crowds of rows that look alike in ${aspectText(aspect)}`,
      why: 'each row was compared with the first of its crowd and with the one before it',
    },
  ];
}

/** How it was compared, for people. */
export function aspectText(aspect: Aspect): string {
  return aspect.kind === 'text'
    ? `${aspect.column.name} (its first ${MAX_CHARACTERS} characters)`
    : `${aspect.columns.length} columns of numbers`;
}
