// C2SP signed notes with Ed25519 keys: a text, a blank line, and lines `— name base64(key id || signature)`.
// An attacker controls the whole note: size, number of lines and the encoding are bounded, and base64 must be canonical,
// so that no byte of a signature line can change without notice.
import { createPublicKey, hash, sign, verify, type KeyObject } from 'node:crypto';
import { VallumError } from '@vallum/core';

export interface NoteVerifier {
  readonly name: string;
  /** The 32 raw bytes of an Ed25519 public key. */
  readonly publicKey: Uint8Array;
}

export interface NoteSignature {
  readonly name: string;
  /** Key id, 4 bytes, and signature. */
  readonly bytes: Uint8Array;
}

export interface ParsedNote {
  /** With its last line break, as it was signed. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

const MOST_BYTES = 64 * 1024;
const MOST_SIGNATURES = 100;
export const ED25519 = 0x01;
const KEY_ID_BYTES = 4;
/** DER of a SubjectPublicKeyInfo for Ed25519 (RFC 8410), up to the 32 bytes of the key. */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const SIGNATURE_LINE = /^— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/u;

/** SHA-256(name || 0x0A || signature type || public key)[:4]; the type is that of a plain Ed25519 signature by default. */
export function keyIdOf({ name, publicKey }: NoteVerifier, type: number = ED25519): Buffer {
  const input = Buffer.concat([Buffer.from(`${name}\n`), Buffer.from([type]), publicKey]);
  return hash('sha256', input, 'buffer').subarray(0, KEY_ID_BYTES);
}

/** @param text ends with a line break @param name has no space and no plus */
export function signNote(text: string, verifier: NoteVerifier, privateKey: KeyObject): string {
  const signature = sign(null, Buffer.from(text), privateKey);
  const line = Buffer.concat([keyIdOf(verifier), signature]).toString('base64');
  return `${text}\n— ${verifier.name} ${line}\n`;
}

/** The note with only those of its signature lines that are wanted, as they stood. */
export function withLines(note: ParsedNote, wanted: readonly NoteSignature[]): string {
  const lines = wanted.map(({ name, bytes }) => `— ${name} ${Buffer.from(bytes).toString('base64')}\n`);
  return `${note.text}\n${lines.join('')}`;
}

/** @throws VallumError `NOTE_INVALID`; says nothing about the signatures */
export function parseNote(note: string): ParsedNote {
  if (Buffer.byteLength(note) > MOST_BYTES) throw invalid(`it is longer than ${MOST_BYTES} bytes`);
  // A control character could hide a line from a person who reads the note: the format forbids them.
  if (!note.isWellFormed() || hasControls(note)) throw invalid('it holds characters that a note must not have');
  const cut = note.lastIndexOf('\n\n');
  if (cut < 0 || !note.endsWith('\n')) throw invalid('the signature lines are missing');
  const lines = note.slice(cut + 2, -1).split('\n');
  if (lines.length > MOST_SIGNATURES) throw invalid(`it has more than ${MOST_SIGNATURES} signatures`);
  return { text: note.slice(0, cut + 1), signatures: lines.map(signatureLine) };
}

export function signatureLine(line: string): NoteSignature {
  const [, name, base64] = SIGNATURE_LINE.exec(line) ?? [];
  if (name === undefined || base64 === undefined) throw invalid('a signature line is broken');
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.toString('base64') !== base64 || bytes.length <= KEY_ID_BYTES) throw invalid('a signature is broken');
  return { name, bytes };
}

function hasControls(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if ((code < 0x20 && code !== 0x0a) || code === 0x7f) return true;
  }
  return false;
}

/** True when the note has a signature by this key and every one that claims this key is good. */
export function isSignedBy(note: ParsedNote, verifier: NoteVerifier): boolean {
  const claims = claimsOf(note, verifier.name, keyIdOf(verifier));
  if (claims.length === 0) return false;
  const key = publicKeyOf(verifier.publicKey);
  const text = Buffer.from(note.text);
  return claims.every((signature) => verify(null, text, key, signature));
}

/** True when the line claims this key; says nothing about the signature. */
export function isLineOf({ name, bytes }: NoteSignature, key: NoteVerifier): boolean {
  return name === key.name && keyIdOf(key).equals(bytes.subarray(0, KEY_ID_BYTES));
}

/** What stands behind the key id in every line that claims this name and key id. */
export function claimsOf(note: ParsedNote, name: string, id: Uint8Array): readonly Uint8Array[] {
  return note.signatures
    .filter((line) => line.name === name && Buffer.compare(line.bytes.subarray(0, KEY_ID_BYTES), id) === 0)
    .map(({ bytes }) => bytes.subarray(KEY_ID_BYTES));
}

/** @param raw the 32 bytes of an Ed25519 public key */
export function publicKeyOf(raw: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: 'der', type: 'spki' });
}

/** The raw key of an Ed25519 SubjectPublicKeyInfo. @throws VallumError `NOTE_KEY` for any other kind of key */
export function rawEd25519(spki: Uint8Array): Uint8Array {
  const raw = spki.subarray(SPKI_PREFIX.length);
  if (raw.length !== 32 || !SPKI_PREFIX.equals(spki.subarray(0, SPKI_PREFIX.length)))
    throw new VallumError('NOTE_KEY', 'the key of a ledger must be an Ed25519 key', {
      fix: 'give a key made for the ledger',
    });
  return raw;
}

function invalid(why: string): VallumError {
  return new VallumError('NOTE_INVALID', `this is not a signed note: ${why}`);
}
