// Brings numbers to [0, 1]. Where nothing was learned the scale comes from the row alone: one that followed earlier queries would
// differ between workers, and a caller could stretch it until everything looked alike.
import type { Datatype, NumberArray } from '../../protocol/inspected.js';

/** As learned from training data. */
export interface Range {
  readonly minimum: number;
  readonly maximum: number;
}

/** `(value - low) * factor` is what is cut to [0, 1]. */
export interface Scale {
  readonly low: number;
  readonly factor: number;
}

const WHOLE: Partial<Record<Datatype, Range>> = {
  BOOL: { minimum: 0, maximum: 1 },
  UINT8: { minimum: 0, maximum: 255 },
  INT8: { minimum: -128, maximum: 127 },
};
/** A few negative numbers do not make a row symmetric: one pixel must not move all the others. */
const SIGNED_SHARE = 0.01;
const HEADROOM = 4;
/** Numbers that are looked at to find the scale of a row. */
const LOOKED_AT = 1_024;

export function scaleOf(row: NumberArray, datatype: Datatype, learned: Range | undefined = WHOLE[datatype]): Scale {
  if (learned !== undefined) {
    const width = learned.maximum - learned.minimum;
    return { low: learned.minimum, factor: width > 0 && width < Infinity ? 1 / width : 0 };
  }
  const step = Math.max(1, Math.floor(row.length / LOOKED_AT));
  let [sum, negative, seen] = [0, 0, 0];
  for (let i = 0; i < row.length; i += step) {
    const value = row[i] as number;
    if (!Number.isFinite(value)) continue;
    sum += Math.abs(value);
    seen += 1;
    if (value < 0) negative += 1;
  }
  if (sum === 0 || !(sum < Infinity)) return { low: 0, factor: 1 };
  const top = 2 ** Math.ceil(Math.log2((HEADROOM * sum) / seen));
  return negative > SIGNED_SHARE * seen ? { low: -top, factor: 1 / (2 * top) } : { low: 0, factor: 1 / top };
}

/** Cut to [0, 1]; what is not a number becomes 0. */
export function unit(value: number): number {
  return value > 0 ? Math.min(1, value) : 0;
}
