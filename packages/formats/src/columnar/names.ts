// Names of columns, each once: a file may give a name twice, or none, and then nobody could ask for the column.
import { quoted } from '../table/errors.js';
import type { Notes } from '../table/notes.js';

export function distinctNames(names: readonly string[], notes: Notes): readonly string[] {
  const taken = new Set(names);
  const seen = new Set<string>();
  /** The number that was tried last, so that 100,000 equal names are no 10^10 tries. */
  const last = new Map<string, number>();
  return names.map((name, index) => {
    if (name !== '' && !seen.has(name)) {
      seen.add(name);
      return name;
    }
    const base = name === '' ? `column ${index + 1}` : name;
    let unique = base;
    let times = last.get(base) ?? 1;
    while (taken.has(unique)) unique = `${base} (${++times})`;
    last.set(base, times);
    taken.add(unique);
    if (name === '') notes.set('header-empty', 1, `column ${index + 1} has no name in the schema`, unique);
    else notes.set('header-duplicate', 1, `the name ${quoted(name)} stands twice in the schema`, unique);
    return unique;
  });
}
