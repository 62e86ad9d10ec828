// The datatypes of the Open Inference Protocol: sizes and ranges (datatypes.json), and shapes whose product cannot overflow.
// A caller controls datatype and shape; nothing is allocated by what they claim before it was compared with the bytes.
import type { Datatype } from './inspected.js';
import table from './datatypes.json' with { type: 'json' };

export interface DatatypeFacts {
  /** Of one element; 0 for BYTES, whose elements have a length of their own. */
  readonly bytes: number;
  /** For integers and BOOL; those of 64 bits are the nearest doubles. */
  readonly minimum?: number;
  readonly maximum?: number;
}

/** Dimensions of a tensor: more than any model has, few enough to be read at once. */
export const MAX_DIMENSIONS = 16;

const FACTS: ReadonlyMap<string, DatatypeFacts> = new Map(Object.entries(table));

export function isDatatype(value: unknown): value is Datatype {
  return typeof value === 'string' && FACTS.has(value);
}

export function factsOf(datatype: Datatype): DatatypeFacts {
  return FACTS.get(datatype) ?? { bytes: 0 };
}

/** @returns the number of elements, or undefined when a dimension is no count or the product exceeds `most` */
export function elementsOf(shape: readonly unknown[], most: number): number | undefined {
  let product = 1;
  let isEmpty = false;
  for (const dimension of shape) {
    if (typeof dimension !== 'number' || !Number.isSafeInteger(dimension) || dimension < 0) return undefined;
    if (dimension === 0) isEmpty = true;
    else if ((product *= dimension) > most) return undefined;
  }
  return isEmpty ? 0 : product;
}

/** A batch counts by its first dimension, and at least once: counting too many rows is safe, too few evades a budget. */
export function rowsOf(shape: readonly number[]): number {
  return Math.max(1, shape[0] ?? 1);
}
