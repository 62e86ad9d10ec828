// The keys of the project's ledger: the one that counts now, those before it, and the one that this person holds.
import { VallumError } from '@vallum/core';
import type { LedgerKeys, VerifierKey } from '@vallum/ledger';
import { rawEd25519 } from '@vallum/ledger';
import type { PublicKeyRecord, SigningKey } from '@vallum/trust';
import { publicRecord } from '@vallum/trust';
import type { Session } from './session.js';
import { ownKey, trustOf } from './session.js';

/** Name of the key for the ledger of a project where nobody is enrolled. */
export const LOCAL_LEDGER = 'local-ledger';

/**
 * Keys that checkpoints must be signed with. Where nobody is enrolled it is one of this machine, made on first use.
 * @throws VallumError `LEDGER_NOT_ENROLLED` (not proven)
 */
export async function ledgerKeys(session: Session): Promise<LedgerKeys> {
  if (session.standing.kind === 'local') return { current: publicRecord(await localKey(session)), former: [] };
  const trust = trustOf(session);
  const enrolled = trust.ledgers.find(({ origin }) => origin === session.origin);
  const current = enrolled === undefined ? undefined : trust.key(enrolled.keyid);
  if (enrolled === undefined || current === undefined || !trust.may(current.keyid, 'ledger', session.clock()))
    throw new VallumError(
      'LEDGER_NOT_ENROLLED',
      `trust.json enrols no valid key for the ledger ${session.origin}`,
      { fix: 'enrol one with the role ledger' },
      'unproven',
    );
  const former = (enrolled.previous ?? []).flatMap(({ keyid, size, root }) => {
    const key: PublicKeyRecord | undefined = trust.key(keyid);
    return key === undefined ? [] : [{ key, size, root }];
  });
  return { current, former };
}

/** The key to write with, when the acting person has it. */
export async function ledgerSigningKey(session: Session, { current }: LedgerKeys): Promise<SigningKey | undefined> {
  if (session.standing.kind === 'local') return localKey(session);
  return session.keys.find(({ keyid }) => keyid === current.keyid);
}

/** As witnesses and auditors need them: the current key first, then former ones with their end, newest first. */
export function verifierKeys({ origin }: Session, { current, former }: LedgerKeys): readonly VerifierKey[] {
  const verifier = ({ spki }: PublicKeyRecord): VerifierKey => ({
    name: origin,
    publicKey: rawEd25519(Buffer.from(spki, 'base64')),
    use: 'log',
  });
  return [verifier(current), ...former.map(({ key, size }) => ({ ...verifier(key), until: size })).reverse()];
}

/** What a command says that needs a ledger where there is none. */
export function noLedger(message = 'this project has no ledger yet'): VallumError {
  return new VallumError('LEDGER_NONE', message, { fix: 'run vallum check first' }, 'unproven');
}

function localKey(session: Session): Promise<SigningKey> {
  return ownKey(session.disk, session.keysFolder, LOCAL_LEDGER);
}
