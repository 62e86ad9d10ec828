// What of a crash's remains a statement ledger takes up, and what it clears away. An entry counts only if it is exactly the
// one that its envelope gives, and if that envelope would be admitted from the inbox: whoever can write here could else
// have the ledger's key sign in a statement that nobody signed.
import type { Disk, Sha256 } from '@vallum/core';
import type { Signed } from '@vallum/trust';
import { encodeEntry, entryOf, readEntry } from '../entry.js';
import type { Vouch } from '../log/recover.js';
import type { StatementStore } from '../store/content-store.js';
import type { StatementIndex } from './statement-index.js';

export type Admit = (signed: Signed) => string | undefined;

export function vouching(index: StatementIndex, statements: StatementStore, admit: Admit | undefined): Vouch {
  const taken = new Set<Sha256>();
  return async (bytes) => {
    try {
      const entry = readEntry(bytes);
      // A pack that was cut short is removed; nothing of it may become part of the log.
      if (await statements.isInTorn(entry.statement)) return false;
      if (index.indexOf(entry.statement) !== undefined || taken.has(entry.statement)) return false;
      const gives = (signed: Signed): boolean => encodeEntry(entryOf(signed)).equals(bytes);
      const found = await statements.get(entry.statement, ({ signed }) => gives(signed));
      if (found === undefined || !gives(found.signed) || admit?.(found.signed) !== undefined) return false;
      taken.add(entry.statement);
      return true;
    } catch {
      return false;
    }
  };
}

/** Removes packs that were never finished: cut short, with nothing in them that the log speaks of. */
export async function removeTornPacks(disk: Disk, statements: StatementStore, index: StatementIndex): Promise<void> {
  for (const { path, ids } of await statements.torn())
    if ((await ids())?.every((id) => index.indexOf(id) === undefined) === true) await disk.remove(path);
}
