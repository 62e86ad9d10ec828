// The types of Arrow columns (Schema.fbs of the Arrow project), and what they become.
import { littleEndianDecimals } from '../columnar/decimals.js';
import type { Fixed } from '../columnar/numbers.js';
import * as numbers from '../columnar/numbers.js';

/** What is stored in a column, without its dictionary. */
export type Reading =
  | { readonly form: 'missing'; readonly type: 'number' }
  | { readonly form: 'bits'; readonly type: 'boolean' }
  | { readonly form: 'fixed'; readonly type: 'number' | 'time'; readonly fixed: Fixed; readonly rounds: string }
  /** @property offsets bytes of an offset */
  | { readonly form: 'texts'; readonly type: 'text'; readonly offsets: 4 | 8 }
  | { readonly form: 'views'; readonly type: 'text' }
  | { readonly form: 'bytes'; readonly type: 'text'; readonly width: number };

/** How many buffers a field has of its own, and whether it has a validity bitmap first. */
export interface Layout {
  readonly buffers: number;
  /** Any number of buffers follow, as many as the batch says. */
  readonly variadic: boolean;
}

/** The number of a type in the union of the schema. */
export const KIND = {
  null: 1,
  int: 2,
  float: 3,
  binary: 4,
  utf8: 5,
  bool: 6,
  decimal: 7,
  date: 8,
  time: 9,
  timestamp: 10,
  interval: 11,
  list: 12,
  struct: 13,
  union: 14,
  fixedBinary: 15,
  fixedList: 16,
  map: 17,
  duration: 18,
  largeBinary: 19,
  largeUtf8: 20,
  largeList: 21,
  runEnd: 22,
  binaryView: 23,
  utf8View: 24,
  listView: 25,
  largeListView: 26,
} as const;
const NAMES = new Map<number, string>(Object.entries(KIND).map(([name, kind]) => [kind, name]));

/** Numbers that describe a type; what they mean depends on the kind. */
export interface ArrowType {
  readonly kind: number;
  /** Bits of an integer or decimal, bytes of a fixed-size binary. */
  readonly width: number;
  readonly signed: boolean;
  /** Of floats the precision; of times the unit. */
  readonly unit: number;
  readonly scale: number;
}

const UNITS = ['s', 'ms', 'us', 'ns'];
const TIMES: readonly Fixed[] = [numbers.SECONDS, numbers.MILLISECONDS, numbers.MICROSECONDS, numbers.NANOSECONDS];
const FLOATS: readonly Fixed[] = [numbers.FLOAT16, numbers.FLOAT32, numbers.FLOAT64];
const INTEGERS: ReadonlyMap<number, readonly [unsigned: Fixed, signed: Fixed]> = new Map([
  [8, [numbers.UINT8, numbers.INT8]],
  [16, [numbers.UINT16, numbers.INT16]],
  [32, [numbers.UINT32, numbers.INT32]],
  [64, [numbers.UINT64, numbers.INT64]],
]);
const MAX_FIXED = 2 ** 20;

/** As Arrow's own tools write it, about: `int64`, `timestamp[us]`. */
export function storedType({ kind, width, signed, unit, scale }: ArrowType): string {
  const name = NAMES.get(kind) ?? `type ${kind}`;
  if (kind === KIND.int) return `${signed ? '' : 'u'}int${width}`;
  if (kind === KIND.float) return ['halffloat', 'float', 'double'][unit] ?? name;
  if (kind === KIND.decimal) return `decimal${width}(scale ${scale})`;
  if (kind === KIND.date) return unit === 0 ? 'date32[day]' : 'date64[ms]';
  if (kind === KIND.time || kind === KIND.timestamp || kind === KIND.duration) return `${name}[${UNITS[unit] ?? '?'}]`;
  if (kind === KIND.fixedBinary) return `fixed_size_binary[${width}]`;
  return name;
}

const fixed = (type: 'number' | 'time', how: Fixed | undefined, rounds = 'integers-rounded'): Reading | undefined =>
  how === undefined ? undefined : { form: 'fixed', type, fixed: how, rounds };

/** Undefined for what has no form as a column of a table. */
export function readingOf({ kind, width, signed, unit, scale }: ArrowType): Reading | undefined {
  switch (kind) {
    case KIND.null:
      return { form: 'missing', type: 'number' };
    case KIND.bool:
      return { form: 'bits', type: 'boolean' };
    case KIND.int:
      return fixed('number', integer(width, signed));
    case KIND.float:
      return fixed('number', FLOATS[unit]);
    case KIND.decimal:
      if (![32, 64, 128, 256].includes(width) || scale < -1000 || scale > 1000) return undefined;
      return fixed('number', littleEndianDecimals(width / 8, scale), 'decimals-rounded');
    case KIND.date:
      return unit === 0 ? fixed('time', numbers.DAYS) : fixed('time', numbers.MILLISECONDS, 'times-rounded');
    case KIND.timestamp:
      return fixed('time', TIMES[unit], 'times-rounded');
    case KIND.duration:
      return fixed('number', TIMES[unit], 'times-rounded');
    case KIND.time:
      // A time of day is a number of milliseconds: it is no point in time.
      if (unit < 2) return width === 32 ? fixed('number', unit === 0 ? numbers.SECONDS_32 : numbers.INT32) : undefined;
      return width === 64 ? fixed('number', TIMES[unit], 'times-rounded') : undefined;
    case KIND.binary:
    case KIND.utf8:
      return { form: 'texts', type: 'text', offsets: 4 };
    case KIND.largeBinary:
    case KIND.largeUtf8:
      return { form: 'texts', type: 'text', offsets: 8 };
    case KIND.binaryView:
    case KIND.utf8View:
      return { form: 'views', type: 'text' };
    case KIND.fixedBinary:
      return width > 0 && width <= MAX_FIXED ? { form: 'bytes', type: 'text', width } : undefined;
    default:
      return undefined;
  }
}

export function integer(width: number, signed: boolean): Fixed | undefined {
  return INTEGERS.get(width)?.[signed ? 1 : 0];
}

/** Buffers of a field, without those of its children; undefined for a kind that is not known. */
export function layoutOf({ kind, unit }: ArrowType, unionHasValidity: boolean): Layout | undefined {
  if (!NAMES.has(kind)) return undefined;
  const of = (buffers: number, variadic = false): Layout => ({ buffers, variadic });
  switch (kind) {
    case KIND.null:
    case KIND.runEnd:
      return of(0);
    case KIND.struct:
    case KIND.fixedList:
      return of(1);
    case KIND.union:
      return of((unit === 1 ? 2 : 1) + (unionHasValidity ? 1 : 0));
    case KIND.binary:
    case KIND.utf8:
    case KIND.largeBinary:
    case KIND.largeUtf8:
    case KIND.listView:
    case KIND.largeListView:
      return of(3);
    case KIND.binaryView:
    case KIND.utf8View:
      return of(2, true);
    default:
      return of(2);
  }
}
