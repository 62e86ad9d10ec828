// The project's ledger as a command uses it: opened for writing by whoever has its key and gets the lock, read by all
// others, and believed only when the enrolled key signed its checkpoint.
import type { Sha256 } from '@vallum/core';
import { VallumError } from '@vallum/core';
import type { Ledger } from '@vallum/ledger';
import { isCheckpointSignedBy, openLedger, readCheckpoint, readInbox, readStatements } from '@vallum/ledger';
import type { LedgerStatement, UnreadableEntry } from '@vallum/policy';
import type { EnrolledKey, PublicKeyRecord, Signed, SigningKey } from '@vallum/trust';
import { publicRecord, REVOCATION_TYPE, verifySignature } from '@vallum/trust';
import { refuseRollback, remember } from './seen.js';
import type { Session } from './session.js';
import { ownKey, trustOf } from './session.js';

/** The log that was read: statements that an enrolled key signed, and entries whose envelope is missing or broken. */
export interface Recorded {
  readonly statements: readonly LedgerStatement[];
  readonly unreadable: readonly UnreadableEntry[];
  readonly size: number;
  readonly root: Sha256;
}

/** Public key that must have signed the checkpoint. */
async function ledgerRecord(session: Session): Promise<PublicKeyRecord> {
  if (session.standing.kind === 'local') return publicRecord(await localLedgerKey(session));
  const trust = trustOf(session);
  const enrolled = trust.ledgers.find(({ origin }) => origin === session.origin);
  const key: EnrolledKey | undefined = enrolled === undefined ? undefined : trust.key(enrolled.keyid);
  if (key !== undefined && trust.may(key.keyid, 'ledger', session.clock()) !== undefined) return key;
  throw unproven(
    'LEDGER_NOT_ENROLLED',
    `trust.json enrols no valid key for the ledger ${session.origin}`,
    'enrol one with the role ledger',
  );
}

function localLedgerKey(session: Session): Promise<SigningKey> {
  return ownKey(session.disk, session.keysFolder, 'local-ledger');
}

function unproven(code: string, message: string, fix: string): VallumError {
  return new VallumError(code, message, { fix }, 'unproven');
}

/**
 * State that cannot be read or written is no wrong use: nothing can be proven with it.
 * @throws VallumError of class `unproven` where the disk refuses
 */
export async function onState<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof VallumError) || !/^(DISK_|LEDGER_FAILED$)/.test(error.code)) throw error;
    const { code, message, fix = 'restore the folder .vallum from a copy' } = error;
    throw new VallumError(code, message, { fix, cause: error }, 'unproven');
  }
}

/** Opens for writing when the acting person has the ledger's key and nobody else holds the lock; else for reading. */
export async function openProjectLedger(session: Session): Promise<Ledger> {
  const record = await ledgerRecord(session);
  const key =
    session.standing.kind === 'local'
      ? await localLedgerKey(session)
      : session.keys.find(({ keyid }) => keyid === record.keyid);
  const ledger = await onState(() =>
    openLedger({
      disk: session.disk,
      dir: session.paths.ledger,
      origin: session.origin,
      ...(key === undefined ? {} : { key }),
      statementsDir: session.paths.statements,
      inboxDir: session.paths.inbox,
      admit: (signed) => refusal(session, signed),
    }),
  );
  if (ledger.checkpoint !== '' && !isCheckpointSignedBy(readCheckpoint(ledger.checkpoint), record)) {
    await ledger.close();
    throw unproven(
      'LEDGER_UNTRUSTED',
      `the ledger's checkpoint is not signed by the enrolled key of ${session.origin}`,
      'run vallum ledger fsck, and restore the ledger',
    );
  }
  try {
    await refuseRollback(session, ledger);
  } catch (error) {
    await ledger.close();
    throw error;
  }
  return ledger;
}

/** Remembers how far the log has come, and closes it. */
export async function closeProjectLedger(session: Session, ledger: Ledger): Promise<void> {
  try {
    await remember(session, ledger);
  } finally {
    await ledger.close();
  }
}

/** Why a statement is not entered: a signature that no enrolled key made has no place in the log. */
function refusal(session: Session, signed: Signed): string | undefined {
  const key = trustOf(session).key(signed.keyid);
  if (key === undefined) return 'it is signed by a key that is not enrolled';
  return verifySignature(signed, key) ? undefined : 'its signature is not valid';
}

/** Enters what waits in the inbox if it can, and reads everything. */
export async function readRecorded(session: Session, ledger: Ledger): Promise<Recorded> {
  if (ledger.writable) await onState(() => ledger.sequenceInbox());
  const trust = trustOf(session);
  const statements: LedgerStatement[] = [];
  const unreadable: UnreadableEntry[] = [];
  for (const { index, entry, signed } of await onState(() => readStatements(ledger))) {
    if (signed === undefined) {
      const { statement: id, key: keyid, type, subject, outcome } = entry;
      unreadable.push({ index, id, keyid, type, subject, outcome });
      continue;
    }
    const key = trust.key(signed.keyid);
    if (key !== undefined && verifySignature(signed, key))
      statements.push({ index, id: signed.id, keyid: signed.keyid, statement: signed.statement });
  }
  if (!ledger.writable) statements.push(...(await waitingRevocations(session, ledger)));
  return { statements, unreadable, size: ledger.size, root: ledger.root };
}

/**
 * Revocations that wait in the inbox because the ledger is not ours to write. They hold at once: else whoever reads, or
 * whoever plants a lock, would go on with what was taken back.
 */
async function waitingRevocations(session: Session, ledger: Ledger): Promise<readonly LedgerStatement[]> {
  const waiting = await onState(() => readInbox(session.disk, session.paths.inbox));
  return waiting
    .filter(({ statement }) => statement.predicateType === REVOCATION_TYPE)
    .filter((signed) => refusal(session, signed) === undefined)
    .map(({ id, keyid, statement }, place) => ({ index: ledger.size + place, id, keyid, statement }));
}

/** Where a statement went. */
export type Filed =
  { readonly kind: 'entered'; readonly index: number } | { readonly kind: 'inbox'; readonly heldBy?: string };

/** Appends when the ledger is ours, else leaves the statement in the inbox for its holder. */
export async function fileStatement(ledger: Ledger, envelope: Uint8Array): Promise<Filed> {
  if (!ledger.writable) {
    await onState(() => ledger.submit(envelope));
    return { kind: 'inbox', ...(ledger.heldBy === undefined ? {} : { heldBy: ledger.heldBy }) };
  }
  const [index] = await onState(() => ledger.append([envelope]));
  return { kind: 'entered', index: index ?? 0 };
}

export function filedText(filed: Filed): string {
  if (filed.kind === 'entered') return `entry ${filed.index} of the ledger`;
  const held = filed.heldBy === undefined ? '' : ` (held by ${filed.heldBy})`;
  return `waiting in the inbox: it counts once the ledger's holder${held} runs check or gate`;
}
