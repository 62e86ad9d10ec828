// The columns that a caller asks for, as indices into those of the table.
import { quoted, tableError } from './errors.js';

/** @throws VallumError `TABLE_COLUMN` for a name that is not there, or that stands twice */
export function chooseColumns(names: readonly string[], wanted: readonly string[] | undefined): readonly number[] {
  if (wanted === undefined) return names.map((_, index) => index);
  const byName = new Map(names.map((name, index) => [name, index]));
  if (new Set(wanted).size < wanted.length)
    throw tableError('TABLE_COLUMN', 'a column is asked for twice', 'name each column once');
  return wanted.map((name) => {
    const index = byName.get(name);
    if (index === undefined)
      throw tableError('TABLE_COLUMN', `there is no column ${quoted(name)}`, 'look at the names in the first line');
    return index;
  });
}
