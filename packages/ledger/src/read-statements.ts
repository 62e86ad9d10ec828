// Joins the entries of a ledger with their envelopes. The entry says what was entered, the envelope only repeats it: the
// id is computed again from the envelope's bytes, and anything that differs is a problem that names the entry.
import { messageOf } from '@vallum/core';
import type { Signed } from '@vallum/trust';
import { entryOf, type LedgerEntry } from './entry.js';
import { isSame } from './statements/writer.js';
import type { Envelope, StatementStore } from './store/content-store.js';
import { inParallel } from './store/parallel.js';

export interface EnteredStatement {
  readonly index: number;
  readonly entry: LedgerEntry;
  /** The statement exactly as it was entered; its signature is not checked here. */
  readonly signed?: Signed;
  /** Why there is no statement. */
  readonly problem?: string;
}

export interface Entered {
  entries(): readonly LedgerEntry[];
  readonly statements: StatementStore;
}

/** All of them, or those of one predicate type. */
export async function readStatements(ledger: Entered, type?: string): Promise<readonly EnteredStatement[]> {
  const all = ledger.entries().map((entry, index) => ({ entry, index }));
  const entries = type === undefined ? all : all.filter(({ entry }) => entry.type === type);
  return inParallel(entries, async ({ entry, index }) => {
    const found = await readEntered(ledger.statements, entry, index);
    return 'problem' in found ? { index, entry, problem: found.problem } : { index, entry, signed: found.signed };
  });
}

/**
 * The envelope of one entry, or what is wrong with it.
 * @param onBroken told of places that should hold it and do not, although another one does
 */
export async function readEntered(
  statements: StatementStore,
  entry: LedgerEntry,
  index: number,
  onBroken?: (path: string, why: unknown) => void,
): Promise<Envelope | { readonly problem: string }> {
  const wasEntered = ({ signed }: Envelope): boolean => isSame(entryOf(signed), entry);
  const where = (): Promise<string> => statements.whereIs(entry.statement);
  try {
    const envelope = await statements.get(entry.statement, wasEntered, onBroken);
    if (envelope === undefined) return { problem: `the envelope of entry ${index} is missing: ${await where()}` };
    if (wasEntered(envelope)) return envelope;
    return { problem: `the envelope of entry ${index} is not the one that was entered: ${await where()}` };
  } catch (error) {
    return { problem: `the envelope of entry ${index} cannot be used: ${await where()}: ${messageOf(error)}` };
  }
}
