// A CSV table as the body of a request (RFC 4180): a header, then rows of as many cells. A column of numbers only is numeric,
// an empty cell in it is missing; any other column is text. Quotes elsewhere than around a whole cell are refused, because
// readers differ about them.
import type { Refusal } from '../door/refusal.js';
import { refuse } from '../door/refusal.js';
import type { BodySettings } from './body-settings.js';
import { isUtf8 } from 'node:buffer';
import type { Inspected, InputTensor } from './inspected.js';

/** No two of its parts can take the same character, so that a cell that fits nearly costs one look at each of its own. */
const NUMBER = /^[ \t]*[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?[ \t]*$/;
/** Characters of a cell that may be a number: any double is told in fewer than 800. */
const LONGEST_NUMBER = 1_024;
const NO_PART_OF_A_NUMBER = /[^0-9.eE+\- \t]/;
/** Words that pandas reads as floats, or as missing. */
const FLOAT_WORDS: ReadonlyMap<string, number> = new Map([
  ['', NaN],
  ['nan', NaN],
  ['inf', Infinity],
  ['+inf', Infinity],
  ['-inf', -Infinity],
  ['infinity', Infinity],
  ['-infinity', -Infinity],
]);

export function inspectCsv(body: Buffer, { maxElements }: BodySettings): Inspected | Refusal {
  if (!isUtf8(body)) return refuse('bad-input', 'the body is not UTF-8');
  const rows = readRows(body.toString('utf8'), maxElements);
  if (rows === 'too-large') return refuse('too-large', `it has more than ${maxElements} cells`);
  if (rows === undefined) return refuse('bad-input', 'the body is no CSV of RFC 4180');
  const [names = [], ...data] = rows;
  if (data.length === 0) return refuse('bad-input', 'the table has no rows');
  if (new Set(names).size < names.length) return refuse('bad-input', 'two columns have one name');
  if (data.some((row) => row.length !== names.length)) return refuse('bad-input', 'a row is not as long as the header');
  // Taken for a text, it would pass by the bounds of its column, and the upstream may read a number.
  if (data.some((row) => row.some(isOverlongNumber)))
    return refuse('bad-input', `a number has more than ${LONGEST_NUMBER} characters`);
  const inputs = names.map((name, i): InputTensor =>
    columnOf(
      name,
      data.map((row) => row[i] ?? ''),
    ),
  );
  const beside = { texts: [], names };
  return {
    inputs,
    elements: names.length * data.length,
    rows: data.length,
    stream: false,
    forward: body,
    headers: { 'content-type': 'text/csv' },
    beside,
    withTexts: (texts) => {
      const replaced = inputs.map((input, i) => (texts[i] === undefined ? input : { ...input, texts: texts[i] }));
      const lines = data.map((row, at) => row.map((cell, i) => replaced[i]?.texts?.[at] ?? cell));
      const forward = Buffer.from([names, ...lines].map((row) => `${row.map(cellOf).join(',')}\n`).join(''));
      return {
        inputs: replaced,
        elements: names.length * data.length,
        rows: data.length,
        stream: false,
        forward,
        headers: { 'content-type': 'text/csv' },
        beside,
      };
    },
  };
}

function columnOf(name: string, cells: readonly string[]): InputTensor {
  const shape = [cells.length];
  const numbers = new Float64Array(cells.length);
  for (const [i, cell] of cells.entries()) {
    const word = cell.length > LONGEST_NUMBER ? undefined : FLOAT_WORDS.get(cell.trim().toLowerCase());
    if (word === undefined && (cell.length > LONGEST_NUMBER || !NUMBER.test(cell)))
      return { name, datatype: 'BYTES', shape, texts: cells };
    numbers[i] = word ?? Number(cell);
  }
  return { name, datatype: 'FP64', shape, numbers };
}

function isOverlongNumber(cell: string): boolean {
  return cell.length > LONGEST_NUMBER && !NO_PART_OF_A_NUMBER.test(cell);
}

function cellOf(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

/** @returns undefined when a quote stands where none may */
function readRows(text: string, maxCells: number): string[][] | 'too-large' | undefined {
  const rows: string[][] = [];
  let row: string[] = [];
  let cells = 0;
  let at = 0;
  while (at < text.length) {
    if (++cells > maxCells) return 'too-large';
    let cell: string;
    if (text[at] === '"') {
      let end = at + 1;
      for (end = text.indexOf('"', end); end !== -1 && text[end + 1] === '"'; end = text.indexOf('"', end + 2));
      if (end === -1) return undefined;
      cell = text.slice(at + 1, end).replaceAll('""', '"');
      at = end + 1;
    } else {
      let end = at;
      while (end < text.length && text[end] !== ',' && text[end] !== '\n' && text[end] !== '\r') {
        if (text[end] === '"') return undefined;
        end += 1;
      }
      cell = text.slice(at, end);
      at = end;
    }
    row.push(cell);
    if (text[at] === ',') {
      at += 1;
      // A comma at the very end opens one more cell, which is empty.
      if (at < text.length && text[at] !== '\n' && text[at] !== '\r') continue;
      if (++cells > maxCells) return 'too-large';
      row.push('');
    }
    if (text[at] === '\r') at += 1;
    if (at < text.length && text[at] !== '\n') return undefined;
    at += 1;
    rows.push(row);
    row = [];
  }
  return rows;
}
