// Which acts in the vault count: signed by a key that held the role, under the name of its own principal, in the ledger or
// still waiting in its inbox. What waits counts at once: an object must not be opened again because its shredding waits.
import { parseTime, VallumError } from '@vallum/core';
import { VaultLog } from '@vallum/data';
import { readInbox } from '@vallum/ledger';
import type { LedgerStatement } from '@vallum/policy';
import { collectRevocations } from '@vallum/policy';
import type { VaultAct } from '@vallum/trust';
import { doubtAboutStatement, readVaultAct, VAULT_TYPE } from '@vallum/trust';
import { onState } from './log.js';
import type { Session } from './session.js';
import { trustOf } from './session.js';

type Said = Pick<LedgerStatement, 'keyid' | 'statement'>;

export async function vaultLogOf(session: Session, statements: readonly LedgerStatement[]): Promise<VaultLog> {
  const trust = trustOf(session);
  const revocations = collectRevocations(statements, trust);
  const entered = statements
    .filter(({ statement }) => statement.predicateType === VAULT_TYPE)
    .sort((a, b) => a.index - b.index)
    // Taking back a shredding brings no key back, and must not let one in that comes from a backup.
    .filter((said) => isShredding(said) || revocations.ofStatement(said) === undefined);
  const inbox = await onState(() => readInbox(session.disk, session.paths.inbox));
  const known = new Set(entered.map(({ id }) => id));
  const waiting = inbox.filter(
    (signed) =>
      signed.statement.predicateType === VAULT_TYPE &&
      !known.has(signed.id) &&
      doubtAboutStatement(trust, signed) === undefined,
  );
  return new VaultLog([...entered, ...waiting].flatMap((said) => actOf(session, said)));
}

function actOf(session: Session, { keyid, statement }: Said): readonly VaultAct[] {
  const act = readOrNothing(statement);
  if (act === undefined) return [];
  const principal = trustOf(session).may(keyid, 'vault', parseTime(act.createdAt));
  return principal?.id === act.who ? [act] : [];
}

function isShredding({ statement }: Said): boolean {
  return readOrNothing(statement)?.act === 'shred';
}

/** A statement that is malformed says nothing. */
function readOrNothing(statement: Said['statement']): VaultAct | undefined {
  try {
    return readVaultAct(statement);
  } catch (error) {
    if (error instanceof VallumError) return undefined;
    throw error;
  }
}
