// What the readers of two tables noticed, as far as it limits a comparison: values that were rounded or left out are not compared
// as they stand in the file, and a reader of "all rows are the same" must know it.
import type { Table } from '@vallum/formats';
import { shownName } from '../tables/shown-name.js';

/** Notes of how a file is written, which change no value. Every other code is told, one that is new here too. */
const HARMLESS = new Set([
  'absent-keys',
  'all-missing',
  'blank-lines',
  'header-duplicate',
  'header-empty',
  'header-numbers',
  'infinite-words',
  'lone-returns',
  'missing-words',
  'mixed-types',
  'not-utf8',
  'separator-line',
  'stray-quotes',
]);
const MOST_TOLD = 50;

export function limitsOf(
  sides: readonly { readonly table: Table; readonly name: string }[],
): readonly { readonly what: string; readonly why: string }[] {
  const told = sides.flatMap(({ table, name }) =>
    table.notes
      .filter(({ code }) => !HARMLESS.has(code))
      .map(({ code, column, message, count }) => ({
        what: `${column === undefined ? 'values' : `column ${JSON.stringify(shownName(column))}`} of ${name}, exactly`,
        why: `${code}: ${message} (${count}); rows that differ only there may count as the same`,
      })),
  );
  const more = told.length - MOST_TOLD;
  if (more <= 0) return told;
  return [...told.slice(0, MOST_TOLD), { what: `${more} more notes of the readers`, why: 'only the first are told' }];
}
