// The body of `add-checkpoint` (C2SP tlog-witness): the size that the log believes the witness saw last, a consistency proof
// from there, and the new checkpoint. Anybody may send one, so it is bounded and has one form.
import { isSha256, VallumError, type Sha256 } from '@vallum/core';

export interface AddCheckpoint {
  readonly oldSize: number;
  readonly hashes: readonly Sha256[];
  /** The signed note, not yet read. */
  readonly checkpoint: string;
}

/** Bytes of the longest body: 63 hashes and a note with many signatures. */
export const MOST_REQUEST_BYTES = 80 * 1024;

const MOST_HASHES = 63;
const OLD = /^old (0|[1-9]\d{0,15})$/;

export function writeAddCheckpoint({ oldSize, hashes, checkpoint }: AddCheckpoint): string {
  const lines = hashes.map((hash) => `${Buffer.from(hash, 'hex').toString('base64')}\n`);
  return `old ${oldSize}\n${lines.join('')}\n${checkpoint}`;
}

/** @throws VallumError `WITNESS_REQUEST` */
export function readAddCheckpoint(body: string): AddCheckpoint {
  if (Buffer.byteLength(body) > MOST_REQUEST_BYTES) throw invalid('it is too long');
  const cut = body.indexOf('\n\n');
  if (cut < 0) throw invalid('it has no checkpoint');
  const [first = '', ...lines] = body.slice(0, cut).split('\n');
  const [, digits] = OLD.exec(first) ?? [];
  const oldSize = Number(digits);
  if (digits === undefined || !Number.isSafeInteger(oldSize)) throw invalid('its first line is not an old size');
  if (lines.length > MOST_HASHES) throw invalid(`it has more than ${MOST_HASHES} hashes`);
  const hashes = lines.map((line) => {
    const bytes = Buffer.from(line, 'base64');
    const hash = bytes.toString('hex');
    if (bytes.toString('base64') !== line || !isSha256(hash)) throw invalid('a hash is broken');
    return hash;
  });
  return { oldSize, hashes, checkpoint: body.slice(cut + 2) };
}

function invalid(why: string): VallumError {
  return new VallumError('WITNESS_REQUEST', `this is not a request to a witness: ${why}`);
}
