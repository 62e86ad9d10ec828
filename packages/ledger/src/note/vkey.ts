// Verifier keys of signed notes as one word: `name+key id+base64(type || public key)` (C2SP signed-note). People copy them
// between machines, so the key id is checked: a word that was cut or mistyped is refused.
import { VallumError } from '@vallum/core';
import { COSIGNATURE } from './cosignature.js';
import { ED25519, keyIdOf, type NoteVerifier } from './signed-note.js';

export interface VerifierKey extends NoteVerifier {
  /** What the key signs: checkpoints of a log, or cosignatures of a witness. */
  readonly use: 'log' | 'witness';
}

const TYPES = { log: ED25519, witness: COSIGNATURE } as const;
const VKEY = /^([^\s+\p{Cc}\p{Cf}]{1,200})\+([0-9a-f]{8})\+([A-Za-z0-9+/]{44})$/u;

export function encodeVkey(key: VerifierKey): string {
  const type = TYPES[key.use];
  const material = Buffer.concat([Buffer.from([type]), key.publicKey]);
  return `${key.name}+${keyIdOf(key, type).toString('hex')}+${material.toString('base64')}`;
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
