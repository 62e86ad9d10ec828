// Evidence as the runner hands it over: the blob with all findings first, so that no statement names one that is not there.
import type { Sha256 } from '@vallum/core';
import type { Ledger } from '@vallum/ledger';
import { BlobStore } from '@vallum/ledger';
import { readEnvelope } from '@vallum/trust';
import { fileStatement, onState } from './log.js';
import type { Session } from './session.js';

/** @returns the id of the statement */
export async function saveEvidence(
  session: Session,
  ledger: Ledger,
  envelope: Uint8Array,
  blob: Uint8Array | undefined,
): Promise<Sha256> {
  if (blob !== undefined) await onState(() => new BlobStore(session.disk, session.paths.blobs).put(blob));
  await fileStatement(ledger, envelope);
  return readEnvelope(envelope).id;
}
