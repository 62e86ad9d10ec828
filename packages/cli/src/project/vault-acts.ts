// Which acts in the vault count: signed by a key that held the role, under the name of its own principal, in the ledger or
// still waiting in its inbox. What waits counts at once: an object must not be opened again because its shredding waits. What
// was revoked is handed on as revoked: leaving it out would make an object unknown, and a shredding undone.
import { parseTime, VallumError } from '@vallum/core';
import type { LoggedAct } from '@vallum/data';
import { VaultLog } from '@vallum/data';
import { readInbox } from '@vallum/ledger';
import type { LedgerStatement, Revocations } from '@vallum/policy';
import { collectRevocations } from '@vallum/policy';
import type { VaultAct } from '@vallum/trust';
import { doubtAboutStatement, readVaultAct, VAULT_TYPE } from '@vallum/trust';
import { onState } from './log.js';
import type { Session } from './session.js';
import { trustOf } from './session.js';

type Said = Pick<LedgerStatement, 'id' | 'keyid' | 'statement'>;

export async function vaultLogOf(session: Session, statements: readonly LedgerStatement[]): Promise<VaultLog> {
  const trust = trustOf(session);
  const revocations = collectRevocations(statements, trust);
  const entered = statements
    .filter(({ statement }) => statement.predicateType === VAULT_TYPE)
    .sort((a, b) => a.index - b.index);
  const inbox = await onState(() => readInbox(session.disk, session.paths.inbox));
  const known = new Set(entered.map(({ id }) => id));
  const waiting = inbox.filter(
    (signed) =>
      signed.statement.predicateType === VAULT_TYPE &&
      !known.has(signed.id) &&
      doubtAboutStatement(trust, signed) === undefined,
  );
  return new VaultLog([...entered, ...waiting].flatMap((said) => actOf(session, revocations, said)));
}

/** What was revoked stays an act, and says that it was: see `VaultLog`. */
function actOf(session: Session, revocations: Revocations, { id, keyid, statement }: Said): readonly LoggedAct[] {
  const act = readOrNothing(statement);
  if (act === undefined) return [];
  const principal = trustOf(session).may(keyid, 'vault', parseTime(act.createdAt));
  if (principal?.id !== act.who) return [];
  const revoked = revocations.ofStatement({ index: 0, id, keyid, statement });
  return [revoked === undefined ? act : { ...act, revoked: `${revoked.what} was revoked: ${revoked.reason}` }];
}

/** A statement that is malformed says nothing. */
function readOrNothing(statement: LedgerStatement['statement']): VaultAct | undefined {
  try {
    return readVaultAct(statement);
  } catch (error) {
    if (error instanceof VallumError) return undefined;
    throw error;
  }
}
