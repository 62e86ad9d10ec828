// DSSE envelopes, one form only. The attacker controls every byte: several signatures, unknown fields, duplicate keys,
// base64 with spare bits or another alphabet and sheer size are refused, and the envelope must be the canonical JSON of
// its fields, so one signature has exactly one file. Format: DSSE v1.0.2 (github.com/secure-systems-lab/dsse).
import { sign, verify } from 'node:crypto';
import type { JsonValue, Sha256, Statement } from '@vallum/core';
import { canonicalJson, parseJsonStrict } from '@vallum/core';
import { digestOf, fieldsOf, listOf } from './fields.js';
import type { PublicKeyRecord, SigningKey } from './keys.js';
import { publicKeyOf } from './keys.js';
import { PAYLOAD_TYPE, preAuthEncoding, statementId } from './pae.js';
import { distrust, misuse } from './refusal.js';
import { readStatement } from './statement-form.js';

/** Largest envelope that is read or written, in bytes. */
export const MAX_ENVELOPE_BYTES = 2 * 1024 * 1024;
const SIGNATURE_BYTES = 64;

export interface Signed {
  /** SHA-256 of the pre-authentication encoding. */
  readonly id: Sha256;
  readonly keyid: Sha256;
  readonly statement: Statement;
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * The canonical envelope of a statement, signed with Ed25519.
 * @throws VallumError `ENVELOPE_KEY` for a key of another algorithm, `TRUST_FORMAT` for a malformed statement
 */
export function signStatement(statement: Statement<object>, key: SigningKey): Uint8Array {
  if (key.algorithm !== 'ed25519')
    throw misuse(
      'ENVELOPE_KEY',
      `the key ${key.name} is ${key.algorithm}, statements are signed with Ed25519`,
      'use another key',
    );
  const payload = Buffer.from(canonicalJson(statement as unknown as JsonValue));
  readStatement(parseJsonStrict(payload));
  const signature = sign(null, preAuthEncoding(payload), key.privateKey);
  const bytes = encode(payload, key.keyid, signature);
  if (bytes.length > MAX_ENVELOPE_BYTES)
    throw misuse('ENVELOPE_SIZE', `the statement needs ${bytes.length} bytes, more than ${MAX_ENVELOPE_BYTES}`);
  return bytes;
}

function encode(payload: Uint8Array, keyid: string, signature: Uint8Array): Buffer {
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
  return Buffer.from(
    canonicalJson({
      payload: base64(payload),
      payloadType: PAYLOAD_TYPE,
      signatures: [{ keyid, sig: base64(signature) }],
    }),
  );
}

/**
 * Parses an envelope strictly; no signature is checked here.
 * @throws VallumError `ENVELOPE_*`, `TRUST_FORMAT` or `JSON_INVALID`
 */
export function readEnvelope(bytes: Uint8Array): Signed {
  const json = parseJsonStrict(bytes, { maxBytes: MAX_ENVELOPE_BYTES, maxDepth: 4 });
  const envelope = fieldsOf(json, 'the envelope', ['payload', 'payloadType', 'signatures']);
  if (envelope['payloadType'] !== PAYLOAD_TYPE)
    throw distrust('ENVELOPE_TYPE', `the envelope does not carry ${PAYLOAD_TYPE}`);
  const signatures = listOf(envelope['signatures'], 'the list of signatures', 1);
  const only = fieldsOf(signatures[0], 'the signature', ['keyid', 'sig']);
  const keyid = digestOf(only['keyid'], 'the key id of the signature');
  const signature = decodeBase64(only['sig'], 'the signature');
  const payload = decodeBase64(envelope['payload'], 'the payload');
  if (signature.length !== SIGNATURE_BYTES)
    throw distrust('ENVELOPE_SIGNATURE', 'the signature does not have 64 bytes');
  // Node's decoder skips what is not base64, so only the way back shows that nothing was skipped.
  if (!encode(payload, keyid, signature).equals(bytes))
    throw distrust(
      'ENVELOPE_FORM',
      'the envelope is not in its canonical form (JSON without spaces, base64 without slack)',
    );
  const statement = readStatement(parseJsonStrict(payload, { maxBytes: MAX_ENVELOPE_BYTES }));
  return { id: statementId(payload), keyid, statement, payload, signature };
}

/** The envelope that a statement was read from: there is only one form. */
export function envelopeOf({ payload, keyid, signature }: Signed): Uint8Array {
  return encode(payload, keyid, signature);
}

function decodeBase64(value: JsonValue | undefined, where: string): Buffer {
  if (typeof value !== 'string') throw distrust('ENVELOPE_BASE64', `${where} is not base64`);
  return Buffer.from(value, 'base64');
}

/** True only for an Ed25519 signature by exactly this key over exactly this payload. */
export function verifySignature(signed: Signed, key: PublicKeyRecord): boolean {
  if (signed.keyid !== key.keyid || key.algorithm !== 'ed25519') return false;
  return verify(null, preAuthEncoding(signed.payload), publicKeyOf(key), signed.signature);
}
