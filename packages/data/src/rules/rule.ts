// The rules of a team about its table, as data: `vallum/data-rules/v1`. One rule asks one thing and has a stable id, so that a
// finding can be followed from release to release.
import type { Severity, Sha256 } from '@vallum/core';
import type { ColumnType } from '@vallum/formats';

interface Common {
  /** Stable: `price-range`. */
  readonly id: string;
  readonly severity: Severity;
  /** Share of rows that may break it, 0 to 1; 0 by default. */
  readonly atMost: number;
  /** For people: why the rule is there. */
  readonly why: string | undefined;
}

/** Asks one column. Missing values break `missing` alone. */
export type ColumnCheck =
  | { readonly check: 'type'; readonly type: ColumnType }
  | { readonly check: 'missing' }
  | { readonly check: 'whole' }
  /** Of numbers; of times as milliseconds. NaN and infinities lie outside. */
  | { readonly check: 'range'; readonly min: number; readonly max: number }
  | { readonly check: 'values'; readonly values: ReadonlySet<string | number | boolean> }
  /** In code points. */
  | { readonly check: 'length'; readonly min: number; readonly max: number }
  | { readonly check: 'pattern'; readonly pattern: string };

/** Asks the table as a whole. */
export type TableCheck =
  | { readonly check: 'rows'; readonly min: number; readonly max: number }
  /** The table has these columns, and with `only` no others. */
  | { readonly check: 'columns'; readonly columns: readonly string[]; readonly only: boolean }
  | { readonly check: 'unique'; readonly columns: readonly string[] }
  /** The newest value of a time column is at most so old, in milliseconds. */
  | { readonly check: 'fresh'; readonly column: string; readonly withinMs: number }
  | {
      readonly check: 'order';
      readonly column: string;
      readonly order: 'increasing' | 'decreasing';
      readonly strict: boolean;
    }
  | { readonly check: 'sum'; readonly column: string; readonly equals: number; readonly within: number }
  /** Every class of the column has at least this share of the rows. */
  | { readonly check: 'balance'; readonly column: string; readonly minimumShare: number };

export type ColumnRule = Common & ColumnCheck & { readonly column: string };
export type RowRule = Common & { readonly check: 'expression'; readonly expression: string };
export type TableRule = Common & TableCheck;
export type DataRule = ColumnRule | RowRule | TableRule;

export interface DataRules {
  /** Of the file's bytes. */
  readonly digest: Sha256;
  readonly rules: readonly DataRule[];
}
