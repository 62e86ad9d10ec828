// A C2SP tlog-checkpoint: origin, size and root of a log, one line each, as a signed note. The key's name is the origin.
import { isSha256, VallumError, type Sha256 } from '@vallum/core';
import type { PublicKeyRecord, SigningKey } from '@vallum/trust';
import { isSignedBy, parseNote, rawEd25519, signNote, type ParsedNote } from './signed-note.js';

export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Sha256;
}

export interface ReadCheckpoint extends Checkpoint {
  readonly note: ParsedNote;
}

const ORIGIN = /^[\x21-\x2a\x2c-\x7e]{1,200}$/;

/** @throws VallumError `LEDGER_ORIGIN` for a name that a note cannot carry */
export function assertOrigin(origin: string): void {
  if (!ORIGIN.test(origin))
    throw new VallumError('LEDGER_ORIGIN', `not the name of a ledger: ${JSON.stringify(origin.slice(0, 80))}`, {
      fix: 'use letters, digits, dots, dashes and slashes, at most 200',
    });
}

/** @throws VallumError `NOTE_KEY` when the key is not Ed25519 */
export function signCheckpoint({ origin, size, root }: Checkpoint, key: SigningKey): string {
  assertOrigin(origin);
  const publicKey = rawEd25519(key.publicKey.export({ type: 'spki', format: 'der' }));
  const base64 = Buffer.from(root, 'hex').toString('base64');
  return signNote(`${origin}\n${size}\n${base64}\n`, { name: origin, publicKey }, key.privateKey);
}

/** Reads a checkpoint strictly and checks no signature. @throws VallumError `NOTE_INVALID`, `CHECKPOINT_INVALID` */
export function readCheckpoint(text: string): ReadCheckpoint {
  const note = parseNote(text);
  const [origin = '', size = '', base64 = '', end, ...more] = note.text.split('\n');
  const root = Buffer.from(base64, 'base64');
  const hex = root.toString('hex');
  if (!ORIGIN.test(origin)) throw invalid('its origin is broken');
  if (!/^(?:0|[1-9]\d{0,15})$/.test(size) || !Number.isSafeInteger(Number(size))) throw invalid('its size is broken');
  if (!isSha256(hex) || root.toString('base64') !== base64) throw invalid('its root hash is broken');
  if (end !== '' || more.length > 0) throw invalid('it has lines that Vallum does not write');
  return { origin, size: Number(size), root: hex, note };
}

/** True when the checkpoint carries a good signature by this key under its own origin. */
export function isCheckpointSignedBy(checkpoint: ReadCheckpoint, key: PublicKeyRecord): boolean {
  if (key.algorithm !== 'ed25519') return false;
  const publicKey = rawEd25519(Buffer.from(key.spki, 'base64'));
  return isSignedBy(checkpoint.note, { name: checkpoint.origin, publicKey });
}

function invalid(why: string): VallumError {
  return new VallumError('CHECKPOINT_INVALID', `this is not a checkpoint of a ledger: ${why}`);
}
