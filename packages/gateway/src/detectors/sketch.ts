// What the detectors get to see of one query. Worked out beside the request, sent to the primary process, never an input.
import type { Step } from './step.js';

export interface QuerySketch {
  readonly decision: string;
  readonly at: number;
  readonly principal: string;
  readonly group: string;
  readonly route: string;
  readonly own: boolean;
  readonly kind: 'tensor' | 'table' | 'text';
  /** Numbers of the input brought to [0, 1] by the route's learned ranges and averaged into at most 64 blocks. */
  readonly means: Float32Array;
  /** Min-hash fingerprints (at most 50), ascending unsigned 32-bit numbers. */
  readonly fingerprints: Uint32Array;
  /** Index of the most likely class of the answer, where it has one. */
  readonly label?: number;
  /** Highest probability of the answer. */
  readonly confidence?: number;
}

/** The step of each principal that is not on `observe`, as the primary told it. Key: principal, NUL, route. */
export type Postures = ReadonlyMap<string, Step>;
