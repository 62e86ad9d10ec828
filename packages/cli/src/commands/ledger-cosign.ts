// `vallum ledger key` and `vallum ledger cosign`: what a witness needs to know of this ledger, and its cosignature.
import { VallumError } from '@vallum/core';
import { askWitness, encodeLogKey, postTo, readVkey } from '@vallum/ledger';
import type { Answer, Io } from '../answer.js';
import { EXIT } from '../exit.js';
import { printable } from '../output/style.js';
import { keepCosigned } from '../project/cosigned.js';
import { ledgerKeys, noLedger, verifierKeys } from '../project/ledger-key.js';
import { closeProjectLedger, openProjectLedger } from '../project/log.js';
import { openSession } from '../project/session.js';

export async function ledgerKeyCommand(io: Io): Promise<Answer> {
  const session = await openSession(io);
  const [vkey = '', ...former] = verifierKeys(session, await ledgerKeys(session)).map(encodeLogKey);
  return {
    exit: EXIT.pass,
    text: [vkey, ...former].join('\n'),
    json: { schema: 'vallum/ledger-key/v1', origin: session.origin, vkey, former },
  };
}

export async function cosignCommand(
  io: Io,
  options: { readonly witness: string; readonly key: string },
): Promise<Answer> {
  const witness = readVkey(options.key);
  if (witness.use !== 'witness')
    throw new VallumError('WITNESS_KEY', `the key of ${witness.name} is that of a log, not of a witness`, {
      fix: 'give what the witness prints when it starts',
    });
  const post = postTo(options.witness);
  const session = await openSession(io);
  const ledger = await openProjectLedger(session);
  try {
    if (ledger.checkpoint === '') throw noLedger();
    const { note, at } = await askWitness(ledger, witness, post);
    await keepCosigned(session, ledger, note);
    return {
      exit: EXIT.pass,
      text: `${printable(witness.name)} cosigned ${ledger.size} entries of ${ledger.origin} at ${at.toISOString()}`,
      json: {
        schema: 'vallum/ledger-cosign/v1',
        origin: ledger.origin,
        size: ledger.size,
        root: ledger.root,
        witness: witness.name,
        at: at.toISOString(),
      },
    };
  } finally {
    await closeProjectLedger(session, ledger);
  }
}
