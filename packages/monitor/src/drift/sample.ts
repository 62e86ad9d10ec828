// What drift is judged on: two samples of rows, column by column, in memory. Readers of files make them (`collect-sample`), tests
// make them by hand. Values are hostile: NaN, infinities, constants, anything a text can hold.
import { VallumError } from '@vallum/core';

/** `time` is milliseconds since 1970-01-01T00:00Z. NaN stands for a missing value; infinities are values. */
export interface NumberColumn {
  readonly name: string;
  readonly kind: 'number' | 'boolean' | 'time';
  readonly values: Float64Array;
  /** The type as the file says it, where it says one: `INT64`, `float32`. */
  readonly stored?: string;
}

/** Texts and categories, coded: one index into `levels` a row, -1 where the value is missing. */
export interface TextColumn {
  readonly name: string;
  readonly kind: 'text';
  readonly codes: Int32Array;
  /** Distinct. */
  readonly levels: readonly string[];
}

export type SampleColumn = NumberColumn | TextColumn;

export interface Sample {
  /** How it is called in reports: a file name. */
  readonly name: string;
  readonly rows: number;
  readonly columns: readonly SampleColumn[];
  /** Rows of the source, where only some of them, drawn by lot, are in the sample. */
  readonly of?: number;
}

/** @throws VallumError `DRIFT_SAMPLE` where columns and rows do not fit, or a name comes twice */
export function checkSample(sample: Sample): void {
  const names = new Set<string>();
  for (const column of sample.columns) {
    if (names.has(column.name)) throw wrong(sample, `has two columns named ${JSON.stringify(column.name)}`);
    names.add(column.name);
    const rows = column.kind === 'text' ? column.codes.length : column.values.length;
    if (rows !== sample.rows)
      throw wrong(sample, `has ${sample.rows} rows, its column ${JSON.stringify(column.name)} ${rows}`);
  }
}

function wrong({ name }: Sample, what: string): VallumError {
  return new VallumError('DRIFT_SAMPLE', `${name} ${what}`, {
    fix: 'give every column one value or one gap for each row',
  });
}

/** The rows at these indices, in this order. */
export function pickRows(sample: Sample, rows: Int32Array, name = sample.name): Sample {
  const columns = sample.columns.map((column): SampleColumn => {
    if (column.kind !== 'text')
      return { ...column, values: Float64Array.from(rows, (row) => column.values[row] as number) };
    return { ...column, codes: Int32Array.from(rows, (row) => column.codes[row] as number) };
  });
  return { name, rows: rows.length, columns };
}

/** @throws VallumError `DRIFT_COLUMN` */
export function columnOf(sample: Sample, name: string): SampleColumn {
  const found = sample.columns.find((column) => column.name === name);
  if (found !== undefined) return found;
  const known = sample.columns.slice(0, 8).map((column) => JSON.stringify(column.name));
  throw new VallumError('DRIFT_COLUMN', `${sample.name} has no column ${JSON.stringify(name)}`, {
    fix: `its columns are ${known.join(', ')}${sample.columns.length > known.length ? ', ...' : ''}`,
  });
}
