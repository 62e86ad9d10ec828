// Arrays inside MessagePack. Flax (flax/serialization.py): extension 1 or 3 holds the list (shape, name of the type,
// bytes). msgpack-numpy, also in spaCy: a map with the keys `nd`, `type`, `kind`, `shape`, `data`, where the kind `O` says
// that the data is a pickle, which its decoder loads without asking.
import type { Cursor } from '../bytes/cursor.js';
import { Cursor as Reader, CursorError } from '../bytes/cursor.js';
import type { Parser } from '../bytes/parser.js';
import { MAX_HEADER, readHeader } from './header.js';

export interface MsgpackArray {
  readonly writer: 'flax' | 'msgpack-numpy';
  readonly offset: number;
  /** As written; empty where it is no plain text. */
  readonly dtype: string;
  readonly dataOffset: number;
  readonly dataLength: number;
  /** Its data is a pickle. */
  readonly objects: boolean;
  /** What is wrong with it. */
  readonly problem?: string;
}

const MAX_DIMENSIONS = 64;
const WIDTHS: Readonly<Record<string, number>> = {
  bool: 1,
  bool_: 1,
  int2: 1,
  uint2: 1,
  int4: 1,
  uint4: 1,
  int8: 1,
  uint8: 1,
  float4_e2m1fn: 1,
  float6_e2m3fn: 1,
  float6_e3m2fn: 1,
  int16: 2,
  uint16: 2,
  float16: 2,
  bfloat16: 2,
  int32: 4,
  uint32: 4,
  float32: 4,
  int64: 8,
  uint64: 8,
  float64: 8,
  complex64: 8,
  complex128: 16,
  float128: 16,
  longdouble: 16,
  complex256: 32,
};

/** Bytes of one element by the name of its numpy type; undefined for a name that no writer of numbers uses. */
function widthOfName(name: string): number | undefined {
  if (Object.hasOwn(WIDTHS, name)) return WIDTHS[name];
  if (/^float8_[a-z0-9]{4,12}$/.test(name)) return 1;
  if (/^(?:datetime|timedelta)64(?:\[[0-9A-Za-z/]{1,8}\])?$/.test(name)) return 8;
  const bits = /^(?:str|bytes)(\d{1,9})$/.exec(name)?.[1];
  return bits === undefined ? undefined : Number(bits) / 8;
}

/** The same for an array protocol type string, as `<f8`. */
export function widthOfType(type: string): number | undefined {
  const match = /^[<>=|]?(?:([biufcmMSUV?])(\d{0,9})(?:\[[0-9A-Za-z]{1,8}\])?)$/.exec(type);
  if (match === null) return undefined;
  const width = match[2] === '' ? 1 : Number(match[2]);
  return match[1] === 'U' ? width * 4 : width;
}

/**
 * Reads the extension of one Flax array up to its data.
 * @returns undefined where it has not the shape of one
 */
export function* readFlaxArray(start: number, length: number): Parser<MsgpackArray | undefined> {
  const cursor = new Reader(start, start + length);
  try {
    yield* cursor.fill(1024);
    const list = readHeader(cursor);
    if (list.kind !== 'list' || list.length !== 3) return undefined;
    const shape = yield* readShape(cursor);
    if (shape === undefined) return undefined;
    const dtype = yield* readName(cursor);
    if (dtype === undefined) return undefined;
    if (!cursor.holds(MAX_HEADER)) yield* cursor.fill(MAX_HEADER);
    const data = readHeader(cursor);
    if (data.kind !== 'bytes' && data.kind !== 'text') return undefined;
    const whole = {
      writer: 'flax',
      offset: start,
      dtype,
      dataOffset: cursor.at,
      dataLength: data.length,
      objects: false,
    } as const;
    const problem =
      data.length !== cursor.left
        ? `its data has ${data.length} bytes and ${cursor.left} are left`
        : sizeProblem(shape, widthOfName(dtype), data.length, dtype);
    return problem === undefined ? whole : { ...whole, problem };
  } catch (error) {
    if (!(error instanceof CursorError)) throw error;
    return undefined;
  }
}

function* readShape(cursor: Cursor): Parser<readonly bigint[] | undefined> {
  const list = readHeader(cursor);
  if (list.kind !== 'list' || list.length > MAX_DIMENSIONS) return undefined;
  const shape: bigint[] = [];
  for (let index = 0; index < list.length; index++) {
    if (!cursor.holds(MAX_HEADER)) yield* cursor.fill(MAX_HEADER);
    const side = readHeader(cursor);
    if (side.kind !== 'plain' || (typeof side.value !== 'number' && typeof side.value !== 'bigint')) return undefined;
    if (!(side.value >= 0) || (typeof side.value === 'number' && !Number.isInteger(side.value))) return undefined;
    shape.push(BigInt(side.value));
  }
  return shape;
}

function* readName(cursor: Cursor): Parser<string | undefined> {
  if (!cursor.holds(MAX_HEADER)) yield* cursor.fill(MAX_HEADER);
  const name = readHeader(cursor);
  if ((name.kind !== 'text' && name.kind !== 'bytes') || name.length > 256) return undefined;
  return (yield* cursor.need(name.length)).toString('latin1');
}

export function sizeProblem(
  shape: readonly bigint[],
  width: number | undefined,
  bytes: number,
  dtype: string,
): string | undefined {
  if (width === undefined) return `its type is ${JSON.stringify(dtype.slice(0, 80))}`;
  const wanted = shape.reduce((product, side) => product * side, BigInt(width));
  return wanted === BigInt(bytes) ? undefined : `its shape and type need ${wanted} bytes and it has ${bytes}`;
}
