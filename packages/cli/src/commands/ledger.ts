// `vallum ledger fsck`: rebuilds every tile from the entries and every id from its envelope, and names what differs.
import { fsck, handoverKey, readCheckpoint } from '@vallum/ledger';
import type { PublicKeyRecord } from '@vallum/trust';
import type { Answer, Io } from '../answer.js';
import { EXIT } from '../exit.js';
import { printable } from '../output/style.js';
import { LOCAL_LEDGER, ledgerKeys, noLedger } from '../project/ledger-key.js';
import type { Session } from '../project/session.js';
import { openSession } from '../project/session.js';

const SHOWN = 20;
const MAX_NOTE_BYTES = 64 * 1024;

export async function fsckCommand(io: Io): Promise<Answer> {
  const session = await openSession(io);
  const { disk, paths } = session;
  if ((await disk.stat(paths.ledger)) === undefined) throw noLedger();
  io.progress.say('rebuilding the ledger');
  const report = await fsck({
    disk,
    dir: paths.ledger,
    statementsDir: paths.statements,
    publicKey: await publicKey(session),
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

/** Until its holder has gone on with a new key, the checkpoint with which the last key ended is the one that counts. */
async function publicKey(session: Session): Promise<PublicKeyRecord> {
  const { standing, disk, paths } = session;
  if (standing.kind === 'local' && !session.keys.some(({ name }) => name === LOCAL_LEDGER))
    throw noLedger('this machine has no ledger of this project yet');
  const keys = await ledgerKeys(session);
  if (keys.former.length === 0) return keys.current;
  const text = Buffer.from(await disk.read(`${paths.ledger}/checkpoint`, MAX_NOTE_BYTES)).toString('utf8');
  try {
    return handoverKey(readCheckpoint(text), keys) ?? keys.current;
  } catch {
    // What is wrong with it is for the report to say.
    return keys.current;
  }
}
