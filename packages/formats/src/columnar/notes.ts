// What both columnar readers say about a column when all of it was read.
import type { Notes } from '../table/notes.js';
import { NumberColumn } from './number-column.js';
import type { TextColumn } from './text-column.js';

const ROUNDED: Readonly<Record<string, string>> = {
  'integers-rounded': 'integers have more digits than a double holds',
  'times-rounded': 'times are finer than what a double of milliseconds holds',
  'decimals-rounded': 'decimals have more digits than a double holds',
};

/** @param rounds code of the note for values that were rounded */
export function noteColumn(notes: Notes, name: string, column: NumberColumn | TextColumn, rounds: string): void {
  if (column instanceof NumberColumn) {
    if (column.rounded > 0) notes.set(rounds, column.rounded, ROUNDED[rounds] ?? 'values are rounded', name);
  } else if (column.invalid > 0)
    notes.set('not-utf8', column.invalid, 'texts are no UTF-8, and are given in hexadecimal', name);
}
