// Decimals: whole numbers of any length and a power of ten that divides them. The result is the float64 nearest to the
// decimal; one that has more digits than a float64 can tell apart is counted as rounded.
import type { Fixed } from './numbers.js';

const MAX_EXACT_POWER = 22;

/** @returns the nearest float64 */
function nearest(unscaled: bigint, scale: number): number {
  return Number(`${unscaled}e${-scale}`);
}

/** Whether `value` times 10^scale was whole and below 2^53, so that the quotient is the nearest float64. */
const exact = (unscaled: number, scale: number): boolean =>
  Number.isSafeInteger(unscaled) && scale >= 0 && scale <= MAX_EXACT_POWER;

/** One decimal of `end - start` bytes, the highest first. */
export function bigEndianDecimal(
  bytes: Uint8Array,
  start: number,
  end: number,
  scale: number,
): { value: number; rounded: boolean } {
  let unscaled = end > start && bytes[start]! >= 128 ? -1 : 0;
  for (let at = start; at < end; at++) {
    unscaled = unscaled * 256 + bytes[at]!;
    if (!Number.isSafeInteger(unscaled)) {
      const hex = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('hex');
      return { value: nearest(BigInt.asIntN((end - start) * 8, BigInt(`0x${hex}`)), scale), rounded: true };
    }
  }
  const value = exact(unscaled, scale) ? unscaled / 10 ** scale : nearest(BigInt(unscaled), scale);
  return { value, rounded: false };
}

/** @param width bytes of a value */
export function bigEndianDecimals(width: number, scale: number): Fixed {
  return decimals(width, (view, pos) => {
    const bytes = new Uint8Array(view.buffer, view.byteOffset + pos, width);
    return bigEndianDecimal(bytes, 0, width, scale);
  });
}

/** @param width bytes of a value: 4, 8, 16 or 32 */
export function littleEndianDecimals(width: number, scale: number): Fixed {
  return decimals(width, (view, pos) => {
    // Halves of 32 bits from the highest; what fits in 53 bits needs no big integer.
    let unscaled = view.getInt32(pos + width - 4, true);
    for (let at = width - 8; at >= 0 && Number.isSafeInteger(unscaled); at -= 4)
      unscaled = unscaled * 2 ** 32 + view.getUint32(pos + at, true);
    if (exact(unscaled, scale)) return { value: unscaled / 10 ** scale, rounded: false };
    let whole = BigInt(view.getInt32(pos + width - 4, true));
    for (let at = width - 8; at >= 0; at -= 4) whole = (whole << 32n) | BigInt(view.getUint32(pos + at, true));
    return { value: nearest(whole, scale), rounded: !Number.isSafeInteger(unscaled) };
  });
}

function decimals(width: number, get: (view: DataView, pos: number) => { value: number; rounded: boolean }): Fixed {
  return {
    width,
    convert(view, pos, out, at, count) {
      let rounded = 0;
      for (let i = 0; i < count; i++) {
        const { value, rounded: lossy } = get(view, pos + i * width);
        out[at + i] = value;
        if (lossy) rounded += 1;
      }
      return rounded;
    },
  };
}
