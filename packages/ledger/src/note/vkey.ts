// Verifier keys of signed notes as one word: `name+key id+base64(type || public key)` (C2SP signed-note). People copy them
// between machines, so the key id is checked: a word that was cut or mistyped is refused.
import { VallumError } from '@vallum/core';
import { COSIGNATURE } from './cosignature.js';
import type { ReadCheckpoint } from './checkpoint.js';
import { ED25519, isSignedBy, keyIdOf, type NoteVerifier } from './signed-note.js';

export interface VerifierKey extends NoteVerifier {
  /** What the key signs: checkpoints of a log, or cosignatures of a witness. */
  readonly use: 'log' | 'witness';
  /** Of a former key of a log: the most entries that a checkpoint by it may speak of. */
  readonly until?: number;
}

const TYPES = { log: ED25519, witness: COSIGNATURE } as const;
const VKEY = /^([^\s+\p{Cc}\p{Cf}]{1,200})\+([0-9a-f]{8})\+([A-Za-z0-9+/]{44})$/u;

export function encodeVkey(key: VerifierKey): string {
  const type = TYPES[key.use];
  const material = Buffer.concat([Buffer.from([type]), key.publicKey]);
  return `${key.name}+${keyIdOf(key, type).toString('hex')}+${material.toString('base64')}`;
}

/** As `vallum ledger key` prints it: a former key of a log ends in `@` and the number of entries with which it ended. */
export function encodeLogKey(key: VerifierKey): string {
  return key.until === undefined ? encodeVkey(key) : `${encodeVkey(key)}@${key.until}`;
}

/** A key with an end, or without. @throws VallumError `NOTE_VKEY` */
export function readLogKey(text: string): VerifierKey {
  const [, vkey = text, digits] = /^(.*)@(0|[1-9]\d{0,15})$/.exec(text) ?? [];
  const key = readVkey(vkey);
  return digits === undefined ? key : { ...key, until: Number(digits) };
}

/** True when the checkpoint carries a good signature by this key and does not go beyond its end. */
export function isSignedByKey({ note, size }: ReadCheckpoint, key: VerifierKey): boolean {
  return (key.until === undefined || size <= key.until) && isSignedBy(note, key);
}

/** @throws VallumError `NOTE_VKEY` */
export function readVkey(text: string): VerifierKey {
  const [, name, id, base64] = VKEY.exec(text) ?? [];
  if (name === undefined || base64 === undefined) throw invalid('it does not have the form name+key id+key');
  const material = Buffer.from(base64, 'base64');
  const use = material[0] === ED25519 ? 'log' : material[0] === COSIGNATURE ? 'witness' : undefined;
  if (use === undefined || material.length !== 33) throw invalid('it is not an Ed25519 key of a log or a witness');
  const key: VerifierKey = { name, publicKey: material.subarray(1), use };
  if (keyIdOf(key, TYPES[use]).toString('hex') !== id) throw invalid('its key id is not that of its key');
  return key;
}

function invalid(why: string): VallumError {
  return new VallumError('NOTE_VKEY', `this is not a verifier key: ${why}`, {
    fix: 'copy the whole word that `vallum ledger key` or the witness prints',
  });
}
