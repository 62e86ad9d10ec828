// The rows that are compared with each other: at most as many as can be compared exactly in seconds, drawn without looking at
// them. Who knows the seed can keep his rows out of the sample, so it comes from the content of all rows.
import { pause } from '@vallum/core';
import type { Batch, Column, Table } from '@vallum/formats';
import type { Matrix } from '@vallum/stats';
import { mulberry32, takeRows } from '@vallum/stats';
import { completed } from '../../poison/tables/read-rows.js';
import { cellAt, textOf } from '../../tables/cells.js';
import type { ColumnRoles } from '../roles.js';
import type { Beside } from './beside.js';
import { refused } from './beside.js';
import { standardised } from './standardised.js';

export interface RowSample {
  /** Rows of the table, counted from 0, ascending. */
  readonly rows: readonly number[];
  /** Of the table. */
  readonly of: number;
  /** Undefined where a row has no label, or no label was named. */
  readonly labels: readonly (string | undefined)[];
  readonly sources: readonly string[] | undefined;
  /** Undefined where no column holds text. */
  readonly texts: readonly string[] | undefined;
  readonly features: SampledFeatures | undefined;
  readonly activations: Matrix | undefined;
}

export interface SampledFeatures {
  readonly names: readonly string[];
  readonly matrix: Matrix;
  /** Where they come from, in words. */
  readonly from: string;
  /** Number columns on one scale; pixels and features of somebody else are used as they are. */
  readonly own: boolean;
}

const MAX_ROWS = 10_000;
/** Pairs of rows times columns. */
const WORK = 2e10;
/** More columns than this are not compared. */
export const MAX_COLUMNS = 1024;
/** UTF-16 units of a row's texts. */
const MAX_TEXT = 4096;

interface Places {
  readonly label: number;
  readonly source: number;
  readonly numbers: readonly number[];
  readonly texts: readonly number[];
  /** Asked for, in the order of the batches. */
  readonly columns: readonly Column[];
}

/** @throws VallumError `TABLE_*`, `DATA_MATRIX` for pixels that are missing or no numbers */
export async function sampleRows(
  table: Table,
  of: number,
  { roles, beside, seed, signal }: SampleOptions,
): Promise<RowSample> {
  const places = placesOf(table.columns, roles, beside);
  const columns = beside.features?.matrix.columns ?? places.numbers.length;
  const count = Math.min(of, MAX_ROWS, Math.floor(Math.sqrt(WORK / Math.max(1, columns))));
  const rows = drawn(of, count, seed);
  const [labels, sources, texts]: [(string | undefined)[], string[], string[]] = [[], [], []];
  const values = new Float64Array(places.numbers.length * count);
  if (places.columns.length > 0) {
    let next = 0;
    const names = places.columns.map(({ name }) => name);
    for await (const batch of table.batches({ columns: names, ...(signal === undefined ? {} : { signal }) })) {
      await pause(signal);
      for (let row = rows[next]; row !== undefined && row < batch.start + batch.rows; row = rows[next]) {
        const cell = (index: number): string | undefined => textAt(batch, row - batch.start, index, places.columns);
        labels.push(places.label < 0 ? undefined : cell(places.label));
        if (places.source >= 0) sources.push(cell(places.source) ?? '(missing)');
        if (places.texts.length > 0)
          texts.push(
            places.texts
              .map((index) => cell(index) ?? '')
              .join('\n')
              .slice(0, MAX_TEXT),
          );
        for (const [place, index] of places.numbers.entries()) {
          const part = batch.columns[index];
          const value = part === undefined ? undefined : cellAt(part, row - batch.start);
          values[next * places.numbers.length + place] = typeof value === 'number' ? value : NaN;
        }
        next += 1;
      }
    }
  }
  return {
    rows,
    of,
    labels: rows.map((_, i) => labels[i]),
    sources: places.source < 0 ? undefined : sources,
    texts: places.texts.length === 0 ? undefined : texts,
    features: featuresOf(places, { rows, values }, beside),
    activations: beside.activations === undefined ? undefined : part(beside.activations.matrix, rows),
  };
}

interface SampleOptions {
  readonly roles: ColumnRoles;
  readonly beside: Beside;
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
}

function placesOf(columns: readonly Column[], roles: ColumnRoles, { features }: Beside): Places {
  const apart = Object.values(roles) as readonly string[];
  const free = columns.filter(({ name }) => !apart.includes(name));
  const numbers = features === undefined ? numbersOf(columns, roles) : [];
  const texts = roles.label === undefined ? [] : free.filter(({ type }) => type === 'text');
  const named = [roles.label, roles.source].map((name) => columns.find((column) => column.name === name));
  // Two roles may be played by one column.
  const asked = [...new Set([...named.filter((column) => column !== undefined), ...numbers, ...texts])];
  const at = (column: Column | undefined): number => (column === undefined ? -1 : asked.indexOf(column));
  return {
    label: at(named[0]),
    source: at(named[1]),
    numbers: numbers.map(at),
    texts: texts.map(at),
    columns: asked,
  };
}

/** Columns of the table that rows can be compared by; none where there are too many. */
export function numbersOf(columns: readonly Column[], roles: ColumnRoles): readonly Column[] {
  const apart = Object.values(roles) as readonly string[];
  const numbers = columns.filter(
    ({ name, type }) => (type === 'number' || type === 'boolean') && !apart.includes(name),
  );
  return numbers.length > MAX_COLUMNS ? [] : numbers;
}

function featuresOf(
  { numbers, columns }: Places,
  { rows, values }: { readonly rows: readonly number[]; readonly values: Float64Array },
  { features, image }: Beside,
): SampledFeatures | undefined {
  if (features !== undefined) {
    const { matrix, name } = features;
    const names = Array.from({ length: matrix.columns }, (_, index) => String(index));
    return { names, matrix: part(matrix, rows), from: `the ${matrix.columns} columns of ${name}`, own: false };
  }
  const names = numbers.map((index) => columns[index]?.name ?? '');
  const matrix = { rows: rows.length, columns: names.length, values };
  const from = `${names.length} number columns of the table`;
  if (image !== undefined) {
    if (values.some((value) => !Number.isFinite(value)))
      throw refused('a pixel is missing, NaN or infinite', 'write a number for every pixel of every row');
    return { names, matrix, from, own: false };
  }
  const filled = completed({ names, matrix });
  return filled === undefined
    ? undefined
    : { names: filled.names, matrix: standardised(filled.matrix), from, own: true };
}

function part(matrix: Matrix, rows: readonly number[]): Matrix {
  return rows.length === matrix.rows ? matrix : takeRows(matrix, rows);
}

function textAt(batch: Batch, row: number, index: number, columns: readonly Column[]): string | undefined {
  const values = batch.columns[index];
  const cell = values === undefined ? undefined : cellAt(values, row);
  return cell === undefined ? undefined : textOf(cell, columns[index]?.type ?? 'text');
}

/** `count` of `of` rows, each set of rows equally likely (selection sampling, Knuth 3.4.2 S). */
function drawn(of: number, count: number, seed: number): readonly number[] {
  const random = mulberry32(seed);
  const rows: number[] = [];
  for (let row = 0; row < of && rows.length < count; row += 1)
    if (random() * (of - row) < count - rows.length) rows.push(row);
  return rows;
}
