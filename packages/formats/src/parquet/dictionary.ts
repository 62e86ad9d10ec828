// The dictionary of a column chunk: its values are made once, numbers or strings, however often they are used.
import type { Account } from '../columnar/budget.js';
import { bigEndianDecimal } from '../columnar/decimals.js';
import { NumberColumn } from '../columnar/number-column.js';
import type { Convert } from '../columnar/numbers.js';
import type { TextColumn } from '../columnar/text-column.js';
import { hexOf, textOf } from '../columnar/text-column.js';
import type { Dictionary } from './decoders.js';
import { isDictionary } from './decoders.js';
import type { NumberDictionary } from './number-decoders.js';
import { CUT } from './decoder.js';
import type { Page } from './page.js';
import { PageError } from './page.js';
import type { PageHeader } from './page-header.js';
import type { TextSpans } from './text-decoders.js';
import { FixedSpans, PlainSpans, uuidText } from './text-decoders.js';
import type { Reading } from './types.js';

/** Bytes of a string beside its characters, about. */
const STRING = 24;
const PLAIN = 0;

/** @throws PageError @throws VallumError `TABLE_LIMIT` */
export function readDictionary(
  reading: Reading,
  page: Page,
  { values, encoding }: PageHeader,
  column: NumberColumn | TextColumn,
  account: Account,
): Dictionary {
  if (encoding !== PLAIN && !isDictionary(encoding)) throw new PageError('its dictionary has no valid encoding');
  if (reading.form === 'bits') throw new PageError('it has a dictionary of booleans');
  if (reading.form === 'fixed') {
    const { width } = reading.fixed;
    if (values * width > page.end) throw new PageError(`in its dictionary ${CUT}`);
    account.take(values * 9);
    return fixedDictionary(reading.fixed.convert, page, width, values);
  }
  const width = reading.form === 'texts' ? reading.width : undefined;
  if (values * (width ?? 4) > page.end) throw new PageError(`in its dictionary ${CUT}`);
  const spans = width === undefined ? new PlainSpans(page, 0, page.end) : new FixedSpans(page, 0, page.end, width);
  account.take(values * STRING + page.end);
  if (reading.form === 'decimals') return decimalDictionary(spans, values, reading.scale);
  const texts: string[] = [];
  for (let i = 0; i < values; i++) {
    spans.next();
    const text = reading.uuid
      ? uuidText(spans.bytes, spans.start, spans.end)
      : textOf(spans.bytes, spans.start, spans.end);
    if (text === undefined && !(column instanceof NumberColumn)) column.invalid += 1;
    texts.push(text ?? hexOf(spans.bytes, spans.start, spans.end));
  }
  return texts;
}

function fixedDictionary(convert: Convert, { view }: Page, width: number, count: number): NumberDictionary {
  const values = new Float64Array(count);
  if (convert(view, 0, values, 0, count) === 0) return { values, rounded: undefined };
  return { values, rounded: Uint8Array.from(values, (_, i) => convert(view, i * width, values, i, 1)) };
}

function decimalDictionary(spans: TextSpans, count: number, scale: number): NumberDictionary {
  const values = new Float64Array(count);
  const rounded = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    spans.next();
    const decimal = bigEndianDecimal(spans.bytes, spans.start, spans.end, scale);
    values[i] = decimal.value;
    rounded[i] = decimal.rounded ? 1 : 0;
  }
  return { values, rounded };
}
