// `vallum/gateway-ranges/v1`: what training data say about the inputs of a model. Bounds stand in the file as they were seen; the
// margin is added when they are applied, so that a person can read both.
import type { Sha256 } from '@vallum/core';

export const RANGES_SCHEMA = 'vallum/gateway-ranges/v1';

/** Share of the range by which bounds are widened at each end. A column of one value has no range, and is not widened. */
export const DEFAULT_MARGIN = 0.1;

export type RangeColumn =
  | { readonly name: string; readonly check: 'number'; readonly minimum: number; readonly maximum: number }
  /** 0 and 1. */
  | { readonly name: string; readonly check: 'boolean' }
  /** All that were seen. */
  | { readonly name: string; readonly check: 'categories'; readonly categories: readonly string[] }
  /** Known and not checked, and why. */
  | { readonly name: string; readonly check: 'none'; readonly why: string };

/** One range for every number, as of pixels. */
export interface TensorRange {
  /** Numbers of one row. */
  readonly elements: number;
  readonly minimum: number;
  readonly maximum: number;
}

interface RangesHead {
  readonly schema: typeof RANGES_SCHEMA;
  /** What it was learned from: the bytes of a file, or the files of a folder; a profile instead of the rows. */
  readonly source: { readonly kind: 'table' | 'profile'; readonly sha256: Sha256 };
  readonly rows: number;
  readonly margin: number;
}

/** Either columns by name and order, or one range for all numbers. */
export type GatewayRanges = RangesHead &
  ({ readonly columns: readonly RangeColumn[] } | { readonly tensor: TensorRange });

/** Inclusive; infinite where there is no bound. */
export interface Bounds {
  readonly low: number;
  readonly high: number;
}

/** Bounds with the margin, still finite. */
export function widen(minimum: number, maximum: number, margin: number): Bounds {
  const by = Math.min(margin * (maximum - minimum), Number.MAX_VALUE);
  return { low: Math.max(minimum - by, -Number.MAX_VALUE), high: Math.min(maximum + by, Number.MAX_VALUE) };
}
