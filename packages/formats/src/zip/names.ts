// Names in a zip: those that lead out, that tools read differently, and that two entries share. A loader that looks a name
// up may take either of two entries, and some ignore case (miniz in torch), so a reviewer and a loader can see two files.
import type { ZipProblem, ZipProblemCode } from './problems.js';

interface Named {
  readonly name: string;
  readonly headerOffset: number;
  readonly view: 'central' | 'other' | 'local';
}

export function* checkNames(entries: readonly Named[]): Iterable<ZipProblem> {
  /** The name that was seen first of those that are alike, and the others. */
  const first = new Map<string, string>();
  const more = new Set<string>();
  for (const { name, headerOffset: offset, view } of entries) {
    const problem = (code: ZipProblemCode, message: string): ZipProblem => ({ code, message, offset, entry: name });
    const parts = name.split(/[/\\]/);
    if (parts.includes('..') || /^[/\\]|^[A-Za-z]:/.test(name))
      yield problem('traversal', 'its name leads out of the folder it is unpacked to');
    if (hasControl(name) || name === '')
      yield problem('odd-name', 'its name holds characters that tools read differently');
    else if (name.includes('\\')) yield problem('backslash', 'its name holds a backslash');
    const key = similarName(name);
    const known = first.get(key);
    if (view === 'central' && (known === name || more.has(name)))
      yield problem('duplicate', 'another entry has the same name');
    else if (view === 'central' && known !== undefined)
      yield problem(
        'near-duplicate',
        'some file systems and loaders take it for another entry of almost the same name',
      );
    if (known === undefined) first.set(key, name);
    else if (known !== name) more.add(name);
  }
}

/** The same for names that differ in case, in how a letter is composed, or in how the path is spelt. */
function similarName(name: string): string {
  const folded = name.normalize('NFKC').toLowerCase();
  return /\\|\/\/|(?:^|\/)\.?(?:\/|$)/.test(folded)
    ? folded
        .split(/[/\\]/)
        .filter((part) => part !== '' && part !== '.')
        .join('/')
    : folded;
}

function hasControl(name: string): boolean {
  for (let i = 0; i < name.length; i++) if (name.charCodeAt(i) < 0x20) return true;
  return false;
}
