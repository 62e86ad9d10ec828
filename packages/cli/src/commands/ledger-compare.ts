// `vallum ledger compare` and `vallum ledger anchor`: does the log here still go on from what was seen of it before? A
// receipt, a checkpoint or an anchor that does not fit convicts whoever rewrote the log.
import { VallumError } from '@vallum/core';
import type { Comparison, Ledger, LedgerKeys, ReadCheckpoint } from '@vallum/ledger';
import { addAnchor, compareWith, isSignedByLog, readAnchors, readCheckpoint, readReceipt } from '@vallum/ledger';
import type { Answer, Io } from '../answer.js';
import type { ExitCode } from '../exit.js';
import { EXIT } from '../exit.js';
import { printable } from '../output/style.js';
import { ledgerKeys, noLedger } from '../project/ledger-key.js';
import { closeProjectLedger, openProjectLedger } from '../project/log.js';
import { readNamed } from '../project/read-named.js';
import { openSession } from '../project/session.js';

const FILE_BYTES = 256 * 1024;

interface Compared {
  readonly file: string;
  readonly size: number | null;
  readonly result: Comparison | 'unreadable' | 'not signed by this log';
  readonly why?: string;
}

const BAD: readonly Compared['result'][] = ['another history', 'ahead of this log'];

/** The project's ledger, believed by its own keys and this person's memory; what others saw of it is compared by `work`. */
async function withLedger<T>(io: Io, work: (ledger: Ledger, keys: LedgerKeys) => Promise<T>): Promise<T> {
  const session = await openSession(io);
  const keys = await ledgerKeys(session);
  const ledger = await openProjectLedger(session);
  try {
    if (ledger.checkpoint === '') throw noLedger();
    return await work(ledger, keys);
  } finally {
    await closeProjectLedger(session, ledger);
  }
}

export async function compareCommand(io: Io, files: readonly string[]): Promise<Answer> {
  return withLedger(io, async (ledger, keys) => {
    const compared: Compared[] = [];
    for (const file of files) {
      const read = await readNamed(
        io.disk,
        { path: file, name: file, limit: FILE_BYTES, fix: 'give a receipt (tlog-proof) or a checkpoint' },
        (bytes) => checkpointIn(Buffer.from(bytes).toString('utf8')),
      );
      const result = isSignedByLog(read, keys) ? compareWith(ledger, read) : 'not signed by this log';
      compared.push({ file, size: read.size, result });
    }
    return answerOf('vallum/ledger-compare/v1', ledger, compared, {});
  });
}

function checkpointIn(text: string): ReadCheckpoint {
  return text.startsWith('c2sp.org/') ? readReceipt(text).read : readCheckpoint(text);
}

export async function anchorCommand(io: Io, folder: string): Promise<Answer> {
  if ((await io.disk.stat(folder))?.kind !== 'directory')
    throw new VallumError('ANCHOR_FOLDER', `${folder} is not a folder`, {
      fix: 'mount or make the place that keeps anchors',
    });
  return withLedger(io, async (ledger, keys) => {
    const anchors = await readAnchors(io.disk, folder, ledger.origin, (checkpoint) => isSignedByLog(checkpoint, keys));
    const compared = anchors.map(({ path, checkpoint, problem }): Compared =>
      checkpoint === undefined
        ? { file: path, size: null, result: 'unreadable', ...(problem === undefined ? {} : { why: problem }) }
        : { file: path, size: checkpoint.size, result: compareWith(ledger, checkpoint) },
    );
    // A file that is no anchor of this log is told, and no reason to leave none.
    const fits = !compared.some(({ result }) => BAD.includes(result));
    const added = fits ? await addAnchor(io.disk, folder, ledger.checkpoint) : undefined;
    return answerOf('vallum/ledger-anchor/v1', ledger, compared, { added: added ?? null });
  });
}

function answerOf(schema: string, ledger: Ledger, compared: readonly Compared[], more: object): Answer {
  const bad = compared.filter(({ result }) => BAD.includes(result));
  const doubtful = compared.filter(({ result }) => result !== 'same history' && !BAD.includes(result));
  const exit: ExitCode = bad.length > 0 ? EXIT.refused : doubtful.length > 0 ? EXIT.notProven : EXIT.pass;
  const head =
    bad.length > 0
      ? `The ledger ${ledger.origin} is not the one that was seen before: it was rewritten or rolled back`
      : doubtful.length > 0
        ? `Not everything could be compared with ${ledger.origin}`
        : `The ledger ${ledger.origin} goes on from everything that was seen before: ${compared.length} compared, ${ledger.size} entries now`;
  const lines = [...bad, ...doubtful].map(
    ({ file, size, result, why }) =>
      `  ${printable(file)}${size === null ? '' : ` (${size} entries)`}: ${result}${why === undefined ? '' : ` (${printable(why)})`}`,
  );
  const added = 'added' in more && typeof more.added === 'string' ? [`Anchored in ${printable(more.added)}`] : [];
  const { origin, size, root } = ledger;
  return {
    exit,
    text: [head, ...lines, ...added].join('\n'),
    json: { schema, origin, size, root, compared, ...more },
  };
}
