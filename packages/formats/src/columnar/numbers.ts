// Numbers of fixed width, little-endian as files have them, as float64. What a float64 cannot hold is counted: a caller says
// so, because a rounded identifier is another identifier.

/** Writes `count` values from byte `pos` on. @returns how many were rounded */
export type Convert = (view: DataView, pos: number, out: Float64Array, at: number, count: number) => number;

export interface Fixed {
  /** Bytes of a value. */
  readonly width: number;
  readonly convert: Convert;
}

/** Above it a count of seconds to nanoseconds as milliseconds has no room for microseconds. */
const FINE_MILLISECONDS = 2 ** 43;
/** Upper halves within which every 64-bit integer is a float64. */
const SAFE_HIGH = 2 ** 21;

type Getter = (view: DataView, pos: number) => number;

function each(width: number, get: Getter): Fixed {
  return {
    width,
    convert(view, pos, out, at, count) {
      for (let i = 0; i < count; i++) out[at + i] = get(view, pos + i * width);
      return 0;
    },
  };
}

export const INT8 = each(1, (view, pos) => view.getInt8(pos));
export const UINT8 = each(1, (view, pos) => view.getUint8(pos));
export const INT16 = each(2, (view, pos) => view.getInt16(pos, true));
export const UINT16 = each(2, (view, pos) => view.getUint16(pos, true));
export const INT32 = each(4, (view, pos) => view.getInt32(pos, true));
export const UINT32 = each(4, (view, pos) => view.getUint32(pos, true));
export const FLOAT32 = each(4, (view, pos) => view.getFloat32(pos, true));
export const FLOAT16 = each(2, (view, pos) => half(view.getUint16(pos, true)));
/** Days as milliseconds. */
export const DAYS = each(4, (view, pos) => view.getInt32(pos, true) * 86_400_000);
export const SECONDS_32 = each(4, (view, pos) => view.getInt32(pos, true) * 1000);

export const FLOAT64: Fixed = {
  width: 8,
  convert(view, pos, out, at, count) {
    const bytes = new Uint8Array(view.buffer, view.byteOffset + pos, count * 8);
    new Uint8Array(out.buffer, out.byteOffset + at * 8, count * 8).set(bytes);
    return 0;
  },
};

/** IEEE 754 binary16. */
function half(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const size =
    exponent === 0
      ? fraction * 2 ** -24
      : exponent === 31
        ? fraction === 0
          ? Infinity
          : NaN
        : (1 + fraction / 1024) * 2 ** (exponent - 15);
  return bits >> 15 === 0 ? size : -size;
}

export const INT64: Fixed = {
  width: 8,
  convert(view, pos, out, at, count) {
    let rounded = 0;
    for (let i = 0; i < count; i++) {
      const from = pos + i * 8;
      const high = view.getInt32(from + 4, true);
      const value = high * 2 ** 32 + view.getUint32(from, true);
      out[at + i] = value;
      if ((high >= SAFE_HIGH || high < -SAFE_HIGH) && BigInt(value) !== view.getBigInt64(from, true)) rounded += 1;
    }
    return rounded;
  },
};

export const UINT64: Fixed = {
  width: 8,
  convert(view, pos, out, at, count) {
    let rounded = 0;
    for (let i = 0; i < count; i++) {
      const from = pos + i * 8;
      const high = view.getUint32(from + 4, true);
      const value = high * 2 ** 32 + view.getUint32(from, true);
      out[at + i] = value;
      if (high >= SAFE_HIGH && BigInt(value) !== view.getBigUint64(from, true)) rounded += 1;
    }
    return rounded;
  },
};

/** 64-bit counts of a unit, as milliseconds. @param perMillisecond 1e-3 for seconds, 1, 1e3 for µs */
function times(perMillisecond: number): Fixed {
  const factor = perMillisecond < 1 ? 1 / perMillisecond : 1;
  const divisor = Math.max(1, perMillisecond);
  return {
    width: 8,
    convert(view, pos, out, at, count) {
      let rounded = INT64.convert(view, pos, out, at, count);
      for (let i = at; i < at + count; i++) {
        const stored = out[i]!;
        const value = (stored * factor) / divisor;
        out[i] = value;
        const far = value >= FINE_MILLISECONDS || value <= -FINE_MILLISECONDS;
        if (far && (Math.round(value * divisor) !== stored * factor || !Number.isSafeInteger(stored * factor)))
          rounded += 1;
      }
      return rounded;
    },
  };
}

export const SECONDS = times(1e-3);
export const MILLISECONDS = times(1);
export const MICROSECONDS = times(1e3);

/** 2^32 ns are 4294 ms and these nanoseconds. */
const REST_OF_HIGH = 967_296;

/**
 * Milliseconds of a count of nanoseconds in two halves, and of whole milliseconds beside it: exactly what the same number of
 * microseconds gives, where it is one.
 */
function fromNanoseconds(out: Float64Array, at: number, milliseconds: number, high: number, low: number): 0 | 1 {
  const rest = high * REST_OF_HIGH + low;
  const whole = Math.floor(rest / 1e6);
  const part = rest - whole * 1e6;
  const value = milliseconds + high * 4294 + whole;
  const finer = part % 1000;
  const micros = value * 1000 + (part - finer) / 1000;
  out[at] = Number.isSafeInteger(micros) ? (micros + finer / 1000) / 1000 : value + part / 1e6;
  return finer === 0 && Number.isSafeInteger(micros) ? 0 : 1;
}

export const NANOSECONDS: Fixed = {
  width: 8,
  convert(view, pos, out, at, count) {
    let rounded = 0;
    for (let i = 0; i < count; i++) {
      const from = pos + i * 8;
      rounded += fromNanoseconds(out, at + i, 0, view.getInt32(from + 4, true), view.getUint32(from, true));
    }
    return rounded;
  },
};

const JULIAN_1970 = 2_440_588;

/** The 96-bit timestamps of old writers: nanoseconds of the day, then the Julian day. */
export const INT96: Fixed = {
  width: 12,
  convert(view, pos, out, at, count) {
    let rounded = 0;
    for (let i = 0; i < count; i++) {
      const from = pos + i * 12;
      const day = (view.getUint32(from + 8, true) - JULIAN_1970) * 86_400_000;
      rounded += fromNanoseconds(out, at + i, day, view.getInt32(from + 4, true), view.getUint32(from, true));
    }
    return rounded;
  },
};
