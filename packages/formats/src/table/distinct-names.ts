// Names of the columns, each once: a file may give a name twice, or none, and then nobody could ask for the column. Such a
// column gets a name of its own, and a note.
import { quoted } from './errors.js';
import type { Notes } from './notes.js';

/** @param where the file says the names: `the first line`, `the schema` */
export function distinctNames(names: readonly string[], notes: Notes, where: string): readonly string[] {
  const taken = new Set(names);
  const seen = new Set<string>();
  /** The number that was tried last, so that 100,000 equal names are no 10^10 tries. */
  const last = new Map<string, number>();
  return names.map((name, index) => {
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
    if (empty) notes.set('header-empty', 1, `column ${index + 1} has no name in ${where}`, unique);
    else notes.set('header-duplicate', 1, `the name ${quoted(name)} stands twice in ${where}`, unique);
    return unique;
  });
}
