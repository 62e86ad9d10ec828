// Which CI jobs the keys in the ledger belong to. Files travel from a job to the ledger in any order, and the order of the
// log decides what counts: identity statements that wait are therefore entered before all else that waits.
import type { EnteredStatement, Ledger } from '@vallum/ledger';
import { readInbox, readStatements } from '@vallum/ledger';
import type { Signed } from '@vallum/trust';
import { doubtAboutStatement, envelopeOf, IDENTITY_TYPE } from '@vallum/trust';
import type { Session } from './session.js';
import { trustOf } from './session.js';

/** From the log and from the inbox; nothing is read where trust.json pins no issuer. */
export async function learnIdentities(session: Session, ledger: Ledger): Promise<void> {
  if (!hasIssuers(session)) return;
  learnEntered(session, await readStatements(ledger, IDENTITY_TYPE));
  for (const signed of await waitingIdentities(session)) session.identities?.learn({ keyid: signed.keyid, signed });
}

export function learnEntered({ identities }: Session, entered: readonly EnteredStatement[]): void {
  for (const { index, entry, signed } of entered)
    if (entry.type === IDENTITY_TYPE)
      identities?.learn({ keyid: entry.key, index, ...(signed === undefined ? {} : { signed }) });
}

/** Those that do not count stay, to be set aside with their reason like everything else. */
export async function enterIdentities(session: Session, ledger: Ledger): Promise<void> {
  if (!hasIssuers(session)) return;
  const waiting = await waitingIdentities(session);
  for (const signed of waiting) session.identities?.learn({ keyid: signed.keyid, signed });
  const good = waiting.filter((signed) => doubtAboutStatement(trustOf(session), signed) === undefined);
  if (good.length > 0) await ledger.append(good.map(envelopeOf));
}

async function waitingIdentities({ disk, paths }: Session): Promise<readonly Signed[]> {
  const waiting = await readInbox(disk, paths.inbox);
  return waiting.filter(({ statement }) => statement.predicateType === IDENTITY_TYPE);
}

function hasIssuers(session: Session): boolean {
  return trustOf(session).issuers.length > 0;
}
