// What a comparison says: the words and fields of `vallum/drift/v1` (docs/schemas/drift-v1.json), plain values only.
import type { Effect } from './effect.js';
import type { RowsNeeded } from './enough.js';
import type { Picture } from './picture.js';
import type { ColumnKind, Concern } from './questions.js';
import type { Aspect } from './rank-statistics.js';

/** Drift beats not enough data beats no drift. */
export type DriftOutcome = 'drift' | 'not-enough-data' | 'no-drift';

/** `small`: surely a change, and smaller than the floor. `not-compared`: there is nothing to compare. */
export type ColumnState = 'drift' | 'not-enough-data' | 'small' | 'no-drift' | 'not-compared';

export interface AnswerReport {
  readonly concern: Concern;
  /** Which statistic saw most of it. */
  readonly aspect: Aspect;
  /** Permutation p-value by itself; and adjusted for the family or, with FDR control, for the false discovery rate. */
  readonly p: number;
  readonly adjustedP: number;
  /** -ln of an uncalibrated p-value: only to order columns beyond the resolution of the permutations. */
  readonly strength: number;
  readonly effect: Effect;
  readonly sure: boolean;
  readonly large: boolean;
}

export interface SideCount {
  readonly reference: number;
  readonly current: number;
}

export interface ColumnReport {
  readonly name: string;
  readonly kind: ColumnKind;
  readonly state: ColumnState;
  /** Strongest first. */
  readonly answers: readonly AnswerReport[];
  readonly missing: SideCount;
  /** Smallest shift in standard deviations that is seen four times in five; null where a side has no values. */
  readonly smallestSeen: number | null;
  /** Rows with values that would be enough, where these are not. */
  readonly needed?: RowsNeeded;
  /** Categories of the current that the reference has not: how many, their rows, and the most frequent of them. */
  readonly unseen?: { readonly categories: number; readonly rows: number; readonly examples: readonly string[] };
  readonly picture: Picture;
}

/** A difference of the tables themselves; it is drift whatever the rows say. */
export interface StructureChange {
  readonly column: string;
  readonly change: 'gone' | 'new' | 'type';
  readonly message: string;
}

export interface Side {
  readonly name: string;
  readonly rows: number;
  /** Rows of the source, where those compared were drawn from it by lot. */
  readonly of?: number;
}

export interface Comparison {
  readonly outcome: DriftOutcome;
  readonly reference: Side;
  readonly current: Side;
  /** The share of the error budget that this comparison used. */
  readonly alpha: number;
  readonly questions: number;
  readonly permutations: number;
  /** By state, then by strength. */
  readonly columns: readonly ColumnReport[];
  readonly structure: readonly StructureChange[];
}
