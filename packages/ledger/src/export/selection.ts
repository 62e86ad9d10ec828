// Which statements an export has to carry. The maker of an export would like to leave out a later failure or a
// revocation, so this is a function of the log's entries and both sides compute it: every statement about the subjects,
// every statement about such a statement (the approval of a waiver), all revocations, and every statement of a kind that
// binds a name, because an approval of other bytes under the same name may not be left out either; and for each key that
// signed one of these, the statement that says which CI job it belongs to, without which it would count as nobody's.
import { evidenceType, type KindCatalog, type Sha256 } from '@vallum/core';
import { IDENTITY_TYPE, REVOCATION_TYPE } from '@vallum/trust';
import type { LedgerEntry } from '../entry.js';

/** Predicate types of which an export carries every statement. */
export function carriedTypes(kinds: KindCatalog): ReadonlySet<string> {
  const binding = [...kinds.values()].filter(({ bindsName }) => bindsName).map(({ id }) => evidenceType(id));
  return new Set([REVOCATION_TYPE, ...binding]);
}

/** Indices of the entries whose envelopes belong in the export, ascending. */
export function select(
  entries: readonly LedgerEntry[],
  subjects: readonly Sha256[],
  types: ReadonlySet<string>,
): readonly number[] {
  const about = new Map<Sha256, number[]>();
  for (const [index, { subject }] of entries.entries()) {
    const known = about.get(subject);
    if (known === undefined) about.set(subject, [index]);
    else known.push(index);
  }
  const identities = firstIdentities(entries);
  const chosen = new Set<number>();
  const open = [...subjects];
  const choose = (index: number, { statement, key }: LedgerEntry): void => {
    if (chosen.has(index)) return;
    chosen.add(index);
    open.push(statement);
    const identity = identities.get(key);
    if (identity !== undefined) chosen.add(identity);
  };
  for (const [index, entry] of entries.entries()) if (types.has(entry.type)) choose(index, entry);
  for (let subject = open.pop(); subject !== undefined; subject = open.pop())
    for (const index of about.get(subject) ?? []) {
      const entry = entries[index];
      if (entry !== undefined) choose(index, entry);
    }
  return [...chosen].sort((a, b) => a - b);
}

/** By key, the index of its first identity statement: the one that counts. */
function firstIdentities(entries: readonly LedgerEntry[]): ReadonlyMap<Sha256, number> {
  const found = new Map<Sha256, number>();
  for (const [index, { type, key }] of entries.entries())
    if (type === IDENTITY_TYPE && !found.has(key)) found.set(key, index);
  return found;
}
