// Rows of a file as a sample in memory, with a bound: at most so many values. Beyond it rows are drawn by lot (reservoir sampling,
// Vitter 1985, algorithm R), the same rows for all columns, and the sample says so. Texts are cut: a hostile one must not take
// the memory of all others.
import { pause, VallumError } from '@vallum/core';
import type { Batch, Table } from '@vallum/formats';
import { mulberry32 } from '@vallum/stats';
import type { Sample, SampleColumn } from './sample.js';

export const MOST_VALUES = 40_000_000;
const MOST_COLUMNS = 10_000;
const TEXT_KEPT = 4_096;
const MOST_TEXT = 256 * 1024 * 1024;

export interface CollectOptions {
  /** How the sample is called in reports. */
  readonly name: string;
  /** Columns to read; all by default. */
  readonly columns?: readonly string[];
  readonly ignore?: readonly string[];
  readonly seed: number;
  readonly mostValues?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (read: number, bytes: number) => void;
}

/** Grows with the rows up to its bound, then replaces by lot. */
interface Keeper {
  add(batch: Batch, at: number, from: number, to: number): void;
  finish(rows: number): SampleColumn;
}

/** @throws VallumError `DRIFT_COLUMN`, `DRIFT_TOO_WIDE`, `DRIFT_TEXT`, and what the table throws */
export async function collectSample(table: Table, options: CollectOptions): Promise<Sample> {
  const wanted = chooseColumns(table, options);
  const most = Math.max(1, Math.floor((options.mostValues ?? MOST_VALUES) / Math.max(1, wanted.length)));
  const lot = mulberry32(options.seed);
  const text = { left: MOST_TEXT };
  const keepers = wanted.map(({ name, type, stored }) =>
    type === 'text' ? keepTexts(name, text) : keepNumbers(name, type, stored),
  );
  let seen = 0;
  let kept = 0;
  const names = wanted.map(({ name }) => name);
  const signal = options.signal === undefined ? {} : { signal: options.signal };
  for await (const batch of table.batches({ columns: names, ...signal })) {
    for (let row = 0; row < batch.rows; row += 1) {
      const to = kept < most ? kept++ : Math.floor(lot() * (seen + 1));
      seen += 1;
      if (to < most) keepers.forEach((keeper, at) => keeper.add(batch, at, row, to));
    }
    options.onProgress?.(table.read, table.bytes);
    await pause(options.signal);
  }
  const columns = keepers.map((keeper) => keeper.finish(kept));
  return { name: options.name, rows: kept, columns, ...(seen > kept ? { of: seen } : {}) };
}

/** @throws VallumError `DRIFT_COLUMN`, `DRIFT_TOO_WIDE` */
export function chooseColumns(table: Table, { name, columns, ignore = [] }: CollectOptions): Table['columns'] {
  const has = new Set(table.columns.map((column) => column.name));
  for (const one of columns ?? []) if (!has.has(one)) throw noColumn(name, one, [...has]);
  const chosen = table.columns.filter(
    (column) => (columns === undefined || columns.includes(column.name)) && !ignore.includes(column.name),
  );
  if (chosen.length > MOST_COLUMNS)
    throw new VallumError(
      'DRIFT_TOO_WIDE',
      `${name} has ${chosen.length} columns, and at most ${MOST_COLUMNS} are compared in one run`,
      {
        fix: 'choose some with --columns',
      },
    );
  return chosen;
}

function noColumn(name: string, column: string, has: readonly string[]): VallumError {
  const some = has.slice(0, 8).map((known) => JSON.stringify(known.slice(0, 80)));
  return new VallumError('DRIFT_COLUMN', `${name} has no column ${JSON.stringify(column)}`, {
    fix: `its columns are ${some.join(', ')}${has.length > some.length ? ', ...' : ''}`,
  });
}

function keepNumbers(name: string, kind: 'number' | 'boolean' | 'time', stored: string): Keeper {
  let values = new Float64Array(1024);
  return {
    add: (batch, at, from, to) => {
      const column = batch.columns[at];
      if (column === undefined || column.type === 'text') return;
      if (to >= values.length) values = grown(values, new Float64Array(values.length * 2));
      values[to] = column.missing?.[from] === 1 ? NaN : (column.values[from] as number);
    },
    finish: (rows) => ({ name, kind, stored, values: values.slice(0, rows) }),
  };
}

function keepTexts(name: string, budget: { left: number }): Keeper {
  let codes = new Int32Array(1024);
  const levels: string[] = [];
  const known = new Map<string, number>();
  return {
    add: (batch, at, from, to) => {
      const column = batch.columns[at];
      if (column === undefined || column.type !== 'text') return;
      if (to >= codes.length) codes = grown(codes, new Int32Array(codes.length * 2));
      const own = column.codes[from] as number;
      codes[to] = own < 0 ? -1 : codeOf(cutText(column.levels[own] as string));
    },
    // Levels whose rows were all replaced by others are no part of the sample.
    finish: (rows) => onlyUsed(name, codes.slice(0, rows), levels),
  };

  function codeOf(level: string): number {
    const found = known.get(level);
    if (found !== undefined) return found;
    budget.left -= 2 * level.length + 64;
    if (budget.left < 0)
      throw new VallumError('DRIFT_TEXT', `the column ${JSON.stringify(name)} holds more text than fits into memory`, {
        fix: 'leave it out with --ignore, or give fewer rows',
      });
    known.set(level, levels.length);
    return levels.push(level) - 1;
  }
}

function cutText(text: string): string {
  return text.length > TEXT_KEPT ? text.slice(0, TEXT_KEPT) : text;
}

function onlyUsed(name: string, codes: Int32Array, levels: readonly string[]): SampleColumn {
  const places = new Int32Array(levels.length).fill(-1);
  const used: string[] = [];
  const renamed = codes.map((code) => {
    if (code < 0) return -1;
    if (places[code] === -1) places[code] = used.push(levels[code] as string) - 1;
    return places[code] as number;
  });
  return { name, kind: 'text', codes: renamed, levels: used };
}

function grown<T extends Float64Array | Int32Array>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}
