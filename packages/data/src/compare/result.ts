// What two versions of a table differ in, row by row.
import type { Interval } from '@vallum/core';
import { shareInterval } from '../tables/finding.js';
import type { Broken } from '../tables/finding.js';

/** A kind of difference: how many rows of `n`, and the first of them, counted from 1. */
export interface Difference {
  readonly count: number;
  readonly n: number;
  readonly interval: Interval;
  readonly rows: readonly number[];
}

export interface SourceDifference {
  readonly source: string;
  /** Rows of it in each version. */
  readonly old: number;
  readonly new: number;
  readonly added: number;
  readonly removed: number;
  readonly relabelled: number;
  readonly changed: number;
}

export interface TableComparison {
  readonly schema: 'vallum/data-compare/v1';
  readonly old: { readonly name: string; readonly rows: number };
  readonly new: { readonly name: string; readonly rows: number };
  /** Columns that name a row; none: a row is its content. */
  readonly key: readonly string[];
  readonly columns: {
    readonly compared: readonly string[];
    readonly added: readonly string[];
    readonly removed: readonly string[];
    /** Texts are compared as what the type of the other side reads in them. */
    readonly retyped: readonly { readonly name: string; readonly old: string; readonly new: string }[];
  };
  /** In both, and equal. */
  readonly same: Difference;
  /** Of the new version. */
  readonly added: Difference;
  /** Of the old version. */
  readonly removed: Difference;
  /** In both, with another label; of the new version. */
  readonly relabelled: Difference;
  /** With a key: in both, with other values; of the new version. */
  readonly changed: Difference;
  /** With a key: rows of either version whose key stands there more than once, so that nobody can tell what became of them. */
  readonly ambiguous: { readonly old: number; readonly new: number };
  /** Which label became which, most frequent first. */
  readonly relabels: readonly { readonly from: string; readonly to: string; readonly count: number }[];
  /** In how many of the changed rows a column changed. */
  readonly changedColumns: readonly { readonly column: string; readonly count: number }[];
  readonly sources: readonly SourceDifference[];
  readonly notExamined: readonly { readonly what: string; readonly why: string }[];
}

export function difference({ count, rows }: Pick<Broken, 'count' | 'rows'>, n: number): Difference {
  return { count, n, interval: shareInterval(count, n), rows };
}
