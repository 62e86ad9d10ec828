// One text read as the cell of a column of numbers, times or booleans, as the CSV reader would read it. It brings two tables
// together of which one has a text where the other has the type: a single bad cell makes a whole column text.
import type { ColumnType } from '../table/table.js';
import { classify, KIND, parseBoolean } from './classify.js';
import { WordSet } from './missing-words.js';
import { parseNumber } from './numbers.js';
import { parseTime } from './times.js';

const MISSING = new WordSet();
const INFINITY = /^([+-]?)inf(?:inity)?$/i;
/** No number or time is longer; beyond it a text is a text. */
const LONGEST = 512;

/** Its value; `missing` for blanks and words such as `NA`; undefined where it is none of that type. */
export function cellAs(text: string, type: Exclude<ColumnType, 'text'>): number | 'missing' | undefined {
  if (text.length > LONGEST) return undefined;
  const bare = text.replace(/^ +| +$/g, '');
  const bytes = Buffer.from(bare);
  if (bytes.length === 0) return 'missing';
  if (classify(bytes, 0, bytes.length, 0, MISSING) === KIND.missing) return 'missing';
  const value = valueOf(bytes, type);
  if (!Number.isNaN(value)) return value;
  const infinite = type === 'number' ? INFINITY.exec(bare) : null;
  if (infinite === null) return undefined;
  return infinite[1] === '-' ? -Infinity : Infinity;
}

function valueOf(bytes: Buffer, type: Exclude<ColumnType, 'text'>): number {
  if (type === 'number') return parseNumber(bytes, 0, bytes.length);
  return type === 'time' ? parseTime(bytes, 0, bytes.length) : parseBoolean(bytes, 0, bytes.length);
}
