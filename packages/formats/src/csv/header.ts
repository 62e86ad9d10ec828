// Names of the columns. Two columns of one name, or one without, would make a column that nobody can ask for: they get a
// name of their own, and a note.
import { quoted } from '../table/errors.js';
import type { Notes } from '../table/notes.js';

/** Each name once, in order. */
export function uniqueNames(raw: readonly string[], notes: Notes): readonly string[] {
  const taken = new Set(raw);
  const seen = new Set<string>();
  /** The number that was tried last, so that 100,000 equal names are no 10^10 tries. */
  const last = new Map<string, number>();
  return raw.map((name, index) => {
    const empty = name.trim() === '';
    if (!empty && !seen.has(name)) {
      seen.add(name);
      return name;
    }
    const base = empty ? `column ${index + 1}` : name;
    let unique = base;
    let times = last.get(base) ?? 1;
    while (taken.has(unique)) unique = `${base} (${++times})`;
    last.set(base, times);
    taken.add(unique);
    seen.add(unique);
    if (empty) notes.set('header-empty', 1, `column ${index + 1} has no name in the first line`, unique);
    else notes.set('header-duplicate', 1, `the name ${quoted(name)} stands twice in the first line`, unique);
    return unique;
  });
}
