// Which decoder reads a page: by how the column is stored and how the page is coded.
import { NumberColumn } from '../columnar/number-column.js';
import type { TextColumn } from '../columnar/text-column.js';
import { textOf } from '../columnar/text-column.js';
import { deltaIntegers, deltaLengths, deltaTexts, joinStreams } from './delta.js';
import { Hybrid } from './hybrid.js';
import type { Decoder } from './decoder.js';
import type { NumberDictionary } from './number-decoders.js';
import { dictionaryNumbers, levelBits, plainBits, plainNumbers, spanDecimals } from './number-decoders.js';
import type { Page } from './page.js';
import { PageError } from './page.js';
import type { TextSpans } from './text-decoders.js';
import { dictionaryTexts, FixedSpans, KnownSpans, PlainSpans, spanTexts, uuidText } from './text-decoders.js';
import type { Reading } from './types.js';

const PLAIN = 0;
const RLE = 3;
const DELTA_BINARY_PACKED = 5;
const DELTA_LENGTH_BYTE_ARRAY = 6;
const DELTA_BYTE_ARRAY = 7;
const BYTE_STREAM_SPLIT = 9;
/** PLAIN_DICTIONARY and RLE_DICTIONARY. */
export const isDictionary = (encoding: number): boolean => encoding === 2 || encoding === 8;

export type Dictionary = NumberDictionary | string[];

/** The values of a page: from `start` to `end`, `count` at most. */
export interface Section {
  readonly page: Page;
  readonly start: number;
  readonly end: number;
  readonly encoding: number;
  readonly count: number;
}

/** @throws PageError, also for an encoding that the type does not have */
export function decoderOf(
  reading: Reading,
  section: Section,
  column: NumberColumn | TextColumn,
  dictionary: Dictionary | undefined,
): Decoder {
  const { page, start, end, encoding } = section;
  if (isDictionary(encoding)) {
    if (dictionary === undefined) throw new PageError('it wants a dictionary, and there is none');
    const width = start < end ? page.bytes[start]! : 0;
    const indices = new Hybrid(page, Math.min(start + 1, end), end, width);
    if (column instanceof NumberColumn) {
      if (!Array.isArray(dictionary)) return dictionaryNumbers(column, indices, dictionary);
    } else if (Array.isArray(dictionary)) return dictionaryTexts(column, indices, dictionary);
  } else if (!(column instanceof NumberColumn)) {
    if (reading.form === 'texts')
      return spanTexts(column, spansOf(reading.width, section), reading.uuid ? uuidText : textOf);
  } else if (reading.form === 'bits') {
    if (encoding === PLAIN) return plainBits(column, page, start, end);
    if (encoding === RLE) return levelBits(column, prefixed(page, start, end, 1).levels);
  } else if (reading.form === 'decimals') return spanDecimals(column, spansOf(undefined, section), reading.scale);
  else if (reading.form === 'fixed') {
    const plain = plainOf(reading.fixed.width, section);
    return plainNumbers(column, plain.page, plain.start, plain.end, reading.fixed);
  }
  throw new PageError(`its encoding ${encoding} does not belong to its type`);
}

/** Levels with their length in four bytes in front. */
export function prefixed(page: Page, start: number, end: number, width: number): { levels: Hybrid; end: number } {
  if (start + 4 > end) throw new PageError('its levels are cut off');
  const to = start + 4 + page.view.getUint32(start, true);
  if (to > end) throw new PageError('its levels are longer than the page');
  return { levels: new Hybrid(page, start + 4, to, width), end: to };
}

/** The plain form of values of fixed width. */
function plainOf(
  width: number,
  { page, start, end, encoding, count }: Section,
): { page: Page; start: number; end: number } {
  if (encoding === PLAIN) return { page, start, end };
  if (encoding === BYTE_STREAM_SPLIT) return whole(joinStreams(page, start, end, width));
  if (encoding === DELTA_BINARY_PACKED && (width === 4 || width === 8))
    return whole(deltaIntegers(page, start, end, width, count).page);
  if (encoding === DELTA_BYTE_ARRAY) {
    const spans = deltaTexts(page, start, end, count);
    if (spans.ends.some((to, i) => to !== (i + 1) * width))
      throw new PageError('a value has another width than its column');
    return whole(spans.page);
  }
  throw new PageError(`its encoding ${encoding} does not belong to its type`);
}

const whole = (page: Page): { page: Page; start: number; end: number } => ({ page, start: 0, end: page.end });

function spansOf(width: number | undefined, section: Section): TextSpans {
  const { page, start, end, encoding, count } = section;
  if (width !== undefined) {
    const plain = plainOf(width, section);
    return new FixedSpans(plain.page, plain.start, plain.end, width);
  }
  if (encoding === PLAIN) return new PlainSpans(page, start, end);
  if (encoding === DELTA_LENGTH_BYTE_ARRAY) return new KnownSpans(deltaLengths(page, start, end, count));
  if (encoding === DELTA_BYTE_ARRAY) return new KnownSpans(deltaTexts(page, start, end, count));
  throw new PageError(`its encoding ${encoding} does not belong to its type`);
}
