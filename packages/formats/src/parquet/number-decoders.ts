// From the values of a page to numbers, a part at a time.
import type { NumberColumn } from '../columnar/number-column.js';
import type { Fixed } from '../columnar/numbers.js';
import { bigEndianDecimal } from '../columnar/decimals.js';
import { CUT } from './decoder.js';
import type { Decoder } from './decoder.js';
import type { Levels } from './hybrid.js';
import type { Page } from './page.js';
import { PageError } from './page.js';
import type { TextSpans } from './text-decoders.js';

export function plainNumbers(
  column: NumberColumn,
  { view }: Page,
  start: number,
  end: number,
  { width, convert }: Fixed,
): Decoder {
  let pos = start;
  return {
    read(at, count) {
      if (count * width > end - pos) throw new PageError(CUT);
      column.rounded += convert(view, pos, column.lane, at, count);
      pos += count * width;
    },
  };
}

/** One bit a value, the lowest first. */
export function plainBits(column: NumberColumn, { bytes }: Page, start: number, end: number): Decoder {
  let bit = start * 8;
  return {
    read(at, count) {
      if (bit + count > end * 8) throw new PageError(CUT);
      for (let i = at; i < at + count; i++, bit++) column.lane[i] = (bytes[bit >> 3]! >> (bit & 7)) & 1;
    },
  };
}

const PART = 4096;
const scratch = new Int32Array(PART);

/** Booleans as runs. */
export function levelBits(column: NumberColumn, levels: Levels): Decoder {
  return {
    read(from, count) {
      for (let at = from, left = count; left > 0;) {
        const part = Math.min(left, PART);
        levels.read(scratch, 0, part);
        for (let i = 0; i < part; i++) column.lane[at + i] = scratch[i]!;
        at += part;
        left -= part;
      }
    },
  };
}

/** The dictionary of a chunk, and which of its values are rounded. */
export interface NumberDictionary {
  readonly values: Float64Array;
  readonly rounded: Uint8Array | undefined;
}

export function dictionaryNumbers(
  column: NumberColumn,
  indices: Levels,
  { values, rounded }: NumberDictionary,
): Decoder {
  const size = values.length;
  return {
    read(from, count) {
      const { lane } = column;
      for (let at = from, left = count; left > 0;) {
        const part = Math.min(left, PART);
        indices.read(scratch, 0, part);
        for (let i = 0; i < part; i++) {
          const index = scratch[i]!;
          if (index >>> 0 >= size) throw new PageError('an index leads beyond its dictionary');
          lane[at + i] = values[index]!;
        }
        if (rounded !== undefined) for (let i = 0; i < part; i++) column.rounded += rounded[scratch[i]!]!;
        at += part;
        left -= part;
      }
    },
  };
}

/** Decimals of different lengths. */
export function spanDecimals(column: NumberColumn, spans: TextSpans, scale: number): Decoder {
  return {
    read(from, count) {
      for (let at = from; at < from + count; at++) {
        spans.next();
        const { value, rounded } = bigEndianDecimal(spans.bytes, spans.start, spans.end, scale);
        column.lane[at] = value;
        if (rounded) column.rounded += 1;
      }
    },
  };
}
