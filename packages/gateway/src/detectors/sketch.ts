// What the detectors get to see of one query. Worked out beside the request, sent to the primary process, never an input.
import type { Step } from './step.js';

/** A sketch of one row of a request. */
export interface RowSketch {
  /** Index of the row in the request. */
  readonly row: number;
  /** Rows that this one stands for: of a large batch only some are sketched. */
  readonly rows: number;
  /** Numbers of the input brought to [0, 1] by the route's learned ranges and averaged into at most 64 blocks. */
  readonly means: Float32Array;
  /** Min-hash fingerprints (at most 50), ascending unsigned 32-bit numbers. */
  readonly fingerprints: Uint32Array;
  /** Keyed 32-bit hash of every value: equal for a repeated row, and for one in 2^32 others. */
  readonly content: number;
}

/** What was answered for one row, before an output guard made it poorer. */
export interface RowAnswer {
  /** Index of the most likely class of the answer, where it has one. */
  readonly label?: number;
  /** Highest probability of the answer. */
  readonly confidence?: number;
}

export interface QuerySketch extends Omit<RowSketch, 'row'>, RowAnswer {
  readonly decision: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly principal: string;
  readonly group: string;
  readonly route: string;
  readonly own: boolean;
  readonly kind: 'tensor' | 'table' | 'text';
  /** Units of the route's `cost` that this row took. */
  readonly cost: number;
}

/** The step of each principal that is not on `observe`, as the primary told it. Key: principal, NUL, route. */
export type Postures = ReadonlyMap<string, Step>;
