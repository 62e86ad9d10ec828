// The project's ledger as a command uses it: opened for writing by whoever has its key and gets the lock, read by all
// others, and believed only when the enrolled key signed its checkpoint.
import type { Sha256 } from '@vallum/core';
import { VallumError } from '@vallum/core';
import type { Ledger } from '@vallum/ledger';
import { doubtAboutLog, isHandover, openLedger, readInbox, readStatements } from '@vallum/ledger';
import type { LedgerStatement, UnreadableEntry } from '@vallum/policy';
import type { Signed, SigningKey } from '@vallum/trust';
import { doubtAboutStatement, IDENTITY_TYPE, REVOCATION_TYPE } from '@vallum/trust';
import { enterIdentities, learnEntered, learnIdentities } from './identities.js';
import { ledgerKeys, ledgerSigningKey } from './ledger-key.js';
import { refuseRollback, remember } from './seen.js';
import type { Session } from './session.js';
import { trustOf } from './session.js';

/** The log that was read: statements that an enrolled key signed, and entries whose envelope is missing or broken. */
export interface Recorded {
  readonly statements: readonly LedgerStatement[];
  readonly unreadable: readonly UnreadableEntry[];
  readonly size: number;
  readonly root: Sha256;
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
  const keys = await ledgerKeys(session);
  const key = await ledgerSigningKey(session, keys);
  const open = (signing: SigningKey | undefined): Promise<Ledger> =>
    onState(() =>
      openLedger({
        disk: session.disk,
        dir: session.paths.ledger,
        origin: session.origin,
        ...(signing === undefined ? {} : { key: signing }),
        statementsDir: session.paths.statements,
        inboxDir: session.paths.inbox,
        admit: (signed) => refusal(session, signed),
        inherits: (checkpoint) => isHandover(checkpoint, keys),
      }),
    );
  const ledger = await open(key).catch((error: unknown) => {
    // Whose log it is instead is said below, in words that help.
    if (error instanceof VallumError && error.code === 'LEDGER_KEY') return open(undefined);
    throw error;
  });
  const doubt = ledger.checkpoint === '' ? undefined : doubtAboutLog(ledger, keys);
  if (doubt !== undefined) {
    await ledger.close();
    throw new VallumError(
      'LEDGER_UNTRUSTED',
      `the ledger cannot be believed: ${doubt}`,
      { fix: 'run vallum ledger fsck, and restore the ledger' },
      'unproven',
    );
  }
  try {
    await refuseRollback(session, ledger);
    await onState(() => learnIdentities(session, ledger));
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

/** Why a statement is not entered: a signature that nobody enrolled made has no place in the log. */
function refusal(session: Session, signed: Signed): string | undefined {
  if (signed.statement.predicateType === IDENTITY_TYPE) session.identities?.learn({ keyid: signed.keyid, signed });
  return doubtAboutStatement(trustOf(session), signed);
}

/**
 * Enters what waits in the inbox if it can. Who holds the ledger for long does it again at the end: what others left there
 * meanwhile would wait for the next one to come.
 */
export async function enterWaiting(session: Session, ledger: Ledger): Promise<void> {
  if (!ledger.writable) return;
  await onState(() => enterIdentities(session, ledger));
  await onState(() => ledger.sequenceInbox());
}

/** Enters what waits in the inbox if it can, and reads everything. */
export async function readRecorded(session: Session, ledger: Ledger): Promise<Recorded> {
  await enterWaiting(session, ledger);
  const trust = trustOf(session);
  const statements: LedgerStatement[] = [];
  const unreadable: UnreadableEntry[] = [];
  const entered = await onState(() => readStatements(ledger));
  learnEntered(session, entered);
  for (const { index, entry, signed } of entered) {
    const { statement: id, key: keyid } = entry;
    if (signed === undefined || trust.isLost(keyid))
      unreadable.push({ index, id, keyid, type: entry.type, subject: entry.subject, outcome: entry.outcome });
    else if (doubtAboutStatement(trust, signed, index) === undefined)
      statements.push({ index, id, keyid, statement: signed.statement });
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
