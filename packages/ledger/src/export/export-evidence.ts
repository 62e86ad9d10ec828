// One file for an auditor: the statements about some subjects with their proofs, all entries of the log, one checkpoint.
import { parseJsonStrict, VallumError, type JsonObject, type KindCatalog, type Sha256 } from '@vallum/core';
import type { Ledger } from '../ledger.js';
import { readEntered } from '../read-statements.js';
import { encodeExport, type ExportedStatement } from './document.js';
import { carriedTypes, select } from './selection.js';

export interface ExportOptions {
  readonly ledger: Pick<Ledger, 'checkpoint' | 'entries' | 'prove' | 'statements' | 'origin'>;
  /** Digests of the model, its scopes, its datasets and its run: everything that the verdict was about. */
  readonly subjects: readonly Sha256[];
  readonly kinds: KindCatalog;
}

/** @throws VallumError `EXPORT_EMPTY`, `EXPORT_ENVELOPE` when an envelope that belongs in it is missing or changed */
export async function exportEvidence({ ledger, subjects, kinds }: ExportOptions): Promise<Uint8Array> {
  // Everything that depends on the size of the log is taken in one go; the log may grow while envelopes are read.
  const { checkpoint, statements: store } = ledger;
  const entries = [...ledger.entries()];
  const wanted = [...new Set(subjects)].sort();
  const chosen = select(entries, wanted, carriedTypes(kinds)).map((index) => ledger.prove(index));
  if (checkpoint === '')
    throw new VallumError('EXPORT_EMPTY', `there is no ledger ${ledger.origin} to export from`, {
      fix: 'run a check first',
    });
  const statements: ExportedStatement[] = [];
  for (const { index, hashes } of chosen) {
    const entry = entries[index];
    if (entry === undefined) continue;
    const found = await readEntered(store, entry, index);
    if ('problem' in found)
      throw new VallumError('EXPORT_ENVELOPE', found.problem, { fix: 'run `vallum ledger fsck`' }, 'unproven');
    statements.push({ index, envelope: parseJsonStrict(found.bytes) as JsonObject, proof: hashes });
  }
  return encodeExport({ checkpoint, subjects: wanted, entries, statements });
}
