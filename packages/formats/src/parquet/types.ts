// How the values of a column are stored, and what they become: physical and logical types of parquet-format, LogicalTypes.md.
import { bigEndianDecimals, littleEndianDecimals } from '../columnar/decimals.js';
import type { Fixed } from '../columnar/numbers.js';
import * as numbers from '../columnar/numbers.js';
import type { SchemaElement } from './metadata.js';

export const PHYSICAL = [
  'BOOLEAN',
  'INT32',
  'INT64',
  'INT96',
  'FLOAT',
  'DOUBLE',
  'BYTE_ARRAY',
  'FIXED_LEN_BYTE_ARRAY',
] as const;
const MAX_FIXED = 2 ** 20;

export type Reading =
  | { readonly form: 'bits'; readonly type: 'boolean' }
  /** @property rounds code of the note for values that are rounded */
  | { readonly form: 'fixed'; readonly type: 'number' | 'time'; readonly fixed: Fixed; readonly rounds: string }
  /** Decimals of any length, the highest byte first. */
  | { readonly form: 'decimals'; readonly type: 'number'; readonly scale: number }
  /** @property width bytes of a value where all have the same */
  | { readonly form: 'texts'; readonly type: 'text'; readonly width: number | undefined; readonly uuid: boolean };

/** As the file says it: `INT64 TIMESTAMP(MICROS)`. */
export function storedType({ physical, logical, length }: SchemaElement): string {
  const name = PHYSICAL[physical ?? -1] ?? 'UNKNOWN';
  const sized = physical === 7 ? `${name}(${length})` : name;
  if (logical === undefined) return sized;
  return `${sized} ${logical.name}${logical.unit === undefined ? '' : `(${logical.unit})`}`;
}

const fixed = (type: 'number' | 'time', how: Fixed, rounds = 'integers-rounded'): Reading => ({
  form: 'fixed',
  type,
  fixed: how,
  rounds,
});

/** Undefined for what has no form as a column of a table. */
export function readingOf({ physical, logical, length, scale }: SchemaElement): Reading | undefined {
  const name = logical?.name;
  if (name === 'DECIMAL' && !(scale >= 0 && scale <= 1000)) return undefined;
  const decimal = name === 'DECIMAL';
  switch (PHYSICAL[physical ?? -1]) {
    case 'BOOLEAN':
      return { form: 'bits', type: 'boolean' };
    case 'INT32':
      if (decimal) return fixed('number', littleEndianDecimals(4, scale), 'decimals-rounded');
      if (name === 'DATE') return fixed('time', numbers.DAYS);
      return fixed('number', logical?.signed === false ? numbers.UINT32 : numbers.INT32);
    case 'INT64':
      if (decimal) return fixed('number', littleEndianDecimals(8, scale), 'decimals-rounded');
      // A time of day is a number of milliseconds: it is no point in time.
      if (name === 'TIMESTAMP' || name === 'TIME')
        return fixed(name === 'TIME' ? 'number' : 'time', ofUnit(logical?.unit), 'times-rounded');
      return fixed('number', logical?.signed === false ? numbers.UINT64 : numbers.INT64);
    case 'INT96':
      return fixed('time', numbers.INT96, 'times-rounded');
    case 'FLOAT':
      return fixed('number', numbers.FLOAT32);
    case 'DOUBLE':
      return fixed('number', numbers.FLOAT64);
    case 'BYTE_ARRAY':
      if (decimal) return { form: 'decimals', type: 'number', scale };
      return { form: 'texts', type: 'text', width: undefined, uuid: false };
    case 'FIXED_LEN_BYTE_ARRAY':
      if (!(length > 0 && length <= MAX_FIXED) || name === 'INTERVAL') return undefined;
      if (decimal) return fixed('number', bigEndianDecimals(length, scale), 'decimals-rounded');
      if (name === 'FLOAT16' && length === 2) return fixed('number', numbers.FLOAT16);
      return { form: 'texts', type: 'text', width: length, uuid: name === 'UUID' && length === 16 };
    default:
      return undefined;
  }
}

function ofUnit(unit: string | undefined): Fixed {
  return unit === 'NANOS' ? numbers.NANOSECONDS : unit === 'MICROS' ? numbers.MICROSECONDS : numbers.MILLISECONDS;
}
