// A receipt: the proof that an entry is in a log, as one file that needs nothing else but keys (C2SP tlog-proof). Whoever
// keeps one can convict a log that was rewritten later. Its maker is the attacker: numbers, hashes and sizes are bounded
// and have one form each.
import { isSha256, VallumError, type Sha256 } from '@vallum/core';
import { readCheckpoint, type ReadCheckpoint } from '../note/checkpoint.js';

export interface Receipt {
  /** Bytes that nobody signed; Vallum puts the entry here, which the proof then shows to be the logged one. */
  readonly extra?: Uint8Array;
  readonly index: number;
  /** From the leaf's sibling upwards. */
  readonly hashes: readonly Sha256[];
  /** The signed note as it stood. */
  readonly checkpoint: string;
}

export interface ReadReceipt extends Receipt {
  readonly read: ReadCheckpoint;
}

const HEADER = 'c2sp.org/tlog-proof@v1';
const MOST_BYTES = 256 * 1024;
const MOST_HASHES = 63;
const INDEX = /^index (0|[1-9]\d{0,15})$/;

export function writeReceipt({ extra, index, hashes, checkpoint }: Receipt): string {
  const lines = [
    HEADER,
    ...(extra === undefined ? [] : [`extra ${Buffer.from(extra).toString('base64')}`]),
    `index ${index}`,
    ...hashes.map((hash) => Buffer.from(hash, 'hex').toString('base64')),
  ];
  return `${lines.join('\n')}\n\n${checkpoint}`;
}

/** Reads strictly and verifies nothing. @throws VallumError `RECEIPT_INVALID`, `NOTE_INVALID`, `CHECKPOINT_INVALID` */
export function readReceipt(text: string): ReadReceipt {
  if (Buffer.byteLength(text) > MOST_BYTES) throw invalid(`it is longer than ${MOST_BYTES} bytes`);
  const cut = text.indexOf('\n\n');
  if (cut < 0) throw invalid('it has no checkpoint');
  const [header, ...lines] = text.slice(0, cut).split('\n');
  if (header !== HEADER) throw invalid(`its first line is not ${HEADER}`);
  const extra = lines[0]?.startsWith('extra ') === true ? base64Of(lines.shift()?.slice(6) ?? '', 'extra') : undefined;
  const [, digits] = INDEX.exec(lines.shift() ?? '') ?? [];
  const index = Number(digits);
  if (digits === undefined || !Number.isSafeInteger(index)) throw invalid('its index line is broken');
  if (lines.length > MOST_HASHES) throw invalid(`it has more than ${MOST_HASHES} hashes`);
  const hashes = lines.map((line) => {
    const hash = base64Of(line, 'hash').toString('hex');
    if (!isSha256(hash)) throw invalid('a hash does not have 32 bytes');
    return hash;
  });
  const checkpoint = text.slice(cut + 2);
  const read = readCheckpoint(checkpoint);
  return { ...(extra === undefined ? {} : { extra }), index, hashes, checkpoint, read };
}

function base64Of(text: string, what: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) throw invalid(`its ${what} is not base64`);
  return bytes;
}

function invalid(why: string): VallumError {
  return new VallumError('RECEIPT_INVALID', `this is not a receipt of a ledger (tlog-proof): ${why}`, {
    fix: 'ask for another one: vallum ledger prove',
  });
}
