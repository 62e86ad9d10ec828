// One cell of a batch: what it holds, and what may be shown of it. Rows are counted from 1 where people read them.
import type { Column, Values } from '@vallum/formats';

/** Undefined: the value is missing. */
export type Cell = number | string | undefined;

export function cellAt(values: Values, row: number): Cell {
  if (values.type === 'text') {
    const code = values.codes[row] ?? -1;
    return code < 0 ? undefined : values.levels[code];
  }
  return values.missing?.[row] === 1 ? undefined : values.values[row];
}

export function isMissing(values: Values, row: number): boolean {
  return values.type === 'text' ? (values.codes[row] ?? -1) < 0 : values.missing?.[row] === 1;
}

/** A cell as text, the same for equal cells of one type; times as ISO 8601 in UTC. */
export function textOf(cell: number | string, type: Column['type']): string {
  if (typeof cell === 'string') return cell;
  if (type === 'boolean') return cell === 1 ? 'true' : 'false';
  const time = type === 'time' ? new Date(cell) : undefined;
  return time === undefined || Number.isNaN(time.getTime()) ? String(cell) : time.toISOString();
}

const SHOWN_DIGITS = 6;

/**
 * What a report may show: enough to recognise the kind of mistake, too little to publish the value. Text keeps its first
 * character, times their month, numbers of more than six digits their size.
 */
export function maskedCell(cell: Cell, type: Column['type']): string {
  if (cell === undefined) return 'missing';
  if (typeof cell === 'string') {
    const [first = ''] = cell.replace(/\p{C}/gu, '?');
    return cell === '' ? 'an empty text' : `${JSON.stringify(`${first}…`)} (${cell.length} characters)`;
  }
  const text = textOf(cell, type);
  if (type === 'boolean') return text;
  if (type === 'time') return /^[+-]?\d+-\d\d/.exec(text)?.[0] ?? 'no time';
  if (!Number.isFinite(cell)) return text;
  const digits = text.replace(/e.*$/, '').replace(/\D/g, '').replace(/^0+/, '').length;
  return digits <= SHOWN_DIGITS ? text : `about ${cell.toPrecision(1)} (${digits} digits)`;
}
