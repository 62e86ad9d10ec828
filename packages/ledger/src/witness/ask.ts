// Asks a witness for its cosignature on the log's newest checkpoint. The witness, or whoever sits in between, may answer
// anything: only a line that verifies with the key given for it is kept.
import { VallumError, type Sha256 } from '@vallum/core';
import { cosignedAt } from '../note/cosignature.js';
import { readCheckpoint } from '../note/checkpoint.js';
import { parseNote, withLines } from '../note/signed-note.js';
import type { VerifierKey } from '../note/vkey.js';
import { writeAddCheckpoint } from './request.js';

/** Posts a body to the witness. Answers are cut at a few KiB by whoever does it. */
export type Post = (body: string) => Promise<{ readonly status: number; readonly body: string }>;

/** What asking needs of a ledger. */
export interface WitnessedLog {
  readonly checkpoint: string;
  readonly size: number;
  consistency(oldSize: number): { readonly hashes: readonly Sha256[] };
}

export interface Cosigned {
  /** The checkpoint with the log's signatures and this witness's line. */
  readonly note: string;
  readonly at: Date;
}

/** Others may have brought the witness forward between two requests. */
const TRIES = 3;

/**
 * @throws VallumError `WITNESS_CONFLICT` (refused: the witness saw another history), `WITNESS_AHEAD`, `WITNESS_REFUSED`,
 *   `WITNESS_ANSWER`, or of `post`
 */
export async function askWitness(log: WitnessedLog, witness: VerifierKey, post: Post): Promise<Cosigned> {
  const { checkpoint, size } = log;
  let oldSize = 0;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const hashes = oldSize === 0 ? [] : log.consistency(oldSize).hashes;
    const answer = await post(writeAddCheckpoint({ oldSize, hashes, checkpoint }));
    if (answer.status === 200) return cosignedNote(checkpoint, answer.body, witness);
    if (answer.status === 422) throw conflict(oldSize);
    if (answer.status !== 409) throw refused(answer);
    const known = /^(0|[1-9]\d{0,15})\n$/.test(answer.body) ? Number(answer.body) : Number.NaN;
    if (!Number.isSafeInteger(known)) throw unusable('it answered 409 without a size');
    if (known > size)
      throw new VallumError(
        'WITNESS_AHEAD',
        `the witness has seen ${known} entries of this log, and here are only ${size}: the log was rolled back or forked`,
        { fix: 'restore the ledger from a copy that has them' },
        'unproven',
      );
    if (known === oldSize) throw conflict(known);
    oldSize = known;
  }
  throw unusable('others move it forward faster than this log can ask');
}

function cosignedNote(checkpoint: string, body: string, witness: VerifierKey): Cosigned {
  const log = readCheckpoint(checkpoint);
  let at: Date | undefined;
  let lines: ReturnType<typeof parseNote>['signatures'] = [];
  try {
    lines = parseNote(`${log.note.text}\n${body}`).signatures.filter(({ name }) => name === witness.name);
    at = cosignedAt({ text: log.note.text, signatures: lines }, witness);
  } catch {
    at = undefined;
  }
  if (at === undefined) throw unusable('its cosignature does not verify with the key given for it');
  return { note: withLines(log.note, [...log.note.signatures, ...lines]), at };
}

function conflict(size: number): VallumError {
  return new VallumError(
    'WITNESS_CONFLICT',
    `the witness saw another history of this log at ${size} entries: it was rewritten, or a copy of it was`,
    { fix: 'compare with older receipts: vallum ledger compare' },
    'unproven',
  );
}

function refused({ status, body }: { readonly status: number; readonly body: string }): VallumError {
  return new VallumError(
    'WITNESS_REFUSED',
    `the witness answered ${status}: ${JSON.stringify(body.trim().slice(0, 200))}`,
    { fix: status === 404 || status === 403 ? 'have the witness add the key of this log' : 'ask its operator' },
    'unproven',
  );
}

function unusable(why: string): VallumError {
  return new VallumError('WITNESS_ANSWER', `the witness cannot be used: ${why}`, {}, 'unproven');
}
