// Cosignatures of witnesses (C2SP tlog-cosignature, Ed25519): "at this time, the largest tree of this log that I saw, and
// that goes on from all that I saw before, has this root". The time is the witness's own and signed.
import { sign, verify, type KeyObject } from 'node:crypto';
import { claimsOf, keyIdOf, publicKeyOf, type NoteVerifier, type ParsedNote } from './signed-note.js';

/** Signature type of a timestamped Ed25519 cosignature. */
export const COSIGNATURE = 0x04;

const TIME_BYTES = 8;
const SIGNATURE_BYTES = 64;

function message(noteText: string, seconds: bigint): Buffer {
  return Buffer.from(`cosignature/v1\ntime ${seconds}\n${noteText}`);
}

/** A signature line, with its line break. @param time is cut to whole seconds */
export function cosign(noteText: string, witness: NoteVerifier, privateKey: KeyObject, time: Date): string {
  const seconds = BigInt(Math.floor(time.getTime() / 1000));
  const stamp = Buffer.alloc(TIME_BYTES);
  stamp.writeBigUInt64BE(seconds);
  const signature = sign(null, message(noteText, seconds), privateKey);
  const line = Buffer.concat([keyIdOf(witness, COSIGNATURE), stamp, signature]);
  return `— ${witness.name} ${line.toString('base64')}\n`;
}

/** When this witness cosigned the note: its latest good cosignature. A bad one in its name spoils all. */
export function cosignedAt(note: ParsedNote, witness: NoteVerifier): Date | undefined {
  const times = claimsOf(note, witness.name, keyIdOf(witness, COSIGNATURE)).map((claim) => {
    if (claim.length !== TIME_BYTES + SIGNATURE_BYTES) return undefined;
    const seconds = Buffer.from(claim).readBigUInt64BE();
    const good = verify(null, message(note.text, seconds), publicKeyOf(witness.publicKey), claim.subarray(TIME_BYTES));
    return good && seconds <= BigInt(Number.MAX_SAFE_INTEGER) / 1000n ? Number(seconds) * 1000 : undefined;
  });
  if (times.length === 0) return undefined;
  const known = times.filter((time) => time !== undefined);
  return known.length === times.length ? new Date(Math.max(...known)) : undefined;
}
