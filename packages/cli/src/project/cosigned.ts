// The newest checkpoint that witnesses cosigned, kept beside the ledger: receipts are made under it, so that whoever holds
// one can also show who saw that history.
import { writeDurably } from '@vallum/core';
import type { Ledger, ReadCheckpoint } from '@vallum/ledger';
import { compareWith, isCheckpointSignedBy, readCheckpoint, withLines } from '@vallum/ledger';
import { ledgerKeys } from './ledger-key.js';
import type { ProjectPaths } from './paths.js';
import type { Session } from './session.js';

const LIMIT = 64 * 1024;

const fileOf = (paths: ProjectPaths): string => `${paths.ledger}/cosigned`;

/** The kept note, if the log's current key signed it and the ledger goes on from it. Its cosignatures are for its readers. */
export async function readCosigned(session: Session, ledger: Ledger): Promise<ReadCheckpoint | undefined> {
  const { disk, paths } = session;
  const { current } = await ledgerKeys(session);
  if ((await disk.stat(fileOf(paths)))?.kind !== 'file') return undefined;
  try {
    const read = readCheckpoint(Buffer.from(await disk.read(fileOf(paths), LIMIT)).toString('utf8'));
    return isCheckpointSignedBy(read, current) && compareWith(ledger, read) === 'same history' ? read : undefined;
  } catch {
    // It is a copy for convenience: a broken one is asked for again.
    return undefined;
  }
}

/** Keeps a cosigned note; lines of other witnesses for the same checkpoint stay. */
export async function keepCosigned(session: Session, ledger: Ledger, note: string): Promise<void> {
  const { disk, paths } = session;
  const before = await readCosigned(session, ledger);
  const now = readCheckpoint(note);
  const isSame = before?.size === now.size && before.root === now.root;
  const own = new Set(now.note.signatures.map(({ name }) => name));
  const others = isSame ? before.note.signatures.filter(({ name }) => !own.has(name)) : [];
  await writeDurably(disk, fileOf(paths), Buffer.from(withLines(now.note, [...now.note.signatures, ...others])));
}
