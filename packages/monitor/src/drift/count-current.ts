// The current counted against a profile: one pass, and memory that depends on the columns and not on the rows. Numbers are
// counted between the steps of the reference, categories by name as the profile names them.
// Names are hostile: beyond some thousands, those that the reference does not know share one count.
import { pause } from '@vallum/core';
import type { Batch, Table } from '@vallum/formats';
import type { ColumnProfile, NumberProfile, Profile } from '@vallum/stats';
import { BinCounter, labelOf } from '@vallum/stats';
import type { CollectOptions } from './collect-sample.js';
import { chooseColumns } from './collect-sample.js';
import type { NamedProfile } from './profile-steps.js';
import { stepsOf } from './profile-steps.js';
import type { Sample, SampleColumn } from './sample.js';

const MOST_UNKNOWN = 4_096;
const BLOCK = 16_384;

type Kind = SampleColumn['kind'];

/** Numbers: rows by bin between the steps of the profile, see `NumberSteps`. */
export type CountedColumn =
  | { readonly kind: 'number'; readonly counts: Float64Array }
  | {
      readonly kind: 'boolean';
      readonly missing: number;
      readonly false: number;
      readonly true: number;
      readonly other: number;
    }
  | {
      readonly kind: 'text';
      readonly missing: number;
      readonly labels: ReadonlyMap<string, number>;
      readonly others: number;
    };

export interface CountedCurrent {
  readonly name: string;
  readonly rows: number;
  /** All columns of the current, whether the reference has them or not. */
  readonly columns: readonly { readonly name: string; readonly kind: Kind }[];
  /** Those that can be compared, by name. */
  readonly counted: ReadonlyMap<string, CountedColumn>;
}

/** @throws VallumError `DRIFT_COLUMN`, `DRIFT_TOO_WIDE`, and what the table throws */
export async function countTable(
  table: Table,
  { profile }: NamedProfile,
  options: CollectOptions,
): Promise<CountedCurrent> {
  const wanted = chooseColumns(table, options);
  const counter = new Counter(
    profile,
    wanted.map(({ name, type }) => ({ name, kind: type })),
  );
  const signal = options.signal === undefined ? {} : { signal: options.signal };
  for await (const batch of table.batches({ columns: wanted.map(({ name }) => name), ...signal })) {
    counter.add(batch);
    options.onProgress?.(table.read, table.bytes);
    await pause(options.signal);
  }
  return counter.finish(options.name);
}

export function countSample({ name, rows, columns }: Sample, { profile }: NamedProfile): CountedCurrent {
  const counter = new Counter(profile, columns);
  const values = columns.map((column): Batch['columns'][number] =>
    column.kind === 'text'
      ? { type: 'text', codes: column.codes, levels: column.levels }
      : { type: column.kind, values: column.values, missing: undefined },
  );
  counter.add({ start: 0, rows, columns: values });
  return counter.finish(name);
}

interface ColumnCounter {
  readonly add: (values: Batch['columns'][number], rows: number) => void;
  readonly value: () => CountedColumn;
}

class Counter {
  readonly #columns: CountedCurrent['columns'];
  readonly #counters: readonly (ColumnCounter | undefined)[];
  #rows = 0;

  constructor(reference: Profile, columns: CountedCurrent['columns']) {
    this.#columns = columns.map(({ name, kind }) => ({ name, kind }));
    const known = new Map(reference.columns.map((column) => [column.name, column]));
    const clean = new Float64Array(BLOCK);
    // Times and booleans may be compared with numbers: what counts is the type of the reference.
    this.#counters = columns.map(({ name, kind }) => {
      const own = known.get(name);
      if (own === undefined || (kind === 'text') !== (own.type === 'text')) return undefined;
      if (own.type === 'boolean') return countBooleans();
      return own.type === 'text' ? countLabels(own) : countNumbers(own, reference.rows, clean);
    });
  }

  add({ rows, columns }: Batch): void {
    this.#counters.forEach((counter, at) => counter?.add(columns[at] as Batch['columns'][number], rows));
    this.#rows += rows;
  }

  finish(name: string): CountedCurrent {
    const counted = new Map<string, CountedColumn>();
    this.#counters.forEach((counter, at) => {
      if (counter !== undefined) counted.set(this.#columns[at]?.name ?? '', counter.value());
    });
    return { name, rows: this.#rows, columns: this.#columns, counted };
  }
}

/** @param clean scratch of `BLOCK` values */
function countNumbers(profile: NumberProfile, rows: number, clean: Float64Array): ColumnCounter {
  const { steps } = stepsOf(profile, rows);
  const counter = steps.length === 0 ? undefined : new BinCounter(steps);
  const finite = new Float64Array(steps.length + 1);
  let [missing, low, high] = [0, 0, 0];
  const addBlock = (values: Float64Array, gaps: Uint8Array | undefined, from: number, to: number): void => {
    let n = 0;
    for (let row = from; row < to; row += 1) {
      // Adding zero leaves one sign of zero.
      const value = (values[row] as number) + 0;
      if (gaps !== undefined && gaps[row] !== 0) missing += 1;
      else if (value - value === 0) clean[n++] = value;
      else if (Number.isNaN(value)) missing += 1;
      else if (value > 0) high += 1;
      else low += 1;
    }
    if (counter === undefined) finite[0] = (finite[0] as number) + n;
    else counter.count(clean, n, finite);
  };
  return {
    add: (column, many) => {
      if (column.type === 'text') return;
      for (let from = 0; from < many; from += BLOCK)
        addBlock(column.values, column.missing, from, Math.min(many, from + BLOCK));
    },
    value: () => {
      const counts = Float64Array.of(missing, low, ...finite);
      counts[counts.length - 1] = (counts[counts.length - 1] as number) + high;
      return { kind: 'number', counts };
    },
  };
}

function countBooleans(): ColumnCounter {
  const found = { missing: 0, false: 0, true: 0, other: 0 };
  return {
    add: (column, rows) => {
      if (column.type === 'text') return;
      for (let row = 0; row < rows; row += 1) {
        const value = column.values[row] as number;
        if (column.missing?.[row] === 1 || Number.isNaN(value)) found.missing += 1;
        else if (value === 0) found.false += 1;
        else if (value === 1) found.true += 1;
        else found.other += 1;
      }
    },
    value: () => ({ kind: 'boolean', ...found }),
  };
}

function countLabels({ labels }: Extract<ColumnProfile, { type: 'text' }>): ColumnCounter {
  const found = new Map(labels.counts.map(([label]) => [label, 0]));
  const most = found.size + MOST_UNKNOWN;
  let missing = 0;
  let others = 0;
  return {
    add: (column, rows) => {
      if (column.type !== 'text') return;
      const counts = new Float64Array(column.levels.length);
      for (let row = 0; row < rows; row += 1) {
        const code = column.codes[row] as number;
        if (code < 0) missing += 1;
        else counts[code] = (counts[code] as number) + 1;
      }
      column.levels.forEach((level, code) => {
        const many = counts[code] as number;
        if (many === 0) return;
        const label = labelOf(level);
        const before = found.get(label);
        if (before === undefined && found.size >= most) others += many;
        else found.set(label, (before ?? 0) + many);
      });
    },
    value: () => ({ kind: 'text', missing, labels: found, others }),
  };
}
