// Checkpoints of a gateway's log in the project's ledger: the newest one that counts, and a new one. A checkpoint counts when
// its statement is by a key that may speak about the gateway's events, and is not revoked.
import { parseTime, VallumError } from '@vallum/core';
import type { EntryLog, Ledger } from '@vallum/ledger';
import type { LogCheckpoint } from '@vallum/gateway';
import { buildLogCheckpoint, LOG_CHECKPOINT_TYPE, readLogCheckpoint } from '@vallum/gateway';
import type { LedgerStatement } from '@vallum/policy';
import { collectRevocations } from '@vallum/policy';
import type { PublicKeyRecord, SigningKey } from '@vallum/trust';
import { signStatement } from '@vallum/trust';
import { fileStatement } from './log.js';
import type { Filed } from './log.js';
import type { Session } from './session.js';
import { trustOf } from './session.js';

const ROLE = 'produce:gateway.events';

/** @param origin of the gateway's log; undefined where the project's ledger has no checkpoint of it */
export function newestCheckpoint(
  session: Session,
  origin: string,
  statements: readonly LedgerStatement[],
): LogCheckpoint | undefined {
  const trust = trustOf(session);
  const revocations = collectRevocations(statements, trust);
  const newestFirst = statements
    .filter(({ statement }) => statement.predicateType === LOG_CHECKPOINT_TYPE)
    .sort((a, b) => b.index - a.index);
  for (const entry of newestFirst) {
    const read = readOrNothing(entry.statement);
    if (read?.checkpoint.origin !== origin || revocations.ofStatement(entry) !== undefined) continue;
    if (trust.may(entry.keyid, ROLE, parseTime(read.createdAt)) !== undefined) return read;
  }
  return undefined;
}

/** Enters the log's checkpoint of now. @param logKey signs the log @param key signs the statement; has `produce:gateway.events` */
export function anchorGatewayLog(
  session: Session,
  ledger: Ledger,
  log: EntryLog,
  { logKey, key }: { readonly logKey: PublicKeyRecord; readonly key: SigningKey },
): Promise<Filed> {
  const statement = buildLogCheckpoint(log.checkpoint, logKey, session.clock());
  return fileStatement(ledger, signStatement(statement, key));
}

/** A statement that is malformed says nothing. */
function readOrNothing(statement: LedgerStatement['statement']): LogCheckpoint | undefined {
  try {
    return readLogCheckpoint(statement);
  } catch (error) {
    if (error instanceof VallumError) return undefined;
    throw error;
  }
}
