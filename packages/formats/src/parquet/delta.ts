// The encodings of Parquet that store differences or parts of values (parquet-format, Encodings.md). Each is turned into
// the plain form of its page; how much that takes is known before room is made for it.
import { bitsAt } from './hybrid.js';
import type { Page } from './page.js';
import { newPage, PageError } from './page.js';

/** Bytes that one page may become. */
export const MAX_PAGE = 2 ** 28 - 64;

const CUT = 'its differences are cut off';

/** A walk over DELTA_BINARY_PACKED: little-endian integers of `width` bytes. @returns them, and where the coding ends */
export function deltaIntegers(
  page: Page,
  start: number,
  end: number,
  width: 4 | 8,
  maxValues: number,
): { page: Page; count: number; pos: number } {
  const { bytes, view } = page;
  let pos = start;
  /** Up to 64 bits, in halves. */
  let low = 0;
  let high = 0;
  const varint = (): void => {
    low = high = 0;
    for (let shift = 0; ; shift += 7) {
      if (pos >= end || shift > 63) throw new PageError(CUT);
      const byte = bytes[pos++]!;
      const part = byte & 127;
      if (shift < 32) low |= part << shift;
      if (shift > 25) high |= shift < 32 ? part >>> (32 - shift) : part << (shift - 32);
      if (byte < 128) return;
    }
  };
  const size = (): number => {
    varint();
    if (high !== 0 || low < 0) throw new PageError('a count among its differences is too large');
    return low;
  };
  const zigzag = (): void => {
    varint();
    const sign = -(low & 1);
    low = ((low >>> 1) | (high << 31)) ^ sign;
    high = (high >>> 1) ^ sign;
  };
  const block = size();
  const minis = size();
  const count = size();
  zigzag();
  if (count > maxValues || count * width > MAX_PAGE) throw new PageError('it has more differences than values');
  const perMini = block / minis;
  if (!(minis > 0 && minis <= 65_536 && block % 128 === 0 && perMini % 32 === 0 && perMini > 0))
    throw new PageError('its differences come in blocks of no valid size');
  const out = newPage(count * width, page.account);
  let [valueLow, valueHigh] = [low, high];
  let at = 0;
  const put = (): void => {
    out.view.setInt32(at, valueLow, true);
    if (width === 8) out.view.setInt32(at + 4, valueHigh, true);
    at += width;
  };
  const stop = count * width;
  if (count > 0) put();
  while (at < stop) {
    zigzag();
    const [minLow, minHigh] = [low, high];
    const widths = pos;
    pos += minis;
    if (pos > end) throw new PageError(CUT);
    for (let mini = 0; mini < minis && at < stop; mini++) {
      const bits = bytes[widths + mini]!;
      if (bits > 64) throw new PageError('a difference has more than 64 bits');
      const last = Math.min(stop, at + perMini * width);
      let bit = pos * 8;
      // The last values of the last part may come without what pads it.
      if (bit + ((last - at) / width) * bits > end * 8) throw new PageError(CUT);
      while (at < last) {
        const partLow = bitsAt(view, bit, Math.min(bits, 32));
        const partHigh = bits > 32 ? bitsAt(view, bit + 32, bits - 32) : 0;
        bit += bits;
        const difference = (minLow >>> 0) + (partLow >>> 0);
        const sum = (valueLow >>> 0) + (difference >>> 0);
        valueHigh =
          (valueHigh + minHigh + partHigh + (difference > 0xffffffff ? 1 : 0) + (sum > 0xffffffff ? 1 : 0)) | 0;
        valueLow = sum | 0;
        put();
      }
      pos = Math.min(end, pos + (perMini / 8) * bits);
    }
  }
  return { page: out, count, pos };
}

/** Texts one behind the other, and where each ends. */
export interface Spans {
  readonly page: Page;
  readonly ends: Int32Array;
  /** Where the first begins. */
  readonly start: number;
}

function lengthsOf(page: Page, start: number, end: number, maxValues: number): { lengths: Int32Array; pos: number } {
  const { page: plain, count, pos } = deltaIntegers(page, start, end, 4, maxValues);
  return { lengths: new Int32Array(plain.bytes.buffer, 0, count), pos };
}

/** DELTA_LENGTH_BYTE_ARRAY: all lengths, then all bytes. */
export function deltaLengths(page: Page, start: number, end: number, maxValues: number): Spans {
  const { lengths, pos } = lengthsOf(page, start, end, maxValues);
  const ends = new Int32Array(lengths.length);
  let at = pos;
  for (let i = 0; i < lengths.length; i++) {
    const length = lengths[i]!;
    if (length < 0 || length > end - at) throw new PageError('a text is longer than its page');
    ends[i] = at += length;
  }
  return { page, ends, start: pos };
}

/** DELTA_BYTE_ARRAY: how much of the text before is kept, and what follows it. */
export function deltaTexts(page: Page, start: number, end: number, maxValues: number): Spans {
  const { lengths: kept, pos } = lengthsOf(page, start, end, maxValues);
  const suffixes = deltaLengths(page, pos, end, maxValues);
  if (suffixes.ends.length !== kept.length) throw new PageError('it has other counts of prefixes and suffixes');
  let size = 0;
  for (let i = 0, from = suffixes.start, before = 0; i < kept.length; i++) {
    const to = suffixes.ends[i]!;
    if (kept[i]! < 0 || kept[i]! > before) throw new PageError('a text keeps more of the one before than there is');
    before = kept[i]! + to - from;
    size += before;
    from = to;
    // Each text may repeat the longest before it.
    if (size > MAX_PAGE) throw new PageError('its texts take more room than a page is given');
  }
  const out = newPage(size, page.account);
  const ends = new Int32Array(kept.length);
  let at = 0;
  for (let i = 0, from = suffixes.start, before = 0; i < kept.length; i++) {
    const to = suffixes.ends[i]!;
    const begin = at;
    out.bytes.copyWithin(at, before, before + kept[i]!);
    at += kept[i]!;
    out.bytes.set(suffixes.page.bytes.subarray(from, to), at);
    at += to - from;
    ends[i] = at;
    before = begin;
    from = to;
  }
  return { page: out, ends, start: 0 };
}

/** BYTE_STREAM_SPLIT: first bytes of all values, then their second bytes, and so on. */
export function joinStreams(page: Page, start: number, end: number, width: number): Page {
  const count = Math.floor((end - start) / width);
  const out = newPage(count * width, page.account);
  for (let byte = 0; byte < width; byte++) {
    const from = start + byte * count;
    for (let i = 0; i < count; i++) out.bytes[i * width + byte] = page.bytes[from + i]!;
  }
  return out;
}
