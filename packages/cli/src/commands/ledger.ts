// `vallum ledger fsck`: rebuilds every tile from the entries and every id from its envelope, and names what differs.
import { VallumError } from '@vallum/core';
import { fsck } from '@vallum/ledger';
import type { PublicKeyRecord } from '@vallum/trust';
import { publicRecord } from '@vallum/trust';
import type { Answer, Io } from '../answer.js';
import { EXIT } from '../exit.js';
import { printable } from '../output/style.js';
import type { Session } from '../project/session.js';
import { openSession, trustOf } from '../project/session.js';

const SHOWN = 20;

export async function fsckCommand(io: Io): Promise<Answer> {
  const session = await openSession(io);
  const { disk, paths } = session;
  if ((await disk.stat(paths.ledger)) === undefined) throw none('this project has no ledger yet');
  io.progress.say('rebuilding the ledger');
  const report = await fsck({
    disk,
    dir: paths.ledger,
    statementsDir: paths.statements,
    publicKey: publicKey(session),
  });
  const shown = report.problems
    .slice(0, SHOWN)
    .map(({ entry, what }) => `  ${entry === undefined ? 'log' : `entry ${entry}`}: ${printable(what)}`);
  const hidden = report.problems.length - shown.length;
  const text = report.ok
    ? `The ledger is whole: ${report.size} entries, root ${report.root.slice(0, 16)}`
    : [
        `The ledger is damaged: ${report.problems.length} problems`,
        ...shown,
        ...(hidden > 0 ? [`  ... and ${hidden} more`] : []),
      ].join('\n');
  return { exit: report.ok ? EXIT.pass : EXIT.refused, text, json: { schema: 'vallum/ledger-fsck/v1', ...report } };
}

function none(message: string): VallumError {
  return new VallumError('LEDGER_NONE', message, { fix: 'run vallum check first' }, 'unproven');
}

function publicKey(session: Session): PublicKeyRecord {
  if (session.standing.kind === 'local') {
    const key = session.keys.find(({ name }) => name === 'local-ledger');
    if (key !== undefined) return publicRecord(key);
    throw none('this machine has no ledger of this project yet');
  }
  const trust = trustOf(session);
  const enrolled = trust.ledgers.find(({ origin }) => origin === session.origin);
  const key = enrolled === undefined ? undefined : trust.key(enrolled.keyid);
  if (key !== undefined) return key;
  throw new VallumError(
    'LEDGER_NOT_ENROLLED',
    `trust.json enrols no key for the ledger ${session.origin}`,
    { fix: 'enrol one with the role ledger' },
    'unproven',
  );
}
