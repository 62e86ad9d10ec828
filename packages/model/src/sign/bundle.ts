// The outer layer of a model signature: a Sigstore bundle v0.3 around a DSSE envelope, key method.
// Read strictly: the bundle is not signed, so whatever is not known here (a second signature, another encoding of the
// same bytes, a stray field) is refused rather than skipped.
import type { JsonObject, JsonValue } from '@vallum/core';
import { isJsonObject, messageOf, parseJsonStrict } from '@vallum/core';
import { Refusal } from './refusal.js';

export const MEDIA_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';
export const PAYLOAD_TYPE = 'application/vnd.in-toto+json';
/** Enough for the manifest of 100,000 files. */
export const MAX_BUNDLE_BYTES = 64 * 1024 * 1024;

export interface Bundle {
  /** SHA-256 of the PEM public key; undefined in bundles of signers before 1.1. */
  readonly hint: string | undefined;
  readonly payload: Buffer;
  /** ECDSA signature, DER. */
  readonly signature: Buffer;
}

/** DSSE pre-authentication encoding: what is signed. */
export function preAuthEncoding(payload: Uint8Array): Buffer {
  const head = `DSSEv1 ${PAYLOAD_TYPE.length} ${PAYLOAD_TYPE} ${payload.byteLength} `;
  return Buffer.concat([Buffer.from(head), payload]);
}

export function writeBundle(hint: string, payload: Uint8Array, signature: Uint8Array): Uint8Array {
  const bundle = {
    mediaType: MEDIA_TYPE,
    verificationMaterial: { publicKey: { hint }, tlogEntries: [] },
    dsseEnvelope: {
      payload: Buffer.from(payload).toString('base64'),
      payloadType: PAYLOAD_TYPE,
      signatures: [{ sig: Buffer.from(signature).toString('base64'), keyid: '' }],
    },
  };
  return Buffer.from(`${JSON.stringify(bundle)}\n`);
}

/** @throws Refusal with the code of the first rule that is broken */
export function readBundle(bytes: Uint8Array): Bundle {
  const bundle = fields(strictJson(bytes), 'the bundle', ['mediaType', 'verificationMaterial', 'dsseEnvelope']);
  if (bundle['mediaType'] !== MEDIA_TYPE)
    throw new Refusal('media-type', `the signature is not a ${MEDIA_TYPE}, the only bundle that is read`);
  const hint = readHint(bundle['verificationMaterial']);
  const envelope = fields(bundle['dsseEnvelope'], 'the envelope', ['payload', 'payloadType', 'signatures']);
  if (envelope['payloadType'] !== PAYLOAD_TYPE) throw new Refusal('payload-type', `the payload is not ${PAYLOAD_TYPE}`);
  const signatures = envelope['signatures'];
  if (!Array.isArray(signatures) || signatures.length !== 1)
    throw new Refusal('signature-count', 'the envelope must carry exactly one signature');
  const signature = fields((signatures as readonly JsonValue[])[0], 'the signature', ['sig', 'keyid']);
  if (![undefined, null, ''].includes(signature['keyid'] as string | null | undefined))
    throw malformed('the signature names a key id, which the key method does not use');
  return {
    hint,
    payload: base64(envelope['payload'], 'the payload'),
    signature: base64(signature['sig'], 'the signature'),
  };
}

function readHint(value: JsonValue | undefined): string | undefined {
  if (isJsonObject(value) && ('certificate' in value || 'x509CertificateChain' in value))
    throw new Refusal('method-unsupported', 'it was signed with a certificate; only signatures by a key are read');
  const material = fields(value, 'the verification material', [
    'publicKey',
    'tlogEntries',
    'timestampVerificationData',
  ]);
  const entries = material['tlogEntries'];
  if (entries !== undefined && !(Array.isArray(entries) && entries.length === 0))
    throw malformed('a signature by a key has no log entries');
  const stamps = material['timestampVerificationData'];
  if (stamps !== undefined && Object.keys(fields(stamps, 'the timestamp data', [])).length > 0)
    throw malformed('a signature by a key has no timestamps');
  // Before 1.1 the key itself stood here; it is never believed, the trusted keys are tried instead.
  const hint = fields(material['publicKey'], 'the public key', ['hint', 'rawBytes', 'keyDetails'])['hint'];
  if (hint === undefined || hint === null || hint === '') return undefined;
  if (typeof hint !== 'string' || !/^[0-9a-f]{64}$/.test(hint)) throw malformed('the key hint is not a SHA-256');
  return hint;
}

function strictJson(bytes: Uint8Array): JsonValue {
  try {
    return parseJsonStrict(bytes, { maxBytes: MAX_BUNDLE_BYTES, maxDepth: 8 });
  } catch (error) {
    throw malformed(messageOf(error));
  }
}

function fields(value: JsonValue | undefined, what: string, known: readonly string[]): JsonObject {
  if (!isJsonObject(value)) throw malformed(`${what} is not an object`);
  const stray = Object.keys(value).find((key) => !known.includes(key));
  if (stray !== undefined) throw malformed(`${what} has an unknown field ${JSON.stringify(stray.slice(0, 80))}`);
  return value;
}

function base64(value: JsonValue | undefined, what: string): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'base64') : Buffer.alloc(0);
  // Decoders skip what they do not know; only the text that the bytes encode to is accepted.
  if (bytes.length === 0 || bytes.toString('base64') !== value) throw malformed(`${what} is not canonical base64`);
  return bytes;
}

function malformed(why: string): Refusal {
  return new Refusal('bundle-malformed', `the signature file is malformed: ${why}`);
}
