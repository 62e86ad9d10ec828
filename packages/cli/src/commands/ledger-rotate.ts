// `vallum ledger rotate`: gives the project's ledger a new key. The root signs down where the old key ended; the holder of
// the ledger goes on with the new one at his next command. Nobody may write meanwhile, so the lock is held.
import { randomBytes } from 'node:crypto';
import { VallumError, writeDurably } from '@vallum/core';
import { lockLedger } from '@vallum/ledger';
import { generateKey, publicRecord, readKeyFolder, rotateLedgerKey, writeKeyFile } from '@vallum/trust';
import type { Answer, Io } from '../answer.js';
import { EXIT } from '../exit.js';
import { printable } from '../output/style.js';
import { noLedger } from '../project/ledger-key.js';
import { closeProjectLedger, openProjectLedger } from '../project/log.js';
import { openSession, trustOf } from '../project/session.js';

const YEAR_MS = 365 * 24 * 3600 * 1000;

export async function rotateCommand(io: Io): Promise<Answer> {
  const session = await openSession(io);
  const trust = trustOf(session);
  const { disk, paths, origin } = session;
  const root = (await readKeyFolder(disk, io.keysFolder)).find(({ keyid }) => keyid === trust.rootFingerprint);
  if (trust.local || root === undefined)
    throw new VallumError('TRUST_ROOT', `the root key of trust.json is not in ${io.keysFolder}`, {
      fix: 'set VALLUM_KEYS to where the root key is',
    });
  const enrolled = trust.ledgers.find((ledger) => ledger.origin === origin);
  const owner = enrolled === undefined ? undefined : trust.principalOf(enrolled.keyid);
  if (enrolled === undefined || owner === undefined)
    throw new VallumError('LEDGER_NOT_ENROLLED', `trust.json enrols no key for the ledger ${origin}`, {
      fix: 'enrol one with the role ledger',
    });
  const release = await lockLedger(disk, paths.ledger);
  try {
    const ledger = await openProjectLedger(session);
    await closeProjectLedger(session, ledger);
    if (ledger.checkpoint === '') throw noLedger();
    const now = io.clock();
    // A name of its own each time: a run that died before trust.json was written leaves its key, and is in nobody's way.
    const key = generateKey(`ledger-${randomBytes(4).toString('hex')}`, 'ed25519');
    const window = { notBefore: now.toISOString(), notAfter: new Date(now.getTime() + 2 * YEAR_MS).toISOString() };
    const { size, root: rootHash } = ledger;
    const rotation = { origin, key: publicRecord(key), ...window, size, root: rootHash };
    const bytes = rotateLedgerKey(trust, rotation, root, now);
    const keyPath = await writeKeyFile(disk, `${io.keysFolder}/${owner.id}`, key);
    await writeDurably(disk, paths.trust, bytes);
    return {
      exit: EXIT.pass,
      text: [
        `The ledger ${origin} has a new key, from entry ${size} on: ${key.keyid.slice(0, 12)}`,
        `  it is in ${printable(keyPath)}, for ${printable(owner.id)}; the old key counts for nothing after entry ${size}`,
        '  hand the new trust.json to everybody, and the new key (vallum ledger key) to witnesses and auditors',
      ].join('\n'),
      json: {
        schema: 'vallum/ledger-rotate/v1',
        origin,
        size,
        root: rootHash,
        keyid: key.keyid,
        former: enrolled.keyid,
        principal: owner.id,
        key: keyPath,
      },
    };
  } finally {
    await release();
  }
}
